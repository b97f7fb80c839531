// Datagrams of the kernel's process connector: netlink header, connector header, event. Bytes in, values out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "../kernel_event.hpp"

namespace procmond::linux_os {

/// One message. Only `event` concerns processes; the rest is for counting and for the confirmation.
struct ConnectorMessage {
  std::uint32_t sequence = 0;  ///< counts per CPU, over every kind of event; may wrap
  std::uint32_t acknowledged = 0;
  std::optional<std::uint32_t> cpu;      ///< empty when the sequence is not that of a CPU
  bool confirmation = false;             ///< the kernel's answer to a listener
  std::uint32_t confirmation_error = 0;  ///< errno
  std::optional<KernelEvent> event;  ///< empty for a kind that procmond has no use for (session, ptrace, ...)
};

/// Appends the messages of one datagram. False when something of it was cut, foreign or senseless: what was
/// well-formed before that is kept.
bool decode_datagram(std::span<const std::byte> datagram, std::vector<ConnectorMessage>& messages);

enum class ConnectorRequest : std::uint32_t { listen = 1, ignore = 2 };

/// The plain request, which every kernel knows, carrying `sequence` and `acknowledge`; the kernel confirms
/// with acknowledge + 1. Newer kernels take a filter of event kinds as well, but they number events before
/// they filter them, so that a filter leaves holes that look like losses. Exact counting of losses is worth
/// more than the few events that a filter would save.
using RequestBytes = std::array<std::byte, 40>;
[[nodiscard]] RequestBytes encode_request(ConnectorRequest request, std::uint32_t sequence,
                                          std::uint32_t acknowledge);

}  // namespace procmond::linux_os
