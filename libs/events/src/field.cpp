// Names of types, and paths.
#include "daemoneye/events/field.hpp"

namespace daemoneye::events {

std::string_view to_string(Type type) noexcept {
  switch (type) {
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "integer";
    case Type::unsigned_integer:
      return "unsigned integer";
    case Type::unsigned_or_unknown:
      return "unsigned integer or \"unknown\"";
    case Type::real:
      return "number";
    case Type::text:
      return "text";
    case Type::bytes:
      return "bytes";
    case Type::text_list:
      return "list of text";
    case Type::bytes_list:
      return "list of bytes";
    case Type::time:
      return "time";
    case Type::address:
      return "address";
    case Type::object:
      return "object";
  }
  return "unknown";
}

std::string_view to_string(Presence presence) noexcept {
  switch (presence) {
    case Presence::always:
      return "always";
    case Presence::nullable:
      return "or null";
    case Presence::optional:
      return "optional";
  }
  return "unknown";
}

std::string Field::path() const {
  std::string path(name);
  if (object != nullptr) path = object->path() + '.' + path;
  return path;
}

}  // namespace daemoneye::events
