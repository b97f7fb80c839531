// What an RPC method takes and gives: the fields of its params and of its result.
#pragma once

#include <boost/describe/enum.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <expected>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/rpc.hpp"

namespace daemoneye::rpc_service {

/// The type of a field, in JSON's words. `integer` has no fraction and lies within 64 bits, signed.
BOOST_DEFINE_ENUM_CLASS(FieldType, boolean, integer, number, string, object, array, any)
[[nodiscard]] std::string_view to_string(FieldType type) noexcept;

/// One field of params or of a result.
struct Field {
  std::string_view name;
  FieldType type = FieldType::string;
  std::string_view unit{};      ///< such as "milliseconds"; empty: none
  std::string_view sentence{};  ///< what it means, for people
  bool required = false;        ///< params: without it the call is refused. Results: it is always there
  /// Bounds of an integer, both included.
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// What becomes of params that the schema does not name.
enum class OtherFields : std::uint8_t {
  refused,  ///< the call is refused
  passed,   ///< the handler checks them, such as the settings of a source
};

/// One method.
struct Method {
  std::string_view name;
  std::string_view sentence{};  ///< what it does, for people
  std::vector<Field> params{};
  OtherFields other_params = OtherFields::refused;
  std::vector<Field> result{};
};

/// Checks params by the schema: unknown fields, missing ones, types, bounds. Returns the first mistake as
/// -32602 with a message that begins with the field. Thread safety: any thread.
[[nodiscard]] std::expected<void, busrt::RpcError> check_params(const Method& method,
                                                                const boost::json::object& params);

/// The schema as JSON, for get_capabilities and documents: {name, description, params[{name, type, unit?,
/// description, required, minimum?, maximum?}], other_params: "refused" | "passed", result[...]}.
[[nodiscard]] boost::json::object describe(const Method& method);

}  // namespace daemoneye::rpc_service
