// What is opened is looked at before it is read: the name may stand for anything.
#include "config/config_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include "busrt/base/trusted_file.hpp"

namespace daemoneye_agent {

busrt::base::Result<std::string> read_config_file(const std::string& path) {
  auto text = busrt::base::read_trusted_regular_file(path, max_config_bytes + 1);
  if (!text && text.error().message.empty()) text.error().message = text.error().code.message();
  if (text && text->size() > max_config_bytes) {
    return busrt::base::fail_errno(EFBIG, fmt::format("it has more than {} bytes", max_config_bytes));
  }
  return text;
}

}  // namespace daemoneye_agent
