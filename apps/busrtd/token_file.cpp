#include "token_file.hpp"

#include <array>
#include <cerrno>
#include <fstream>
#include <string_view>

#include "busrt/limits.hpp"

namespace busrtd {

base::Result<std::string> read_token_file(const std::string& path) {
  const std::string what = "token file " + path;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  // One byte more than a token and a line end of two, so that a longer one is seen. The file may be a device.
  std::array<char, busrt::limits::max_token_bytes + 3> bytes{};
  file.read(bytes.data(), bytes.size());
  if (!file.is_open() || file.bad()) return base::fail_errno(errno != 0 ? errno : EIO, what);
  std::string_view line(bytes.data(), static_cast<std::size_t>(file.gcount()));
  line = line.substr(0, line.find('\n'));
  // A file that was written on Windows.
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty())
    return base::fail(std::make_error_code(std::errc::invalid_argument), what + ": its first line is empty");
  return std::string(line);
}

}  // namespace busrtd
