// Reading the rules file, apart from what it says.
#include <cerrno>
#include <fstream>

#include "busrt/access.hpp"
#include "busrt/limits.hpp"

namespace busrt {

Result<AccessRules> AccessRules::load(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream.is_open()) return base::fail_errno(errno, path.string() + ": cannot read the access rules");
  // One byte more than the limit tells a longer file, whatever kind of file it is.
  std::string text(limits::access_file_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (stream.gcount() == 0 && errno != 0)) {
    return base::fail_errno(errno, path.string() + ": cannot read the access rules");
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return parse(text, path.string());
}

}  // namespace busrt
