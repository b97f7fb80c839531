#include "broker/client_info.hpp"

namespace busrt::broker {

namespace {

std::string_view kind_word(transport::StreamKind kind) noexcept {
  switch (kind) {
    case transport::StreamKind::internal:
      return "internal";
    case transport::StreamKind::local_ipc:
      return "local_ipc";
    case transport::StreamKind::tcp:
      return "tcp";
    case transport::StreamKind::websocket:
      return "websocket";
  }
  return {};
}

}  // namespace

ClientInfo client_info(const Endpoint& endpoint) {
  ClientInfo info;
  info.name = endpoint.name;
  info.kind = kind_word(endpoint.peer.kind);
  info.source = endpoint.peer.source;
  info.port = endpoint.peer.port;
  info.frames_in = endpoint.traffic.frames_in.get();
  info.bytes_in = endpoint.traffic.bytes_in.get();
  info.frames_out = endpoint.traffic.frames_out.get();
  info.bytes_out = endpoint.traffic.bytes_out.get();
  for (std::size_t cause = 0; cause < loss_causes; ++cause)
    info.lost[cause] = endpoint.traffic.lost[cause].get();
  info.holds = endpoint.traffic.holds.get();
  info.memory_bytes = endpoint.account->used();
  info.pid = endpoint.peer.pid;
  info.uid = endpoint.peer.uid;
  info.denied = endpoint.traffic.denied.get();
  info.queue = endpoint.depth.frames();
  info.instances = endpoint.secondaries + 1;
  return info;
}

}  // namespace busrt::broker
