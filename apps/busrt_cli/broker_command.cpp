// `broker client.list|info|stats|test`: the broker's own RPC, as tables.
#include <fmt/core.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdlib>
#include <string_view>

#include "busrt/base/json_fields.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/msgpack.hpp"
#include "busrt/protocol.hpp"
#include "client_table.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "payload.hpp"
#include "system.hpp"
#include "table.hpp"

namespace busrt_cli {
namespace {

namespace json = boost::json;
using busrt::base::text_at;

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

int print_fields(const json::object& answer, std::initializer_list<const char*> fields) {
  Table table({"field", "value"});
  for (const char* field : fields) table.add_row({field, text_at(answer, field)});
  print_out("{}", table.to_string());
  return EXIT_SUCCESS;
}

int print_clients(const json::object& answer, const std::string& own_name) {
  const json::value* clients = answer.if_contains("clients");
  if (clients == nullptr || !clients->is_array()) return fail("the broker's answer holds no list of clients");
  const auto table = client_table(clients->get_array(), own_name);
  if (!table) return fail(table.error().message);
  print_out("{}", table->to_string(output_columns()));
  return EXIT_SUCCESS;
}

/// The real tool's five rows, then those that our broker adds: what is in use, and what was lost, closed and
/// refused, by reason.
int print_stats(const json::object& stats) {
  Table table({"field", "value"});
  for (const char* field : {"r_frames", "r_bytes", "w_frames", "w_bytes", "uptime"})
    table.add_row({field, text_at(stats, field)});
  for (const char* field : {"clients", "connections", "memory", "memory_limit", "held", "denied",
                            "subscriptions_revoked", "patterns_refused", "yields"}) {
    if (stats.contains(field)) table.add_row({field, text_at(stats, field)});
  }
  for (const char* field : {"lost", "closed", "refused"}) {
    const json::object& counts = busrt::base::object_at(stats, field);
    for (const auto& [reason, count] : counts) {
      const std::string key = reason;
      table.add_row({fmt::format("{}.{}", field, key), text_at(counts, key)});
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
  const auto reply = call_to_show(client, busrt::broker_name, method);
  if (!reply)
    return fail(fmt::format("{}: RPC error {}: {}", method, reply.error().rpc_code, reply.error().message));
  if (options.command == Command::broker_test) {
    print_out("{}", payload_text(reply->payload, options.silent ? PayloadForm::bare : PayloadForm::headed));
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
