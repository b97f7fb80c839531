// The words and sentences of access rules.
#include "busrt/access.hpp"

namespace busrt {

std::string_view to_string(AccessOperation operation) noexcept {
  switch (operation) {
    case AccessOperation::connect:
      return "connect";
    case AccessOperation::publish:
      return "publish";
    case AccessOperation::subscribe:
      return "subscribe";
    case AccessOperation::message:
      return "message";
    case AccessOperation::broadcast:
      return "broadcast";
  }
  return "unknown";
}

std::optional<AccessOperation> access_operation(std::string_view word) noexcept {
  for (const AccessOperation operation :
       {AccessOperation::connect, AccessOperation::publish, AccessOperation::subscribe,
        AccessOperation::message, AccessOperation::broadcast}) {
    if (word == to_string(operation)) return operation;
  }
  return std::nullopt;
}

std::string_view to_string(AccessVerdict verdict) noexcept {
  switch (verdict) {
    case AccessVerdict::allowed:
      return "allowed";
    case AccessVerdict::no_entry:
      return "no_entry";
    case AccessVerdict::host:
      return "host";
    case AccessVerdict::uid:
      return "uid";
    case AccessVerdict::gid:
      return "gid";
    case AccessVerdict::certificate:
      return "certificate";
    case AccessVerdict::not_granted:
      return "not_granted";
    case AccessVerdict::reserved:
      return "reserved";
    case AccessVerdict::bad_target:
      return "bad_target";
  }
  return "unknown";
}

std::string AccessDecision::describe(const AccessRules& rules) const {
  const std::string file = rules.file.empty() ? "the access rules" : rules.file;
  const std::string place = line == 0 ? file : file + ":" + std::to_string(line);
  switch (verdict) {
    case AccessVerdict::allowed:
      return "allowed by " + place + ": \"" + pattern + "\"";
    case AccessVerdict::no_entry:
      return "denied by " + file + ": no [[client]] there has a name that fits";
    case AccessVerdict::not_granted:
      return "denied by " + place + ": the [[client]] \"" + pattern + "\" does not grant it";
    case AccessVerdict::reserved:
      return "denied: the broker's own topics";
    case AccessVerdict::bad_target:
      return "denied: no topic, pattern or name that the bus takes";
    case AccessVerdict::host:
    case AccessVerdict::uid:
    case AccessVerdict::gid:
    case AccessVerdict::certificate:
      break;
  }
  return "denied by " + place + ": the [[client]] \"" + pattern + "\" demands another " +
         std::string(to_string(verdict));
}

}  // namespace busrt
