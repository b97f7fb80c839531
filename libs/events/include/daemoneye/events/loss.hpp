// The loss record: it stands in the sequence at the place of the events that a collector could not observe.
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

/// A loss that a source or the runtime reports.
struct Loss {
  std::optional<std::uint64_t> count;  ///< number of events; empty if the number is unknown
  std::string cause;   ///< a fixed word: "kernel_buffer_overflow", "collector_queue_full", ...
  std::string detail;  ///< a sentence for people
};

/// The data of a loss record.
[[nodiscard]] boost::json::object loss_data(const Loss& record);

/// Reads the data of a loss record.
/// Errors: errc::malformed, with a message that names the field.
[[nodiscard]] busrt::base::Result<Loss> parse_loss(const boost::json::object& data);

}  // namespace daemoneye::events
