// Fields of what the agent answers, read without trust in their types.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <string_view>

namespace daemoneye_cli {

/// The field's value where it is a whole number from 0 up, else 0.
[[nodiscard]] inline std::uint64_t number_at(const boost::json::object& object, std::string_view key) {
  const auto* found = object.if_contains(key);
  if (found == nullptr) return 0;
  if (const auto* positive = found->if_uint64()) return *positive;
  const auto* integer = found->if_int64();
  return integer != nullptr && *integer > 0 ? static_cast<std::uint64_t>(*integer) : 0;
}

}  // namespace daemoneye_cli
