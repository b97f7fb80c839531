// A connected client as the access rules see it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "busrt/access.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

/// The address in HOST:PORT or [HOST]:PORT, which is what a peer's source is; rules ask for no port.
[[nodiscard]] constexpr std::string_view host_of(std::string_view source) noexcept {
  if (source.starts_with('[')) return source.substr(1, source.find(']') - 1);
  return source.substr(0, source.find(':'));
}

[[nodiscard]] inline AccessClient access_client(std::string_view name, const transport::Peer& peer) {
  return {.name = std::string(name),
          .local = peer.kind == transport::StreamKind::local_ipc,
          .host = peer.source ? std::optional<std::string>(host_of(*peer.source)) : std::nullopt,
          .uid = peer.uid,
          .gid = peer.gid,
          .certificate = peer.certificate ? std::optional(peer.certificate->name) : std::nullopt};
}

/// Code inside the broker's own process could change the rules as well as break them, so it is under none. A
/// fifo speaks for every process that may write to it, and is under the rules for its name.
[[nodiscard]] inline bool under_rules(const transport::Peer& peer) noexcept {
  return peer.kind != transport::StreamKind::internal || peer.speaks_as.has_value();
}

}  // namespace busrt::broker
