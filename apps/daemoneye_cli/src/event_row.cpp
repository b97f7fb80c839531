// Renders the data of the process domain by its schema; an event of another domain shows its data as JSON.
#include "event_row.hpp"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <vector>

#include "busrt/base/column_fit.hpp"
#include "busrt/base/grouped.hpp"
#include "busrt/base/json_fields.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/base/terminal_text.hpp"
#include "daemoneye/events/loss.hpp"
#include "daemoneye/events/process_fields.hpp"

namespace daemoneye_cli {
namespace {

namespace json = boost::json;
namespace field = daemoneye::events::process;
using daemoneye::events::Event;
using daemoneye::events::Field;

/// Shown where a collector could not tell.
constexpr std::string_view unknown = "?";

const json::value* find(const json::object& data, const Field& wanted) {
  return busrt::base::field_at(data, wanted.name);
}

std::string number(const json::value* value) {
  if (value == nullptr) return std::string(unknown);
  return value->is_number() ? json::serialize(*value) : std::string(unknown);
}

std::string text(const json::value* value) {
  return value != nullptr && value->is_string() ? busrt::base::printable(value->get_string()) : std::string();
}

struct Cells {
  std::string pid, ppid, uid, what;
  Colour colour = Colour::none;
};

/// What a process runs: its arguments, else its program, else the kernel's short name for it.
std::string program(const json::object& data) {
  const std::string comm = text(find(data, field::comm));
  if (find(data, field::kernel_thread) != nullptr) return "[" + comm + "]";
  const auto* args = find(data, field::args);
  if (args != nullptr && args->is_array() && !args->get_array().empty()) {
    const bool truncated = find(data, field::args_truncated) != nullptr;
    return shell_words(args->get_array()) + (truncated ? " …" : "");
  }
  const std::string exe = text(find(data, field::exe));
  if (!exe.empty()) return exe;
  return comm.empty() ? std::string(unknown) : "(" + comm + ")";
}

std::string ids(const json::value* value, const Field& real_id, const Field& effective_id) {
  const auto* pair = value == nullptr ? nullptr : value->if_object();
  if (pair == nullptr) return std::string(unknown);
  const std::string real = number(find(*pair, real_id));
  const std::string effective = number(find(*pair, effective_id));
  return real == effective ? real : fmt::format("{} (effective {})", real, effective);
}

std::string duration(const json::value* value) {
  if (value == nullptr || !value->is_number()) return "";
  const double milliseconds = value->to_number<double>();
  if (milliseconds < 1000) return fmt::format(" after {:.0f} ms", milliseconds);
  if (milliseconds < 60'000) return fmt::format(" after {:.1f} s", milliseconds / 1000);
  return " after " + time_span(static_cast<std::uint64_t>(milliseconds / 1000));
}

void describe_exit(const json::object& data, Cells& cells) {
  const auto* code = find(data, field::exit_code);
  const auto* signal = find(data, field::signal);
  std::string how = "exit ?";
  cells.colour = Colour::dim;
  if (signal != nullptr && signal->is_number()) {
    const int value = signal->to_number<int>();
    const char* const name = ::sigabbrev_np(value);
    how = name == nullptr ? fmt::format("signal {}", value) : fmt::format("SIG{}", name);
    cells.colour = Colour::red;
  } else if (code != nullptr) {
    how = "exit " + number(code);
    if (how != "exit 0") cells.colour = Colour::yellow;
  }
  if (find(data, field::core_dumped) != nullptr) how += " (core dumped)";
  cells.what = fmt::format("{}{}: {}", how, duration(find(data, field::duration_ms)), program(data));
}

Cells process_cells(const Event& event) {
  const auto& data = event.data;
  Cells cells;
  const auto* process = find(data, field::identity);
  const auto* identity = process == nullptr ? nullptr : process->if_object();
  cells.pid = number(identity == nullptr ? nullptr : find(*identity, field::pid));
  cells.ppid = number(find(data, field::ppid));
  cells.uid = number(find(data, field::uid));
  if (event.kind == field::kind::exit) {
    describe_exit(data, cells);
    return cells;
  }
  cells.what = program(data);
  if (event.kind == field::kind::exec) cells.colour = Colour::green;
  if (event.kind == field::kind::created) cells.colour = Colour::cyan;
  if (event.kind == field::kind::snapshot) cells.colour = Colour::dim;
  if (event.kind == field::kind::change) {
    cells.colour = Colour::magenta;
    cells.what =
        fmt::format("{} {} -> {}: {}", text(find(data, field::changed)),
                    ids(find(data, field::old_ids), field::old_real, field::old_effective),
                    ids(find(data, field::new_ids), field::new_real, field::new_effective), cells.what);
  }
  return cells;
}

Cells loss_cells(const Event& event) {
  Cells cells;
  cells.colour = Colour::red;
  const auto loss = daemoneye::events::parse_loss(event.data);
  if (!loss) {
    cells.what = "LOST: a loss record that cannot be read: " + busrt::base::printable(loss.error().message);
    return cells;
  }
  const std::string count = loss->count ? busrt::base::grouped(*loss->count) : "an unknown number of";
  cells.what = fmt::format("LOST {} event{}: {}", count, loss->count == 1 ? "" : "s",
                           busrt::base::printable(loss->cause));
  if (!loss->detail.empty()) cells.what += " (" + busrt::base::printable(loss->detail) + ")";
  return cells;
}

/// TIME EVENT PID PPID UID WHAT. Of WHAT 20 columns are worth more than any column to its left.
constexpr std::array<busrt::base::Column, 6> layout = {
    {{12, 12, 3}, {16, 16, 1}, {7, 7, 2}, {7, 7, 5}, {5, 5, 4}, {20, 20, 0}}};

std::string row(const Screen& screen, std::string_view time, std::string_view event, const Cells& cells) {
  const std::array<std::string_view, 5> left = {time, event, cells.pid, cells.ppid, cells.uid};
  const std::vector<std::size_t> widths =
      busrt::base::fit_columns(layout, column_gap, screen.columns.value_or(SIZE_MAX));
  std::string line;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (widths[i] == 0) continue;
    // Numbers stand at the right, and are never cut.
    const bool number = i >= 2;
    const std::string text =
        screen.columns && !number ? busrt::base::cut(left[i], widths[i]) : std::string(left[i]);
    line +=
        busrt::base::padded(text, widths[i], number ? busrt::base::Align::right : busrt::base::Align::left);
    line.append(column_gap, ' ');
  }
  line += cells.what;
  return screen.columns ? busrt::base::cut(line, *screen.columns) : line;
}

}  // namespace

std::string shell_words(const json::array& args) {
  constexpr std::string_view plain = "%+,-./:=@_^~\\{}";
  std::string line;
  for (const auto& arg : args) {
    const std::string word =
        arg.is_string() ? busrt::base::printable(arg.get_string()) : json::serialize(arg);
    const bool quote = word.empty() || !std::ranges::all_of(word, [plain](char letter) {
                         return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
                                plain.find(letter) != std::string_view::npos ||
                                static_cast<unsigned char>(letter) >= 0x80;
                       });
    if (!line.empty()) line += ' ';
    if (!quote) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char letter : word) letter == '\'' ? line += "'\\''" : line += letter;
    line += '\'';
  }
  return line;
}

std::string event_heading(const Screen& screen) {
  return paint(screen, Colour::bold,
               row(screen, "TIME", "EVENT", {"PID", "PPID", "UID", "WHAT", Colour::none}));
}

std::string format_event(const Event& event, const Screen& screen) {
  const std::string name = event.domain + "." + event.kind;
  Cells cells;
  if (event.is_loss()) {
    cells = loss_cells(event);
  } else if (event.domain == field::domain) {
    cells = process_cells(event);
  } else {
    cells.what = busrt::base::printable(json::serialize(event.data));
  }
  return paint(screen, cells.colour,
               row(screen, local_time(event.time), busrt::base::printable(name), cells));
}

std::string format_notice(const std::string& sentence, const Screen& screen) {
  return paint(screen, Colour::red, wrapped("!! " + busrt::base::printable(sentence), screen, 3));
}

}  // namespace daemoneye_cli
