#include "token_file.hpp"

#include <string_view>

#include "busrt/base/trusted_file.hpp"
#include "busrt/limits.hpp"

namespace busrtd {

busrt::base::Result<std::string> read_token_file(const std::string& path) {
  const std::string what = "token file " + path;
  // One byte more than a token and a line end of two, so that a longer one is seen. The file may be a device.
  const auto text = busrt::base::read_trusted_file(path, busrt::limits::max_token_bytes + 3);
  if (!text) {
    const busrt::base::Error& error = text.error();
    return busrt::base::fail(error.code, error.message.empty() ? what : "token file " + error.message);
  }
  std::string_view line(*text);
  line = line.substr(0, line.find('\n'));
  // A file that was written on Windows.
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty())
    return busrt::base::fail(std::make_error_code(std::errc::invalid_argument),
                             what + ": its first line is empty");
  return std::string(line);
}

}  // namespace busrtd
