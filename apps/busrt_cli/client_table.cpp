#include "client_table.hpp"

#include <fmt/core.h>

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "busrt/base/json_fields.hpp"
#include "busrt/error.hpp"
#include "terminal.hpp"

namespace busrt_cli {
namespace {

namespace json = boost::json;
using busrt::base::text_at;

/// What was lost, by cause: "50 slow_consumer, 306 realtime_queue_full", or 0.
std::string losses_of(const json::object& client) {
  const json::value* lost = client.if_contains("lost");
  if (lost == nullptr || !lost->is_object()) return {};
  std::string text;
  for (const auto& [cause, frames] : lost->get_object()) {
    const auto count = busrt::base::json_count(frames);
    if (!count || *count == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", grouped(*count), std::string_view(cause.data(), cause.size()));
  }
  return text.empty() ? "0" : text;
}

std::string grouped_count(const json::object& client, std::string_view key) {
  const auto count = busrt::base::count_at(client, key);
  return count ? grouped(*count) : std::string();
}

/// Columns that the real broker does not have; shown where the broker sends them.
bool tells_more(const json::array& clients) {
  return !clients.empty() && clients[0].is_object() && clients[0].get_object().contains("held");
}

}  // namespace

busrt::base::Result<Table> client_table(const json::array& clients, std::string_view asker) {
  std::vector<std::string> titles{"name",    "type",     "source",  "port",  "r_frames",
                                  "r_bytes", "w_frames", "w_bytes", "queue", "ins"};
  const bool more = tells_more(clients);
  if (more) titles.insert(titles.end(), {"lost", "denied", "held", "memory", "uid", "pid"});
  Table table(std::move(titles), {"name", "lost", "queue", "type", "r_frames", "w_frames", "pid", "uid",
                                  "held", "denied", "memory", "source", "ins", "w_bytes", "r_bytes", "port"});
  for (const json::value& entry : clients) {
    if (!entry.is_object()) {
      return busrt::base::fail(busrt::errc::data,
                               "the broker's list of clients holds something else than clients");
    }
    const json::object& client = entry.get_object();
    const std::string name = text_at(client, "name");
    if (name == asker) continue;
    std::vector<Cell> row{name, text_at(client, "kind"), text_at(client, "source"), text_at(client, "port")};
    for (const char* count : {"r_frames", "r_bytes", "w_frames", "w_bytes", "queue", "instances"})
      row.emplace_back(grouped_count(client, count));
    if (more) {
      row.emplace_back(losses_of(client));
      for (const char* count : {"denied", "held", "memory"}) row.emplace_back(grouped_count(client, count));
      for (const char* id : {"uid", "pid"}) row.emplace_back(text_at(client, id));
    }
    table.add_row(std::move(row));
  }
  return table;
}

}  // namespace busrt_cli
