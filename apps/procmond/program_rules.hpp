// Where well-known programs take a secret although no name says so: one table.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace procmond {

enum class SecretStyle : std::uint8_t {
  harmless,          ///< a flag that would look secret by the general rules, and is none here
  attached,          ///< -pSECRET; -p alone means something else
  next,              ///< -k SECRET, also a bare word before it: password SECRET
  attached_or_next,  ///< -pSECRET and -p SECRET
  after_colon,       ///< -u NAME:SECRET
  after_percent,     ///< -U NAME%SECRET
  after_comma,       ///< -u NAME,SECRET
  userinfo,          ///< -x NAME:SECRET@HOST
  logon,             ///< NAME/SECRET or NAME/SECRET@BASE, an argument of its own
};

struct ProgramRule {
  std::string_view program;  ///< base name; empty: any program, after the rules that name it
  std::string_view flag;     ///< empty only with `logon`
  SecretStyle style;
};

[[nodiscard]] std::span<const ProgramRule> program_rules() noexcept;

/// The short flags of a program that take no value and so may stand before another one in the same argument:
/// curl -sSu NAME:SECRET. Empty: none are known.
[[nodiscard]] std::string_view flags_without_value(std::string_view program) noexcept;

}  // namespace procmond
