// Times as RFC 3339 text: how every event says when.
#include "daemoneye/events/time_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "daemoneye/events/error.hpp"

namespace daemoneye::events {
namespace {

using Nanoseconds = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Takes digits off the front of the text; -1 when there are not so many.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}

  int number(std::size_t digits) {
    if (rest_.size() < digits) return -1;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = rest_[i];
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  bool literal(std::string_view accepted) {
    if (rest_.empty() || accepted.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Nanoseconds of a fraction with one to nine digits, or -1.
  std::int64_t fraction() {
    std::int64_t value = 0;
    std::size_t digits = 0;
    while (digits < 9 && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
      ++digits;
    }
    if (digits == 0) return -1;
    for (; digits < 9; ++digits) value *= 10;
    return value;
  }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

/// The offset from UTC in minutes; empty when there is none.
std::optional<int> parse_offset(Digits& digits) {
  if (digits.literal("Zz")) return 0;
  const char sign = digits.peek();
  if (!digits.literal("+-")) return std::nullopt;
  const int hours = digits.number(2);
  if (!digits.literal(":")) return std::nullopt;
  const int minutes = digits.number(2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

std::optional<std::chrono::sys_days> parse_date(Digits& digits) {
  const int year = digits.number(4);
  if (!digits.literal("-")) return std::nullopt;
  const int month = digits.number(2);
  if (!digits.literal("-")) return std::nullopt;
  const int day = digits.number(2);
  // The years that fit into 64 bits of nanoseconds.
  if (year < 1678 || year > 2261 || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// Every event has a time or two. The years
/// of a system_clock have four digits.
void append_digits(std::string& out, std::uint64_t value, std::size_t width) {
  const std::size_t begin = out.size();
  out.append(width, '0');
  for (std::size_t at = begin + width; at > begin && value != 0; value /= 10) {
    out[--at] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace

void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(std::chrono::duration_cast<std::chrono::nanoseconds>(time - days));
  append_digits(out, static_cast<std::uint64_t>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<std::uint64_t>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<std::uint64_t>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<std::uint64_t>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<std::uint64_t>(clock.subseconds().count()), 9);
  out += 'Z';
}

std::string format_time(std::chrono::system_clock::time_point time) {
  std::string text;
  text.reserve(30);
  append_time(text, time);
  return text;
}

busrt::base::Result<std::chrono::system_clock::time_point> parse_time(std::string_view text) {
  const auto wrong = [text] {
    return busrt::base::fail(errc::malformed,
                             fmt::format("\"{}\" is no RFC 3339 time, such as 2026-01-02T03:04:05.123456789Z",
                                         text.substr(0, 64)));
  };
  Digits digits(text);
  const auto date = parse_date(digits);
  if (!date || !digits.literal("Tt ")) return wrong();
  std::array<int, 3> clock{};
  for (std::size_t i = 0; i < clock.size(); ++i) {
    if (i != 0 && !digits.literal(":")) return wrong();
    clock.at(i) = digits.number(2);
    if (clock.at(i) < 0) return wrong();
  }
  // A leap second is the first moment of the next minute.
  if (clock[0] > 23 || clock[1] > 59 || clock[2] > 60) return wrong();
  std::int64_t fraction = 0;
  if (digits.literal(".")) fraction = digits.fraction();
  const auto offset = parse_offset(digits);
  if (fraction < 0 || !offset || !digits.done()) return wrong();
  const Nanoseconds time = Nanoseconds(*date) + std::chrono::hours(clock[0]) +
                           std::chrono::minutes(clock[1] - *offset) + std::chrono::seconds(clock[2]) +
                           std::chrono::nanoseconds(fraction);
  return std::chrono::time_point_cast<std::chrono::system_clock::duration>(time);
}

}  // namespace daemoneye::events
