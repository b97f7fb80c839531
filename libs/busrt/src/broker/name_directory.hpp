// The registered clients, by name and by number. The number (routing::SubscriberId) stands for the client in
// the subscription table and in the tree of names.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "broker/endpoint.hpp"
#include "broker/name_map.hpp"
#include "routing/name_tree.hpp"
#include "routing/subscriber_list.hpp"

namespace busrt::broker {

/// Belongs to the registry, which guards it by its mutex.
class NameDirectory {
 public:
  /// Reserves all memory that the departure of one more client needs, so that a departure cannot fail.
  void reserve_for_one_more();
  /// Lists the client under its name, which is free, and gives it a number. Call reserve_for_one_more()
  /// first. Changes nothing if it throws.
  void insert(const EndpointRef& endpoint);
  /// Takes a listed client out. Its number stays taken until release_number().
  void erase(const Endpoint& endpoint) noexcept;
  /// Makes the number of a client that was taken out free for others.
  void release_number(std::uint32_t number) noexcept { free_numbers_.push_back(number); }

  /// Returns the client of this name, or null.
  [[nodiscard]] EndpointRef find(std::string_view name) const;
  /// Returns the client of this number, or null if it has left.
  [[nodiscard]] const EndpointRef& at(std::uint32_t number) const noexcept { return by_number_[number]; }
  /// Returns the secondary clients of a primary, in no order.
  [[nodiscard]] std::vector<EndpointRef> secondaries(std::string_view primary) const;
  /// Appends the numbers of all clients whose names match the mask, in no order. Returns its work in steps.
  std::size_t match(std::string_view mask, std::vector<routing::SubscriberId>& found) const {
    return name_tree_.match(mask, found);
  }
  /// All clients by name, in no order.
  [[nodiscard]] const NameMap<EndpointRef>& names() const noexcept { return names_; }
  /// The numbers that were ever given at one time.
  [[nodiscard]] std::size_t numbers() const noexcept { return by_number_.size(); }

 private:
  NameMap<EndpointRef> names_;
  routing::NameTree name_tree_;  // the same names, for masks
  std::vector<EndpointRef> by_number_;
  std::vector<std::uint32_t> free_numbers_;
};

}  // namespace busrt::broker
