#include "busrt/base/trusted_file.hpp"

#include <cerrno>
#include <fstream>

namespace busrt::base {

Result<> check_trusted_file(int /*descriptor*/, std::string_view /*path*/) {
  return {};
}

Result<> check_trusted_file(const std::filesystem::path& /*path*/) {
  return {};
}

Result<> check_trusted_directory(const std::filesystem::path& /*path*/) {
  return {};
}

Result<std::string> read_trusted_file(const std::filesystem::path& path, std::size_t max_bytes) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open()) return fail_errno(errno != 0 ? errno : EIO, {});
  std::string text(max_bytes, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.gcount() == 0 && errno != 0)) return fail_errno(errno != 0 ? errno : EIO, {});
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

Result<std::string> read_trusted_regular_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_trusted_file(path, max_bytes);
}

}  // namespace busrt::base
