// From frames on `events.*` and `health.*` to entries of the account.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "account/account.hpp"

namespace daemoneye_agent {

/// Not thread-safe; `account` outlives it.
class EventIntake {
 public:
  explicit EventIntake(Account& account) : account_(account) {}

  using Time = Account::Time;

  /// A publication. `sender` is the full name on the bus: anybody can add a suffix to a collector's. A frame
  /// on an event topic that is no event, or speaks for another collector than its sender, is refused and
  /// counted. Other topics hold no events: a health record that is not its sender's own has no effect, and
  /// frames on further topics, such as the broker's `.broker/warn` that every client gets, are no business of
  /// the account.
  void take(std::string_view topic, std::string_view sender, std::string_view payload, Time now);
  /// What a collector said of itself by any way; remembers the last number it has given out.
  void health(std::string_view collector, const boost::json::object& health, Time now);
  /// The collector's process has ended. Records that it had numbered and that have not arrived are missing
  /// from now on, unless they arrive later. Without its last health record their number is unknown.
  void ended(std::string_view collector, Time now);

 private:
  struct Announced {
    std::uint64_t epoch = 0;
    std::uint64_t seq = 0;
    bool last = false;  ///< by its last health record
  };
  void take_event(std::string_view sender, std::string_view payload, Time now);

  Account& account_;
  std::map<std::string, Announced, std::less<>> announced_;
};

}  // namespace daemoneye_agent
