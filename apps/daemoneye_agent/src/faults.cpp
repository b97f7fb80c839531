#include "faults.hpp"

#include <fmt/format.h>

namespace daemoneye_agent {

void Faults::note(std::string_view where, std::string_view what) {
  const std::lock_guard lock(mutex_);
  auto entry = entries_.find(where);
  if (entry == entries_.end()) entry = entries_.emplace(where, Entry{}).first;
  ++entry->second.count;
  entry->second.last = what;
  lines_.write(busrt::base::LogLevel::error, [&] { return fmt::format("a fault in {}: {}", where, what); });
}

std::vector<std::string> Faults::complaints() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> sentences;
  for (const auto& [where, entry] : entries_) {
    sentences.push_back(fmt::format("a fault of the agent in {}: {}{}", where, entry.last,
                                    entry.count == 1 ? "" : fmt::format(" ({} times)", entry.count)));
  }
  return sentences;
}

}  // namespace daemoneye_agent
