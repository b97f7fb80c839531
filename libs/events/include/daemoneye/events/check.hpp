// Whether an event is what the schema says: for tests of collectors, and for third-party ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemoneye/events/event.hpp"
#include "daemoneye/events/field.hpp"

namespace daemoneye::events {

/// Returns whether the value is what JSON writes for the type. Null is of no type.
[[nodiscard]] bool has_type(const boost::json::value& value, Type type);

/// Returns a sentence for each deviation from the schema: unknown domain or kind, unknown field, wrong type,
/// a null where none may stand, a field that its kind does not carry, a missing field. Empty: the event is
/// right.
[[nodiscard]] std::vector<std::string> check(const Event& event);

/// The same for what a source emits, before it has an envelope.
[[nodiscard]] std::vector<std::string> check(std::string_view domain, std::string_view kind,
                                             const boost::json::object& data);

}  // namespace daemoneye::events
