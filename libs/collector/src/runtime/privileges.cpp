// Privileges as JSON.
#include "runtime/privileges.hpp"

namespace daemoneye::collector {

namespace json = boost::json;

host::Capabilities held_capabilities() {
  return host::effective_capabilities().value_or(host::Capabilities());
}

json::object sort_privileges(std::span<const Privilege> needed, host::Capabilities held) {
  json::array has;
  json::array lacks;
  for (const Privilege& privilege : needed) {
    (held.holds(privilege.capability) ? has : lacks).emplace_back(privilege.capability);
  }
  return {{"held", std::move(has)}, {"missing", std::move(lacks)}};
}

json::array describe_privileges(std::span<const Privilege> needed, host::Capabilities held) {
  json::array all;
  for (const Privilege& privilege : needed) {
    all.push_back(json::object{{"capability", privilege.capability},
                               {"purpose", privilege.purpose},
                               {"held", held.holds(privilege.capability)}});
  }
  return all;
}

}  // namespace daemoneye::collector
