// What a source's privileges look like in health and in get_capabilities.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <span>

#include "daemoneye/collector/privilege.hpp"
#include "daemoneye/host/capabilities.hpp"

namespace daemoneye::collector {

/// Returns what the program holds now. If that cannot be read, nothing: a source then counts as unprivileged.
[[nodiscard]] host::Capabilities held_capabilities();

/// Returns {held: [name], missing: [name]}.
[[nodiscard]] boost::json::object sort_privileges(std::span<const Privilege> needed, host::Capabilities held);

/// Returns [{capability, purpose, held}].
[[nodiscard]] boost::json::array describe_privileges(std::span<const Privilege> needed,
                                                     host::Capabilities held);

}  // namespace daemoneye::collector
