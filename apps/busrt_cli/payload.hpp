// Payloads: read from the command line or standard input, and shown as whatever they turn out to be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/result.hpp"

namespace busrt_cli {

/// How payloads are printed.
enum class PayloadForm : std::uint8_t {
  headed,  ///< under a heading: JSON indented, text as it is, other bytes as hex digits
  line,    ///< JSON in one line, text as it is, other bytes as hex digits: each payload ends its line
  bare,    ///< the same, but other bytes as they are, with no line end
};

/// What is printed for a payload: a JSON object, else text, else MessagePack (as JSON), else bytes. A JSON
/// object keeps its numbers digit by digit, and repeated keys.
[[nodiscard]] std::string payload_text(std::span<const std::byte> payload, PayloadForm form);

/// The argument, or all of standard input. Errors: the system's when reading fails; errc::data for more than
/// limits::max_body_bytes, the most that this program sends.
[[nodiscard]] busrt::base::Result<std::vector<std::byte>> read_payload(
    const std::optional<std::string>& argument);

/// `key=value` arguments as a MessagePack map: bool, integer, float, else string. A single `-` stands for
/// standard input, none for an empty payload. An error names the argument that is no pair.
[[nodiscard]] busrt::base::Result<std::vector<std::byte>> read_params(
    const std::vector<std::string>& arguments);

/// As read_params does it for pairs.
[[nodiscard]] busrt::base::Result<std::vector<std::byte>> encode_params(
    const std::vector<std::string>& pairs);

/// The first 256 bytes in hex digits, with dots if there are more.
[[nodiscard]] std::string hex_text(std::span<const std::byte> bytes);

}  // namespace busrt_cli
