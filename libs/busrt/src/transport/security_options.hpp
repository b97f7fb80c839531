// Which security option is for which kind of address. Broker and client each list what they were given.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "busrt/address.hpp"
#include "busrt/security_options.hpp"

namespace busrt {

/// An option that was given.
struct GivenOption {
  SecurityOption option{};
  std::string_view text{};  ///< of an option that is text
  bool is_text = true;
  bool (*serves)(const Address&) = nullptr;  ///< whether it has an effect there
  std::string_view place{};                  ///< "ws:// and wss:// listeners"
};

/// Address kinds, for GivenOption::serves.
[[nodiscard]] bool speaks_websocket(const Address& address) noexcept;
[[nodiscard]] bool speaks_tls(const Address& address) noexcept;
/// Unencrypted network transports, and sockets of the parent process, which may be such.
[[nodiscard]] bool may_be_plain_network(const Address& address) noexcept;
/// Transports whose peers' user the kernel knows.
[[nodiscard]] bool may_know_users(const Address& address) noexcept;

/// What is wrong with a bearer token that an HTTP request is to carry, or nullptr.
[[nodiscard]] const char* token_problem(std::string_view token) noexcept;

/// SCHEME://HOST[:PORT] as browsers write it: lower case, without the scheme's own port. Null for anything
/// else, and for `null`, the origin that any page can have.
[[nodiscard]] std::optional<std::string> normal_origin(std::string_view text);

/// The first option whose text cannot be meant.
[[nodiscard]] std::optional<SecurityMisuse> find_malformed(std::span<const GivenOption> given);
/// The first option that has no effect at any of the addresses. Addresses that cannot be parsed count as any
/// kind: they are errors of their own.
[[nodiscard]] std::optional<SecurityMisuse> find_unused(std::span<const GivenOption> given,
                                                        std::span<const std::string> addresses,
                                                        const std::filesystem::path& runtime_directory);

}  // namespace busrt
