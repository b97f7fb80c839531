// The loss record's JSON, both directions.
#include "daemoneye/events/loss.hpp"

#include <fmt/format.h>

#include "daemoneye/events/error.hpp"

namespace daemoneye::events {
namespace {

namespace json = boost::json;

std::unexpected<busrt::base::Error> wrong_loss(std::string_view field, std::string_view what) {
  return busrt::base::fail(errc::malformed, fmt::format("event: {}: {}", field, what));
}

}  // namespace

json::object loss_data(const Loss& loss) {
  json::object data;
  if (loss.count) {
    data["count"] = *loss.count;
  } else {
    data["count"] = "unknown";
  }
  data["cause"] = loss.cause;
  data["detail"] = loss.detail;
  return data;
}

busrt::base::Result<Loss> parse_loss(const json::object& data) {
  Loss loss;
  const auto* const count = data.if_contains("count");
  if (count == nullptr) return wrong_loss("data.count", "missing");
  if (count->is_number()) {
    boost::system::error_code error;
    loss.count = count->to_number<std::uint64_t>(error);
    if (error) return wrong_loss("data.count", "expected an integer of 0 or more, or \"unknown\"");
  } else if (!count->is_string() || count->get_string() != "unknown") {
    return wrong_loss("data.count", "expected an integer of 0 or more, or \"unknown\"");
  }
  const auto* const cause = data.if_contains("cause");
  if (cause == nullptr || !cause->is_string()) return wrong_loss("data.cause", "expected a string");
  loss.cause = cause->get_string();
  if (const auto* const detail = data.if_contains("detail"); detail != nullptr) {
    if (!detail->is_string()) return wrong_loss("data.detail", "expected a string");
    loss.detail = detail->get_string();
  }
  return loss;
}

}  // namespace daemoneye::events
