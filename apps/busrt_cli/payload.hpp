// Payloads: read from the command line or standard input, and shown as whatever they turn out to be.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace busrt_cli {

/// What is printed for a payload. A JSON object, else text, else MessagePack (as JSON), else hex digits. With
/// `silent` without a heading, JSON in one line, and bytes that are none of these as they are.
[[nodiscard]] std::string payload_text(std::span<const std::byte> payload, bool silent);

/// The argument, or all of standard input. An error when reading fails.
[[nodiscard]] base::Result<std::vector<std::byte>> read_payload(const std::optional<std::string>& argument);

/// `key=value` arguments as a MessagePack map: bool, integer, float, else string. A single `-` stands for
/// standard input, none for an empty payload. An error names the argument that is no pair.
[[nodiscard]] base::Result<std::vector<std::byte>> read_params(const std::vector<std::string>& arguments);

/// As read_params does it for pairs.
[[nodiscard]] base::Result<std::vector<std::byte>> encode_params(const std::vector<std::string>& pairs);

/// The first 256 bytes in hex digits, with dots if there are more.
[[nodiscard]] std::string hex_text(std::span<const std::byte> bytes);

[[nodiscard]] bool valid_utf8(std::string_view text);

}  // namespace busrt_cli
