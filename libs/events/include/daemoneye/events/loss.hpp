// The loss record: what a collector knows that it did not see, in the place of the events that are missing.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"

namespace daemoneye::events {

/// The kind of a loss record, in every domain.
inline constexpr std::string_view loss_kind = "loss";

struct Loss {
  std::optional<std::uint64_t> count;  ///< events; empty when nobody can tell how many
  std::string cause;   ///< a stable word: "kernel_buffer_overflow", "collector_queue_full", ...
  std::string detail;  ///< a sentence for people
};

/// The data of a loss record.
[[nodiscard]] boost::json::object loss_data(const Loss& record);

/// Reads the data of a loss record.
/// Errors: errc::malformed, with a message that names the field.
[[nodiscard]] busrt::base::Result<Loss> parse_loss(const boost::json::object& data);

}  // namespace daemoneye::events
