// JSON as the real tool prints it.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace busrt_cli {

enum class JsonLayout : bool { compact, indented };

/// Keys sorted; indented by two blanks; the shortest digits that read back as the same number, with a
/// fraction or an exponent where the number is no integer; infinities and NaN as null.
[[nodiscard]] std::string json_text(const boost::json::value& value, JsonLayout layout);

}  // namespace busrt_cli
