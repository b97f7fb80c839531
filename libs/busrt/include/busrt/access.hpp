// Who may be on the bus, and what each client may do there: access rules as plain data, the file that they
// are written in (docs/access.md), and what they decide.
//
//   auto rules = busrt::AccessRules::load("/etc/busrt/access.toml");
//   if (!rules) { std::cerr << rules.error().message; return 1; }
//   broker.set_access(std::make_shared<const busrt::AccessRules>(std::move(*rules)));
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/error.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// What a rule can allow. publish covers publish-for as well; message is one-to-one, calls of `.broker`
/// included. Unsubscribing and exclusions concern nobody else and are never refused.
enum class AccessOperation : std::uint8_t { connect, publish, subscribe, message, broadcast };
[[nodiscard]] std::string_view to_string(AccessOperation operation) noexcept;
[[nodiscard]] std::optional<AccessOperation> access_operation(std::string_view word) noexcept;

/// Network addresses with a common beginning: `10.0.0.0/8`, `fd00::/8`, or one address.
struct AccessHosts {
  std::array<std::uint8_t, 16>
      address{};  ///< IPv4 as an IPv4-mapped address, so that a dual-stack socket changes nothing
  unsigned prefix_bits = 128;  ///< of the 128

  /// An address, or one with /BITS. The error says what is wrong: bits set after the prefix are an error,
  /// too.
  [[nodiscard]] static Result<AccessHosts> parse(std::string_view text);
  /// `host` is a numeric address, `%zone` and brackets allowed. False for anything else.
  [[nodiscard]] bool contains(std::string_view host) const noexcept;
};

/// A topic pattern or client mask that is allowed, and its line of the file (0: from no file).
struct AccessGrant {
  std::string pattern;   ///< as the file has it
  std::size_t line = 0;  ///< from 1
};

/// One [[client]] of the file. Every demand that is not empty must be met, by any one of its values.
struct AccessEntry {
  std::string name;      ///< a client mask; secondaries go by the name of their primary
  std::size_t line = 0;  ///< of its first line

  bool local_host = false;         ///< the word "local" among the hosts: clients of unix sockets
  std::vector<AccessHosts> hosts;  ///< with local_host: where a client may connect from
  std::vector<std::uint32_t>
      uids;  ///< the kernel's word on a local peer; others have none, and meet no demand
  std::vector<std::uint32_t> gids;        ///< its primary group
  std::vector<std::string> certificates;  ///< the name in a verified client certificate

  std::vector<AccessGrant> publish;    ///< topic patterns
  std::vector<AccessGrant> subscribe;  ///< topic patterns
  std::vector<AccessGrant> message;    ///< client masks
  std::vector<AccessGrant> broadcast;  ///< client masks
};

/// What is not granted is denied. The first entry whose mask matches a client's name decides about this
/// client, together with the entries of the very same mask: among these the first whose demands are met
/// applies. Where none is met the client is refused; later entries with other masks are not looked at, so a
/// name that makes demands cannot be had under a laxer mask further down.
struct AccessRules {
  std::string file;                  ///< where they come from, for messages
  std::vector<AccessEntry> entries;  ///< in the file's order, which decides

  /// Reads a file of at most limits::access_file_bytes. The error's message has one line for each mistake,
  /// `FILE:LINE:COLUMN: key: what was found and what was expected`.
  [[nodiscard]] static Result<AccessRules> load(const std::filesystem::path& path);
  /// The same from text; `file` is its name in messages.
  [[nodiscard]] static Result<AccessRules> parse(std::string_view text, std::string file);
};

/// A client as the rules see it.
struct AccessClient {
  std::string name;                        ///< as it registers
  bool local = true;                       ///< a unix socket; false: a network transport
  std::optional<std::string> host;         ///< numeric, of a network client
  std::optional<std::uint32_t> uid;        ///< by the kernel's word, of a local client
  std::optional<std::uint32_t> gid;        ///< its primary group
  std::optional<std::string> certificate;  ///< the name in its verified certificate
};

/// What the rules say of one operation.
enum class AccessVerdict : std::uint8_t {
  allowed,
  no_entry,  ///< no entry's mask matches the client's name
  host,      ///< an entry does, and its demand of a host, or (below) of another kind, is not met
  uid,
  gid,
  certificate,
  not_granted,  ///< the client may connect; the entry that applies does not grant this
  reserved,     ///< a topic of the broker's own, on which nobody else publishes
  bad_target,   ///< the target is no topic, pattern, name or mask that the bus takes
};
[[nodiscard]] std::string_view to_string(AccessVerdict verdict) noexcept;

/// A verdict and what led to it.
struct AccessDecision {
  AccessVerdict verdict = AccessVerdict::no_entry;  ///< what is said
  std::size_t line =
      0;                ///< allowed: of the grant; otherwise of the entry that decides, 0 where there is none
  std::string pattern;  ///< allowed: the grant; otherwise the mask of the entry

  /// Tells whether the operation may be carried out.
  [[nodiscard]] bool allowed() const noexcept { return verdict == AccessVerdict::allowed; }
  /// A sentence for people: what decides, and where it stands.
  [[nodiscard]] std::string describe(const AccessRules& rules) const;
};

/// The entry under which the client may connect, or nullptr. Thread-safe, as all functions here.
[[nodiscard]] const AccessEntry* applying_entry(const AccessRules& rules,
                                                const AccessClient& client) noexcept;

/// The target is a topic (publish), a topic pattern (subscribe: all that it can match must be granted), a
/// client name (message) or a client mask (broadcast: as subscribe); ignored for connect.
[[nodiscard]] AccessDecision decide(const AccessRules& rules, const AccessClient& client,
                                    AccessOperation operation, std::string_view target);

}  // namespace busrt
BUSRT_API_END
