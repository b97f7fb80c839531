// Tables by client name.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "routing/keyed_hash.hpp"

namespace busrt::broker {

/// Hash for looking up std::string keys by std::string_view. Clients choose the names, so it is keyed.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return routing::keyed_hash(text); }
};
template <class Value>
using NameMap = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

}  // namespace busrt::broker
