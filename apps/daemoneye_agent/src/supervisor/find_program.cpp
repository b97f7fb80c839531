// Where a collector's program is.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "busrt/error.hpp"
#include "supervisor/supervisor.hpp"

namespace daemoneye_agent {
namespace {

bool is_program(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

busrt::base::Result<std::string> find_program(const std::string& collector, const Setting<std::string>& path,
                                              const std::string& origin) {
  const std::string name = path.value.empty() ? collector : path.value;
  if (name.find('/') != std::string::npos) {
    if (is_program(name)) return name;
    return busrt::base::fail(busrt::errc::data,
                             fmt::format("{}: collectors.{}.path: \"{}\" is no program that can be run",
                                         path.origin, collector, name));
  }
  std::error_code failed;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  if (!failed && is_program(own / name)) return (own / name).string();
  const char* const search = std::getenv("PATH");
  std::string_view rest = search == nullptr ? "/usr/bin:/bin" : search;
  while (!rest.empty()) {
    const auto colon = rest.find(':');
    const std::filesystem::path directory(rest.substr(0, colon));
    // An empty or relative entry would run whatever lies in the current directory.
    if (directory.is_absolute() && is_program(directory / name)) return (directory / name).string();
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  }
  const std::string missing = fmt::format("no program \"{}\" in {} or in PATH", name, own.string());
  if (path.value.empty()) {
    return busrt::base::fail(busrt::errc::data,
                             fmt::format("{}: collectors.{}: {}; collectors.{}.path can name one", origin,
                                         collector, missing, collector));
  }
  return busrt::base::fail(busrt::errc::data,
                           fmt::format("{}: collectors.{}.path: {}", path.origin, collector, missing));
}

}  // namespace daemoneye_agent
