#include "broker/core_rpc.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/access_call.hpp"
#include "broker/name_filter.hpp"
#include "broker/packer.hpp"
#include "busrt/limits.hpp"
#include "busrt/version.hpp"
#include "msgpack/reader.hpp"
#include "wire/rpc_frame.hpp"

namespace busrt::broker {

namespace {

// JSON-RPC's codes, as in busrt/rpc.hpp, which belongs to the client.
constexpr std::int16_t method_not_found = -32601;
constexpr std::int16_t invalid_params = -32602;

void pack_info(Packer& packer) {
  packer.map(2);
  packer.string("author");
  packer.string("The busrt authors");
  packer.string("version");
  packer.string(version);
}

/// The counts above zero, by name.
template <class Reason, std::size_t count>
void pack_counts(Packer& packer, std::string_view key, const std::uint64_t (&counts)[count]) {
  packer.string(key);
  packer.map(static_cast<std::uint32_t>(count - static_cast<std::size_t>(std::ranges::count(counts, 0U))));
  for (std::size_t reason = 0; reason < count; ++reason) {
    if (counts[reason] != 0) packer.field(to_string(static_cast<Reason>(reason)), counts[reason]);
  }
}

/// The real broker's five numbers, then ours.
void pack_stats(Packer& packer, const BrokerStats& stats) {
  packer.map(18);
  packer.field("uptime", static_cast<std::uint64_t>(stats.uptime.count()));
  packer.field("r_frames", stats.frames_in);
  packer.field("r_bytes", stats.bytes_in);
  packer.field("w_frames", stats.frames_out);
  packer.field("w_bytes", stats.bytes_out);
  packer.field("clients", stats.clients);
  packer.field("connections", stats.connections);
  packer.field("memory", stats.memory_bytes);
  packer.field("memory_limit", stats.memory_limit);
  packer.field("held", stats.holds);
  packer.field("denied", stats.denied);
  packer.field("subscriptions_revoked", stats.subscriptions_revoked);
  packer.field("accept_pauses", stats.accept_pauses);
  packer.field("patterns_refused", stats.patterns_refused);
  packer.field("yields", stats.yields);
  pack_counts<LossCause>(packer, "lost", stats.lost);
  pack_counts<CloseReason>(packer, "closed", stats.closed);
  pack_counts<RefusalReason>(packer, "refused", stats.refused);
}

/// The real broker's ten fields, then ours.
void pack_client(Packer& packer, const ClientInfo& client) {
  packer.map(16);
  packer.string("name");
  packer.string(client.name);
  packer.string("kind");
  packer.string(client.kind);
  packer.string("source");
  packer.optional(client.source);
  packer.string("port");
  packer.optional(client.port);
  packer.field("r_frames", client.frames_in);
  packer.field("r_bytes", client.bytes_in);
  packer.field("w_frames", client.frames_out);
  packer.field("w_bytes", client.bytes_out);
  packer.field("queue", client.queue);
  packer.field("instances", client.instances);
  packer.field("held", client.holds);
  packer.field("denied", client.denied);
  packer.field("memory", client.memory_bytes);
  packer.optional_field("pid", client.pid);
  packer.optional_field("uid", client.uid);
  pack_counts<LossCause>(packer, "lost", client.lost);
}

/// The `filter` of client.list's params: absent for none, an error message for params that are no map with a
/// string.
struct Filter {
  std::optional<std::string> pattern;
  const char* problem = nullptr;
};

Filter read_filter(std::span<const std::byte> params) {
  Filter filter;
  if (params.empty()) return filter;
  auto reader = msgpack::Reader::of(params);
  if (!reader) return {{}, "params are not one MessagePack value"};
  if (reader->nil()) return filter;
  const auto size = reader->map();
  if (!size) return {{}, "params must be a map"};
  for (std::uint32_t i = 0; i < *size; ++i) {
    const auto key = reader->string();
    if (!key) return {{}, "params: keys must be strings"};
    if (*key != "filter") {
      reader->skip();
    } else if (const auto text = reader->string()) {
      filter.pattern = std::string(*text);
    } else if (!reader->nil()) {
      return {{}, "filter: must be a string holding a regular expression"};
    }
  }
  return filter;
}

/// Packs the list, or returns what is wrong with the params.
std::optional<std::string> pack_client_list(Packer& packer, const Core& core,
                                            std::span<const std::byte> params) {
  const Filter filter = read_filter(params);
  if (filter.problem != nullptr) return filter.problem;
  std::vector<ClientInfo> clients = core.registry.list();
  ClientInfo own = core.own.info();
  const auto place = std::ranges::upper_bound(clients, own.name, {}, &ClientInfo::name);
  clients.insert(place, std::move(own));
  if (filter.pattern) {
    if (auto problem = keep_matching(clients, *filter.pattern)) return "filter: " + *problem;
  }
  packer.map(1);
  packer.string("clients");
  packer.array(static_cast<std::uint32_t>(clients.size()));
  for (const ClientInfo& client : clients) pack_client(packer, client);
  return std::nullopt;
}

/// A value of any kind is refused, nil as well: the real broker decides so.
bool takes_no_params(std::string_view method) {
  return method == "test" || method == "info" || method == "stats";
}

base::ByteBuffer error_reply(std::uint32_t call_id, std::int16_t code, std::string_view message) {
  base::ByteBuffer reply;
  wire::append_rpc_error_header(reply, call_id, code);
  reply.append(message);
  return reply;
}

}  // namespace

CoreAnswer answer_core_call(const Core& core, std::span<const std::byte> payload) {
  wire::RpcFrame call;
  if (!wire::decode_rpc(payload, call) || call.kind != wire::RpcKind::request || call.call_id == 0) return {};
  CoreAnswer answer;
  answer.was_work = call.method == "stats" || call.method == "client.list" || call.method == "access.explain";
  base::ByteBuffer& reply = answer.reply;
  wire::append_rpc_reply_header(reply, call.call_id);
  Packer packer(reply);
  if (takes_no_params(call.method) && !call.payload.empty()) {
    reply = error_reply(call.call_id, invalid_params, "the method takes no params");
  } else if (call.method == "test") {
    packer.map(1);
    packer.string("ok");
    packer.boolean(true);
  } else if (call.method == "info") {
    pack_info(packer);
  } else if (call.method == "stats") {
    pack_stats(packer, core.stats());
  } else if (call.method == "client.list") {
    if (const auto problem = pack_client_list(packer, core, call.payload)) {
      reply = error_reply(call.call_id, invalid_params, *problem);
    }
  } else if (call.method == "access.explain") {
    if (const auto problem = pack_access_decision(packer, core, call.payload)) {
      reply = error_reply(call.call_id, invalid_params, *problem);
    }
  } else if (call.method == "benchmark.test") {
    reply.append(call.payload);
  } else {
    reply = error_reply(call.call_id, method_not_found, "method not found");
  }
  return answer;
}

}  // namespace busrt::broker
