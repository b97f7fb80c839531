// The committed message's JSON, both directions.
#include "daemoneye/events/committed.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "daemoneye/events/envelope_fields.hpp"
#include "daemoneye/events/error.hpp"

namespace daemoneye::events {
namespace {

namespace json = boost::json;

constexpr std::string_view credit_name = "credit";

std::unexpected<busrt::base::Error> wrong_field(std::string_view where, std::string_view what) {
  return busrt::base::fail(errc::malformed, fmt::format("committed: {}: {}", where, what));
}

/// Empty when the object has no such field.
busrt::base::Result<std::optional<std::uint64_t>> whole(const json::object& object, std::string_view name) {
  const auto* const value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->is_number() ? value->to_number<std::uint64_t>(error) : 0;
  if (!value->is_number() || error) return wrong_field(name, "expected an integer of 0 or more");
  return number;
}

}  // namespace

std::string encode_committed(const Committed& committed) {
  json::object object;
  object[envelope::epoch.name] = committed.epoch;
  object[envelope::seq.name] = committed.seq;
  if (committed.credit) object[credit_name] = *committed.credit;
  return json::serialize(object);
}

busrt::base::Result<Committed> decode_committed(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return wrong_field("message", "expected a JSON object");
  const json::object& object = value.get_object();
  Committed committed;
  for (const auto& [name, target] :
       {std::pair{envelope::epoch.name, &committed.epoch}, std::pair{envelope::seq.name, &committed.seq}}) {
    const auto number = whole(object, name);
    if (!number) return std::unexpected(number.error());
    if (!*number) return wrong_field(name, "missing");
    *target = **number;
  }
  const auto credit = whole(object, credit_name);
  if (!credit) return std::unexpected(credit.error());
  committed.credit = *credit;
  return committed;
}

}  // namespace daemoneye::events
