// Tables out of JSON; a field that is not there shows as `-`.
#include "agent_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>

#include "busrt/base/grouped.hpp"
#include "busrt/base/json_fields.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/base/text_table.hpp"

namespace daemoneye_cli {
namespace {

namespace json = boost::json;
using busrt::base::array_at;
using busrt::base::grouped;
using busrt::base::number_at;
using busrt::base::object_at;
using busrt::base::true_at;

/// The field as a table shows it: `-` if it is absent or null.
std::string text_at(const json::object& parent, std::string_view key) {
  const auto* const found = busrt::base::field_at(parent, key);
  if (found == nullptr) return "-";
  return busrt::base::printable(found->is_string() ? std::string(found->get_string())
                                                   : json::serialize(*found));
}

std::vector<std::string> collector_row(const json::object& collector) {
  std::string lost = grouped(number_at(collector, "events_lost_reported"));
  if (true_at(collector, "events_lost_uncounted") || number_at(collector, "runs_cut") != 0) lost += "+?";
  const bool has_process = text_at(collector, "pid") != "-";
  return {text_at(collector, "name"),
          text_at(collector, "state"),
          text_at(collector, "pid"),
          has_process ? time_span(number_at(collector, "uptime_s")) : "-",
          grouped(number_at(collector, "restarts")),
          grouped(number_at(collector, "events_received")),
          lost,
          grouped(number_at(collector, "missing")),
          true_at(collector, "complete") ? "yes"
          : true_at(collector, "well")   ? "again"
                                         : "NO"};
}

Colour row_colour(const json::object& collector) {
  if (text_at(collector, "state") == "failed") return Colour::red;
  return true_at(collector, "complete") ? Colour::none : Colour::yellow;
}

/// The last cell ends the line: no blanks follow it.
std::string table_line(const std::vector<busrt::base::TableCell>& cells) {
  std::string line;
  for (const auto& cell : cells) {
    if (!line.empty()) line.append(column_gap, ' ');
    line.append(cell.before, ' ').append(cell.text);
    if (&cell != &cells.back()) line.append(cell.after, ' ');
  }
  return line;
}

std::string table(const json::array& collectors, const Screen& screen) {
  constexpr auto right = busrt::base::Align::right;
  busrt::base::TextTable text_table({{"COLLECTOR", 0},
                                     {"STATE", 2},
                                     {"PID", 8, right},
                                     {"UP", 7, right},
                                     {"RESTARTS", 6, right},
                                     {"EVENTS", 5, right},
                                     {"LOST", 3, right},
                                     {"MISSING", 4, right},
                                     {"COMPLETE", 1}});
  std::vector<Colour> colours = {Colour::bold};
  for (const auto& entry : collectors) {
    if (!entry.is_object()) continue;
    text_table.add_row(collector_row(entry.get_object()));
    colours.push_back(row_colour(entry.get_object()));
  }
  const auto layout = text_table.lay_out(column_gap, screen.columns);
  std::string text;
  for (std::size_t line = 0; line < layout.rows.size(); ++line)
    text += paint(screen, colours[line], table_line(layout.rows[line])) + "\n";
  if (layout.left_out.empty()) return text;
  return text + paint(screen, Colour::dim, wrapped("too narrow for: " + layout.left_out, screen, 4)) + "\n";
}

std::string broker_line(const json::object& bus) {
  const auto& broker = object_at(bus, "broker");
  std::string line = fmt::format("bus    {} on {}", text_at(bus, "mode"), text_at(bus, "address"));
  if (broker.if_contains("clients") == nullptr) {
    // A broker that somebody else runs tells less.
    return line + fmt::format("; {} frames in, {} out", grouped(number_at(broker, "r_frames")),
                              grouped(number_at(broker, "w_frames")));
  }
  std::uint64_t lost = 0;
  std::string causes;
  for (const auto& cause : object_at(broker, "lost")) {
    const std::uint64_t count = busrt::base::json_count(cause.value()).value_or(0);
    lost += count;
    if (count != 0)
      causes +=
          fmt::format("{}{} {}", causes.empty() ? " (" : ", ", busrt::base::printable(cause.key()), count);
  }
  if (!causes.empty()) causes += ")";
  return line + fmt::format("; {} clients, {} frames in, {} out, {} lost{}",
                            grouped(number_at(broker, "clients")), grouped(number_at(broker, "frames_in")),
                            grouped(number_at(broker, "frames_out")), grouped(lost), causes);
}

/// Of which times something is missing since the agent started.
std::string history(const json::object& status, const Screen& screen) {
  const auto& parts = array_at(status, "incomplete");
  if (parts.empty()) return {};
  std::string text = paint(screen, Colour::yellow, "not complete:") + "\n";
  for (const auto& part : parts) {
    const auto* object = part.if_object();
    if (object == nullptr) continue;
    const bool lasts = busrt::base::field_at(*object, "to") == nullptr;
    const std::string who = text_at(*object, "collector");
    text += wrapped(fmt::format("  {}from {} {}: {}", who == "-" ? "" : who + ", ", text_at(*object, "from"),
                                lasts ? "and still" : "until " + text_at(*object, "to"),
                                text_at(*object, "reason")),
                    screen, 4) +
            "\n";
  }
  return text;
}

}  // namespace

bool is_well(const json::object& status) {
  return true_at(status, "well");
}

bool is_complete(const json::object& status) {
  return true_at(status, "complete");
}

bool is_settling(const json::object& status) {
  return std::ranges::any_of(array_at(status, "collectors"), [](const json::value& entry) {
    return entry.is_object() && text_at(entry.get_object(), "state") == "starting";
  });
}

std::vector<std::string> describe_sight(const json::object& status, const Screen& screen) {
  std::vector<std::string> lines;
  for (const auto& entry : array_at(status, "collectors")) {
    if (!entry.is_object()) continue;
    const auto& collector = entry.get_object();
    const std::string name = text_at(collector, "name");
    const auto& sources = array_at(object_at(collector, "health"), "sources");
    if (sources.empty()) {
      const std::string reason = text_at(collector, "reason");
      const std::string sentence = fmt::format("{} is {}{}", name, text_at(collector, "state"),
                                               reason.empty() || reason == "-" ? "" : ": " + reason);
      lines.push_back(paint(screen, Colour::red, wrapped(sentence, screen, 2)));
    }
    for (const auto& source : sources) {
      if (!source.is_object()) continue;
      const auto& health = source.get_object();
      std::string watched = fmt::format("{} watches {} events by {}", name, text_at(health, "domain"),
                                        text_at(health, "method"));
      const std::string why = text_at(health, "why");
      if (!why.empty() && why != "-") watched += " (" + why + ")";
      lines.push_back(wrapped(watched, screen, 2));
      for (const auto& blind : array_at(health, "cannot_see")) {
        if (!blind.is_string()) continue;
        const std::string sentence = "  cannot see: " + busrt::base::printable(blind.get_string());
        lines.push_back(paint(screen, Colour::dim, wrapped(sentence, screen, 14)));
      }
    }
  }
  return lines;
}

std::string format_status(const json::object& status, const Screen& screen) {
  const auto& agent = object_at(status, "agent");
  const std::string agent_line = fmt::format(
      "agent  daemoneye-agent {}, pid {}, up {}, state in {}", text_at(agent, "version"),
      text_at(agent, "pid"), time_span(number_at(agent, "uptime_s")), text_at(agent, "state_dir"));
  constexpr std::size_t heading = 7;
  std::string text = wrapped(agent_line, screen, heading) + "\n";
  text += wrapped(broker_line(object_at(status, "bus")), screen, heading) + "\n";
  text += "\n" + table(array_at(status, "collectors"), screen) + "\n";
  for (const auto& line : describe_sight(status, screen)) text += line + "\n";
  text += "\n";
  if (is_complete(status)) {
    return text +
           paint(
               screen, Colour::green,
               wrapped("complete: all that the collectors reported since the start has arrived", screen, 2)) +
           "\n";
  }
  if (is_well(status)) {
    text += paint(screen, Colour::green, "whole again since " + text_at(status, "whole_since")) + "\n";
  } else {
    text += paint(screen, Colour::yellow, "degraded:") + "\n";
    for (const auto& reason : array_at(status, "degraded")) {
      if (reason.is_string())
        text += wrapped("  " + busrt::base::printable(reason.get_string()), screen, 4) + "\n";
    }
  }
  return text + history(status, screen);
}

}  // namespace daemoneye_cli
