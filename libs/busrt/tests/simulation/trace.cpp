#include "trace.hpp"

#include <iomanip>

namespace busrt::simulation {

void Trace::add(const char* text, std::int64_t first, std::int64_t second, std::int64_t third,
                std::int64_t fourth) {
  const Line line{Clock::now() - beginning_, text, {first, second, third, fourth}};
  mix(static_cast<std::uint64_t>(line.since.count()));
  for (const char* at = text; *at != '\0'; ++at) mix(static_cast<unsigned char>(*at));
  for (const std::int64_t value : line.values) mix(static_cast<std::uint64_t>(value));
  if (out_ != nullptr) write(*out_, line);
  if (last_.size() == kept_lines) last_.pop_front();
  last_.push_back(line);
}

void Trace::write(std::ostream& out, const Line& line) {
  out << std::fixed << std::setw(12) << std::setprecision(6)
      << std::chrono::duration<double>(line.since).count() << "  ";
  std::size_t next = 0;
  for (const char* at = line.text; *at != '\0'; ++at) {
    if (at[0] == '{' && at[1] == '}') {
      out << line.values[next++];
      ++at;
    } else {
      out << *at;
    }
  }
  out << '\n';
}

void Trace::write_last_lines(std::ostream& out) const {
  for (const Line& line : last_) write(out, line);
}

}  // namespace busrt::simulation
