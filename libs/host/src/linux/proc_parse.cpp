// Parsers that trust nothing: a process chooses its own name, and a file may end anywhere.
#include "daemoneye/host/proc_parse.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace daemoneye::host {
namespace {

/// Takes the next run of characters without blanks off the text; empty at its end.
std::string_view next_word(std::string_view& text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return text = {};
  text.remove_prefix(begin);
  const std::string_view word = text.substr(0, text.find_first_of(" \t\n"));
  text.remove_prefix(word.size());
  return word;
}

template <class Number>
std::optional<Number> to_number(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::uint64_t mix(std::uint64_t mark, std::uint64_t value) {
  return (mark ^ value) * 0x9e3779b97f4a7c15U ^ (mark >> 29U);
}

/// Fields 4 to 52 of stat, by their numbers in the manual.
class StatFields {
 public:
  explicit StatFields(std::string_view text) {
    for (std::string_view& field : fields_) field = next_word(text);
  }
  template <class Number>
  [[nodiscard]] std::optional<Number> number(std::size_t field) const {
    return to_number<Number>(fields_.at(field - first));
  }

 private:
  static constexpr std::size_t first = 4;
  std::array<std::string_view, 49> fields_;
};

std::optional<IdPair> parse_ids(std::string_view line) {
  const auto real = to_number<std::uint32_t>(next_word(line));
  const auto effective = to_number<std::uint32_t>(next_word(line));
  if (!real || !effective) return std::nullopt;
  return IdPair{*real, *effective};
}

/// The rest of the line that begins with `key`; a name of a process cannot fake one, its newlines are
/// escaped.
std::optional<std::string_view> line_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.starts_with(key)) return line.substr(key.size());
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace

std::optional<ProcStat> parse_stat(std::string_view text) {
  const std::size_t open = text.find(" (");
  // Nothing behind the name holds a parenthesis, so the last one ends it, whatever the name holds.
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2)
    return std::nullopt;
  ProcStat stat;
  const auto pid = to_number<Pid>(text.substr(0, open));
  stat.comm = text.substr(open + 2, close - open - 2);
  std::string_view rest = text.substr(close + 1);
  const std::string_view state = next_word(rest);
  const StatFields fields(rest);
  const auto parent = fields.number<Pid>(4);
  const auto flags = fields.number<std::uint64_t>(9);
  const auto threads = fields.number<std::uint32_t>(20);
  const auto start = fields.number<std::uint64_t>(22);
  if (!pid || state.size() != 1 || !parent || !flags || !threads || !start) return std::nullopt;
  stat.pid = *pid;
  stat.state = state.front();
  stat.parent = *parent;
  stat.flags = *flags;
  stat.threads = *threads;
  stat.start_ticks = *start;
  const std::uint64_t code = fields.number<std::uint64_t>(26).value_or(0);
  const std::uint64_t stack = fields.number<std::uint64_t>(28).value_or(0);
  if (stack != 0) stat.image_mark = mix(mix(1, code), stack) | 1U;
  stat.wait_status = fields.number<std::uint32_t>(52).value_or(0);
  return stat;
}

std::optional<ProcStatus> parse_status(std::string_view text) {
  const auto uid_line = line_of(text, "Uid:");
  const auto gid_line = line_of(text, "Gid:");
  if (!uid_line || !gid_line) return std::nullopt;
  const auto uid = parse_ids(*uid_line);
  const auto gid = parse_ids(*gid_line);
  if (!uid || !gid) return std::nullopt;
  return ProcStatus{*uid, *gid};
}

std::optional<std::string_view> parse_cgroup(std::string_view text) {
  std::optional<std::string_view> best;
  int best_rank = -1;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    // hierarchy:controllers:path
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos || second + 1 >= line.size() || line[second + 1] != '/') continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    int rank = 0;
    if (path != "/") rank = controllers.empty() ? 3 : controllers == "name=systemd" ? 2 : 1;
    if (rank > best_rank) {
      best_rank = rank;
      best = path;
    }
  }
  return best;
}

CommandLine parse_cmdline(std::string_view bytes, bool cut) {
  CommandLine line;
  line.truncated = cut;
  if (cut) {
    const std::size_t last = bytes.rfind('\0');
    bytes = bytes.substr(0, last == std::string_view::npos ? 0 : last + 1);
  } else {
    const std::size_t last = bytes.find_last_not_of('\0');
    const std::size_t kept = last == std::string_view::npos ? 0 : last + 1;
    if (bytes.size() - kept > 2) bytes = bytes.substr(0, kept);
  }
  while (!bytes.empty()) {
    const std::string_view arg = bytes.substr(0, bytes.find('\0'));
    line.args.emplace_back(arg);
    bytes.remove_prefix(std::min(arg.size() + 1, bytes.size()));
  }
  return line;
}

}  // namespace daemoneye::host
