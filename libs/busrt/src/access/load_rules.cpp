// Reading the rules file, apart from what it says.
#include "busrt/access.hpp"
#include "busrt/base/trusted_file.hpp"
#include "busrt/limits.hpp"

namespace busrt {

Result<AccessRules> AccessRules::load(const std::filesystem::path& path) {
  // One byte more than the limit tells a longer file, whatever kind of file it is.
  const auto text = base::read_trusted_file(path, limits::access_file_bytes + 1);
  if (text) return parse(*text, path.string());
  if (!text.error().message.empty()) return fail(errc::access, "access rules: " + text.error().message);
  return base::fail(text.error().code, path.string() + ": cannot read the access rules");
}

}  // namespace busrt
