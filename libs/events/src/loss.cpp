// The loss record's JSON, both directions.
#include "daemoneye/events/loss.hpp"

#include <fmt/format.h>

#include "daemoneye/events/envelope_fields.hpp"
#include "daemoneye/events/error.hpp"
#include "daemoneye/events/loss_fields.hpp"

namespace daemoneye::events {
namespace {

namespace json = boost::json;

constexpr std::string_view unknown_count = "unknown";

std::unexpected<busrt::base::Error> wrong_loss(const Field& where, std::string_view what) {
  return busrt::base::fail(errc::malformed,
                           fmt::format("event: {}.{}: {}", envelope::data.name, where.name, what));
}

}  // namespace

json::object loss_data(const Loss& record) {
  json::object data;
  if (record.count) {
    data[loss::count.name] = *record.count;
  } else {
    data[loss::count.name] = unknown_count;
  }
  data[loss::cause.name] = record.cause;
  data[loss::detail.name] = record.detail;
  return data;
}

busrt::base::Result<Loss> parse_loss(const json::object& data) {
  Loss record;
  const auto* const count = data.if_contains(loss::count.name);
  if (count == nullptr) return wrong_loss(loss::count, "missing");
  if (count->is_number()) {
    boost::system::error_code error;
    record.count = count->to_number<std::uint64_t>(error);
    if (error) return wrong_loss(loss::count, "expected an integer of 0 or more, or \"unknown\"");
  } else if (!count->is_string() || count->get_string() != unknown_count) {
    return wrong_loss(loss::count, "expected an integer of 0 or more, or \"unknown\"");
  }
  const auto* const cause = data.if_contains(loss::cause.name);
  if (cause == nullptr || !cause->is_string()) return wrong_loss(loss::cause, "expected a string");
  record.cause = cause->get_string();
  if (const auto* const detail = data.if_contains(loss::detail.name); detail != nullptr) {
    if (!detail->is_string()) return wrong_loss(loss::detail, "expected a string");
    record.detail = detail->get_string();
  }
  return record;
}

}  // namespace daemoneye::events
