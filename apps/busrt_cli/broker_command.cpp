// `broker client.list|info|stats|test`: the broker's own RPC, as tables.
#include <fmt/core.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdlib>
#include <string_view>

#include "busrt/blocking_client.hpp"
#include "busrt/msgpack.hpp"
#include "busrt/protocol.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "payload.hpp"
#include "table.hpp"

namespace busrt_cli {
namespace {

namespace json = boost::json;

std::string_view method_of(Command command) {
  switch (command) {
    case Command::broker_client_list:
      return "client.list";
    case Command::broker_info:
      return "info";
    case Command::broker_stats:
      return "stats";
    default:
      return "test";
  }
}

/// A member as text: numbers as digits, nil and missing as nothing.
std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return {};
  if (const auto* text = value->if_string()) return {text->data(), text->size()};
  if (const auto* integer = value->if_int64()) return std::to_string(*integer);
  if (const auto* integer = value->if_uint64()) return std::to_string(*integer);
  return {};
}

std::string count_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains({key.data(), key.size()});
  if (value == nullptr) return {};
  if (const auto* integer = value->if_uint64()) return grouped(*integer);
  if (const auto* integer = value->if_int64(); integer != nullptr && *integer >= 0) {
    return grouped(static_cast<std::uint64_t>(*integer));
  }
  return {};
}

int print_fields(const json::object& answer, std::initializer_list<const char*> fields) {
  Table table({"field", "value"});
  for (const char* field : fields) table.add_row({field, text_of(answer, field)});
  print_out("{}", table.to_string());
  return EXIT_SUCCESS;
}

/// Frames lost, whatever the cause: the sum of a map of counts.
std::string lost_of(const json::object& client) {
  const json::value* lost = client.if_contains("lost");
  if (lost == nullptr || !lost->is_object()) return {};
  std::uint64_t sum = 0;
  for (const auto& [cause, frames] : lost->get_object()) {
    if (const auto* count = frames.if_uint64()) sum += *count;
    if (const auto* count = frames.if_int64()) sum += static_cast<std::uint64_t>(*count);
  }
  return grouped(sum);
}

/// Columns that the real broker does not have; shown where the broker sends them.
bool tells_more(const json::array& clients) {
  return !clients.empty() && clients[0].is_object() && clients[0].get_object().contains("held");
}

int print_clients(const json::object& answer, const std::string& own_name) {
  const json::value* clients = answer.if_contains("clients");
  if (clients == nullptr || !clients->is_array()) return fail("the broker's answer holds no list of clients");
  std::vector<std::string> titles{"name",    "type",     "source",  "port",  "r_frames",
                                  "r_bytes", "w_frames", "w_bytes", "queue", "ins"};
  const bool more = tells_more(clients->get_array());
  if (more) titles.insert(titles.end(), {"lost", "held", "memory", "uid", "pid"});
  Table table(std::move(titles));
  for (const json::value& entry : clients->get_array()) {
    if (!entry.is_object()) return fail("the broker's list of clients holds something else than clients");
    const json::object& client = entry.get_object();
    const std::string name = text_of(client, "name");
    if (name == own_name) continue;
    std::vector<Cell> row{name,
                          text_of(client, "kind"),
                          text_of(client, "source"),
                          text_of(client, "port"),
                          count_of(client, "r_frames"),
                          count_of(client, "r_bytes"),
                          count_of(client, "w_frames"),
                          count_of(client, "w_bytes"),
                          count_of(client, "queue"),
                          count_of(client, "instances")};
    if (more) {
      row.insert(row.end(), {lost_of(client), count_of(client, "held"), count_of(client, "memory"),
                             text_of(client, "uid"), text_of(client, "pid")});
    }
    table.add_row(std::move(row));
  }
  print_out("{}", table.to_string());
  return EXIT_SUCCESS;
}

/// The real tool's five rows, then those that our broker adds: what is in use, and what was lost, closed and
/// refused, by reason.
int print_stats(const json::object& stats) {
  Table table({"field", "value"});
  for (const char* field : {"r_frames", "r_bytes", "w_frames", "w_bytes", "uptime"})
    table.add_row({field, text_of(stats, field)});
  for (const char* field :
       {"clients", "connections", "memory", "memory_limit", "held", "denied", "subscriptions_revoked"}) {
    if (stats.contains(field)) table.add_row({field, text_of(stats, field)});
  }
  for (const char* field : {"lost", "closed", "refused"}) {
    const json::value* counts = stats.if_contains(field);
    if (counts == nullptr || !counts->is_object()) continue;
    for (const auto& [reason, count] : counts->get_object()) {
      const std::string key = reason;
      table.add_row({fmt::format("{}.{}", field, key), text_of(counts->get_object(), key)});
    }
  }
  print_out("{}", table.to_string());
  return EXIT_SUCCESS;
}

}  // namespace

int run_broker_command(const Options& options) {
  busrt::BlockingRpcClient client(client_config(options), {.call_timeout = options.timeout});
  if (auto up = client.connect(); !up) return fail_to_connect(options, up.error());
  const std::string_view method = method_of(options.command);
  const auto reply = client.call(busrt::broker_name, method);
  if (!reply)
    return fail(fmt::format("{}: RPC error {}: {}", method, reply.error().rpc_code, reply.error().message));
  if (options.command == Command::broker_test) {
    print_out("{}", payload_text(reply->payload, options.silent));
    return EXIT_SUCCESS;
  }
  const auto answer = busrt::msgpack::decode(reply->payload);
  if (!answer) return fail_with("the broker's answer", answer.error());
  if (!answer->is_object()) return fail("the broker's answer is no map");
  const json::object& map = answer->get_object();
  if (options.command == Command::broker_info) return print_fields(map, {"author", "version"});
  if (options.command == Command::broker_stats) {
    return print_stats(map);
  }
  return print_clients(map, options.name);
}

}  // namespace busrt_cli
