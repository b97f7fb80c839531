// Access rules: which clients may connect, and what each of them may do. The rules are plain data;
// docs/access.md describes their file.
//
//   auto rules = busrt::AccessRules::load("/etc/busrt/access.toml");
//   if (!rules) { std::cerr << rules.error().message; return 1; }
//   broker.set_access(std::make_shared<const busrt::AccessRules>(std::move(*rules)));
//
// The model. The rules are a list of entries. Each entry has a client mask, demands and grants. A demand
// restricts where the client comes from: host, user id, group id, certificate. A grant allows one operation
// on the targets of a pattern.
//
// The first entry whose mask matches the client's name selects the mask. Only entries with exactly this mask
// are considered. The first of them whose demands are all met applies to the client. If none is met, the
// broker refuses the client; entries with other masks further down do not help it.
//
// The invariant: what the applying entry does not grant is denied. Unsubscribing and exclusions are never
// denied, because they affect no other client.
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

/// The operations that a rule can grant. `publish` covers publish-for too. `message` is a message to one
/// client, including calls of `.broker`.
enum class AccessOperation : std::uint8_t { connect, publish, subscribe, message, broadcast };
/// Returns the operation's name, as the access file writes it. The text is static.
[[nodiscard]] std::string_view to_string(AccessOperation operation) noexcept;
/// Returns the operation with this name; nothing if there is none.
[[nodiscard]] std::optional<AccessOperation> access_operation(std::string_view word) noexcept;

/// A set of network addresses with a common prefix: `10.0.0.0/8`, `fd00::/8`, or one address.
struct AccessHosts {
  std::array<std::uint8_t, 16>
      /// An IPv4 address is stored as an IPv4-mapped address, so that dual-stack sockets need no special
      /// case.
      address{};
  unsigned prefix_bits = 128;  ///< number of significant bits, of 128

  /// Parses an address, or an address with /BITS. Errors say what is wrong. Bits that are set after the
  /// prefix are an error.
  [[nodiscard]] static Result<AccessHosts> parse(std::string_view text);
  /// Returns true if `host` is in the set. `host` is a numeric address, with or without `%zone` and brackets.
  /// Returns false for anything else.
  [[nodiscard]] bool contains(std::string_view host) const noexcept;
};

/// A topic pattern or client mask that is granted.
struct AccessGrant {
  std::string pattern;   ///< the pattern as the file has it
  std::size_t line = 0;  ///< its line in the file, from 1; 0 if it is not from a file
};

/// One [[client]] of the file. A client meets a demand if any value in its list matches. Empty lists make no
/// demand.
struct AccessEntry {
  std::string name;      ///< a client mask; a secondary client matches by the name of its primary
  std::size_t line = 0;  ///< line of the entry's beginning

  bool local_host = false;  ///< the word "local" is among the hosts: clients of unix sockets are admitted
  /// Demand, together with local_host: addresses from which a client may connect.
  std::vector<AccessHosts> hosts;
  std::vector<std::uint32_t>
      /// Demand: user ids, as the kernel reports them. A client that is not local has none and does not meet
      /// the demand.
      uids;
  std::vector<std::uint32_t> gids;        ///< demand: primary group ids
  std::vector<std::string> certificates;  ///< demand: names in a verified client certificate

  std::vector<AccessGrant> publish;    ///< granted topic patterns
  std::vector<AccessGrant> subscribe;  ///< granted topic patterns
  std::vector<AccessGrant> message;    ///< granted client masks
  std::vector<AccessGrant> broadcast;  ///< granted client masks
};

/// Access rules. The model at the top of this file says which entry applies to a client.
struct AccessRules {
  std::string file;                  ///< where the rules come from, for messages
  std::vector<AccessEntry> entries;  ///< the entries in the order of the file

  /// Reads a file of at most limits::access_file_bytes. Errors: the message has one line for each mistake,
  /// `FILE:LINE:COLUMN: key: what was found and what was expected`.
  [[nodiscard]] static Result<AccessRules> load(const std::filesystem::path& path);
  /// Parses rules from text. `file` is the name used in messages. Errors: as load().
  [[nodiscard]] static Result<AccessRules> parse(std::string_view text, std::string file);
};

/// What the rules know about a client.
struct AccessClient {
  std::string name;                        ///< the name under which it registers
  bool local = true;                       ///< true: a unix socket; false: a network transport
  std::optional<std::string> host;         ///< numeric address of a network client
  std::optional<std::uint32_t> uid;        ///< user id of a local client, as the kernel reports it
  std::optional<std::uint32_t> gid;        ///< primary group id of a local client
  std::optional<std::string> certificate;  ///< the name in its verified certificate
};

/// The result of the rules for one operation.
enum class AccessVerdict : std::uint8_t {
  allowed,      ///< the operation is granted
  no_entry,     ///< no entry's mask matches the client's name
  host,         ///< an entry's mask matches, but its demand on the host is not met
  uid,          ///< the same for the demand on the user id
  gid,          ///< the same for the demand on the group id
  certificate,  ///< the same for the demand on the certificate
  not_granted,  ///< the client may connect, but its entry does not grant this operation
  reserved,     ///< the topic is reserved for the broker
  bad_target,   ///< the target is not a valid topic, pattern, name or mask
};
/// Returns the verdict's name. The text is static.
[[nodiscard]] std::string_view to_string(AccessVerdict verdict) noexcept;

/// A verdict and the rule that led to it.
struct AccessDecision {
  AccessVerdict verdict = AccessVerdict::no_entry;  ///< the verdict
  /// If allowed: the line of the grant. Otherwise: the line of the entry that decides, 0 if there is none.
  std::size_t line = 0;
  std::string pattern;  ///< if allowed: the grant; otherwise: the mask of the entry

  /// Returns true if the operation is allowed.
  [[nodiscard]] bool allowed() const noexcept { return verdict == AccessVerdict::allowed; }
  /// Returns a sentence for people: which rule decides, and where it stands.
  [[nodiscard]] std::string describe(const AccessRules& rules) const;
};

/// Returns the entry that applies to the client, or nullptr if the client may not connect. Thread safety: any
/// thread, like all functions here.
[[nodiscard]] const AccessEntry* applying_entry(const AccessRules& rules,
                                                const AccessClient& client) noexcept;

/// Decides whether the client may carry out an operation on a target. The kind of target follows from the
/// operation. publish: a topic. subscribe: a topic pattern, and every topic that it can match must be
/// granted. message: a client name. broadcast: a client mask, with the same condition as subscribe. connect:
/// the target is ignored.
[[nodiscard]] AccessDecision decide(const AccessRules& rules, const AccessClient& client,
                                    AccessOperation operation, std::string_view target);

}  // namespace busrt
BUSRT_API_END
