// Checks params against a schema, and writes the schema down.
#include "daemoneye/rpc_service/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/describe/enum_to_string.hpp>
#include <boost/json/array.hpp>

#include "daemoneye/rpc_service/params.hpp"

namespace daemoneye::rpc_service {

namespace json = boost::json;

namespace {

/// Of a peer's field name in an answer, in bytes.
constexpr std::size_t longest_name = 64;

bool is_whole(const json::value& value) {
  return value.is_int64() || (value.is_uint64() && std::in_range<std::int64_t>(value.get_uint64()));
}

bool has_type(const json::value& value, FieldType type) {
  switch (type) {
    case FieldType::boolean:
      return value.is_bool();
    case FieldType::integer:
      return is_whole(value);
    case FieldType::number:
      return value.is_number();
    case FieldType::string:
      return value.is_string();
    case FieldType::object:
      return value.is_object();
    case FieldType::array:
      return value.is_array();
    case FieldType::any:
      return true;
  }
  return false;
}

std::string expectation(const Field& field) {
  std::string text = fmt::format(
      "expected {} {}",
      field.type == FieldType::integer || field.type == FieldType::object || field.type == FieldType::array
          ? "an"
          : "a",
      to_string(field.type));
  const bool has_least = field.least != std::numeric_limits<std::int64_t>::min();
  const bool has_most = field.most != std::numeric_limits<std::int64_t>::max();
  if (has_least && has_most) text += fmt::format(" from {} to {}", field.least, field.most);
  if (has_least && !has_most) text += fmt::format(" of at least {}", field.least);
  if (!has_least && has_most) text += fmt::format(" of at most {}", field.most);
  if (!field.unit.empty()) text += fmt::format(" ({})", field.unit);
  return text;
}

bool is_within(const json::value& value, const Field& field) {
  if (field.type != FieldType::integer) return true;
  const auto number = value.to_number<std::int64_t>();
  return number >= field.least && number <= field.most;
}

std::unexpected<busrt::RpcError> mistake(std::string_view field, const std::string& what) {
  return std::unexpected(invalid_params(fmt::format("{}: {}", field.substr(0, longest_name), what)));
}

std::string list_names(const std::vector<Field>& fields) {
  std::string names;
  for (const Field& field : fields) names += (names.empty() ? "" : ", ") + std::string(field.name);
  return names;
}

json::array describe_fields(const std::vector<Field>& fields) {
  json::array all;
  for (const Field& field : fields) {
    json::object one{{"name", field.name}, {"type", to_string(field.type)}};
    if (!field.unit.empty()) one["unit"] = field.unit;
    one["description"] = field.sentence;
    one["required"] = field.required;
    if (field.least != std::numeric_limits<std::int64_t>::min()) one["minimum"] = field.least;
    if (field.most != std::numeric_limits<std::int64_t>::max()) one["maximum"] = field.most;
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

std::string_view to_string(FieldType type) noexcept {
  return boost::describe::enum_to_string(type, "unknown");
}

std::expected<void, busrt::RpcError> check_params(const Method& method, const json::object& params) {
  for (const Field& field : method.params) {
    const json::value* const value = params.if_contains(field.name);
    if (value == nullptr) {
      if (field.required) return mistake(field.name, "missing; " + expectation(field));
      continue;
    }
    if (!has_type(*value, field.type) || !is_within(*value, field)) {
      return mistake(field.name, expectation(field));
    }
  }
  if (method.other_params == OtherFields::passed) return {};
  for (const auto& [key, value] : params) {
    const std::string_view name(key);
    const bool known =
        std::ranges::any_of(method.params, [name](const Field& field) { return field.name == name; });
    if (known) continue;
    return mistake(name, method.params.empty() ? "unknown field; this method takes none"
                                               : "unknown field; known: " + list_names(method.params));
  }
  return {};
}

json::object describe(const Method& method) {
  return {{"name", method.name},
          {"description", method.sentence},
          {"params", describe_fields(method.params)},
          {"other_params", method.other_params == OtherFields::passed ? "passed" : "refused"},
          {"result", describe_fields(method.result)}};
}

}  // namespace daemoneye::rpc_service
