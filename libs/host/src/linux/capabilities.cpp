// The names are written here, because libcap would be a library for one table.
#include "daemoneye/host/capabilities.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "busrt/base/unique_fd.hpp"
#include "daemoneye/host/limits.hpp"

namespace daemoneye::host {
namespace {

/// By their numbers; include/uapi/linux/capability.h.
constexpr std::array<std::string_view, 41> capability_names = {"CAP_CHOWN",
                                                               "CAP_DAC_OVERRIDE",
                                                               "CAP_DAC_READ_SEARCH",
                                                               "CAP_FOWNER",
                                                               "CAP_FSETID",
                                                               "CAP_KILL",
                                                               "CAP_SETGID",
                                                               "CAP_SETUID",
                                                               "CAP_SETPCAP",
                                                               "CAP_LINUX_IMMUTABLE",
                                                               "CAP_NET_BIND_SERVICE",
                                                               "CAP_NET_BROADCAST",
                                                               "CAP_NET_ADMIN",
                                                               "CAP_NET_RAW",
                                                               "CAP_IPC_LOCK",
                                                               "CAP_IPC_OWNER",
                                                               "CAP_SYS_MODULE",
                                                               "CAP_SYS_RAWIO",
                                                               "CAP_SYS_CHROOT",
                                                               "CAP_SYS_PTRACE",
                                                               "CAP_SYS_PACCT",
                                                               "CAP_SYS_ADMIN",
                                                               "CAP_SYS_BOOT",
                                                               "CAP_SYS_NICE",
                                                               "CAP_SYS_RESOURCE",
                                                               "CAP_SYS_TIME",
                                                               "CAP_SYS_TTY_CONFIG",
                                                               "CAP_MKNOD",
                                                               "CAP_LEASE",
                                                               "CAP_AUDIT_WRITE",
                                                               "CAP_AUDIT_CONTROL",
                                                               "CAP_SETFCAP",
                                                               "CAP_MAC_OVERRIDE",
                                                               "CAP_MAC_ADMIN",
                                                               "CAP_SYSLOG",
                                                               "CAP_WAKE_ALARM",
                                                               "CAP_BLOCK_SUSPEND",
                                                               "CAP_AUDIT_READ",
                                                               "CAP_PERFMON",
                                                               "CAP_BPF",
                                                               "CAP_CHECKPOINT_RESTORE"};

}  // namespace

std::optional<unsigned> capability_number(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(capability_names, name);
  if (found == capability_names.end()) return std::nullopt;
  return static_cast<unsigned>(found - capability_names.begin());
}

bool Capabilities::holds(std::string_view name) const noexcept {
  const auto number = capability_number(name);
  return number && ((bits_ >> *number) & 1U) != 0;
}

std::optional<Capabilities> parse_effective(std::string_view status) noexcept {
  constexpr std::string_view key = "\nCapEff:\t";
  const std::size_t at = status.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view digits = status.substr(at + key.size());
  digits = digits.substr(0, digits.find('\n'));
  std::uint64_t bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return Capabilities(bits);
}

busrt::base::Result<Capabilities> effective_capabilities() {
  constexpr const char* path = "/proc/thread-self/status";
  const busrt::base::UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return busrt::base::fail_errno(errno, path);
  std::array<char, limits::proc_file_bytes> text{};
  // The kernel gives so small a file in one piece.
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size < 0) return busrt::base::fail_errno(errno, path);
  const auto held = parse_effective({text.data(), static_cast<std::size_t>(size)});
  if (!held) return busrt::base::fail(std::make_error_code(std::errc::bad_message), path);
  return *held;
}

}  // namespace daemoneye::host
