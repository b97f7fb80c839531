// JSON as the real tool prints it.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace busrt_cli {

enum class JsonLayout : bool { compact, indented };

/// Keys sorted; indented by two blanks; the shortest digits that read back as the same number, with a
/// fraction or an exponent where the number is no integer; infinities and NaN as null.
[[nodiscard]] std::string json_text(const boost::json::value& value, JsonLayout layout);

/// The text of a JSON object in the same layout, its numbers digit by digit as they stand there and repeated
/// keys all kept, in their order. Nothing where the text is no JSON object, or is nested more than 128 deep.
[[nodiscard]] std::optional<std::string> json_object_text(std::string_view text, JsonLayout layout);

}  // namespace busrt_cli
