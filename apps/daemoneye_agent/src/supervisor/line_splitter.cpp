// Lines out of pipe reads, made safe for a terminal.
#include <array>
#include <utility>

#include "supervisor/child_process.hpp"

namespace daemoneye_agent {

void LineSplitter::feed(std::string_view piece, const std::function<void(std::string_view)>& line) {
  for (const char letter : piece) {
    if (letter == '\n') {
      finish(line);
      continue;
    }
    const auto code = static_cast<unsigned char>(letter);
    const bool control = (code < 0x20 && letter != '\t') || code == 0x7F;
    partial_ += control ? '?' : letter;
    if (partial_.size() >= max_output_line) finish(line);
  }
}

void LineSplitter::finish(const std::function<void(std::string_view)>& line) {
  if (!partial_.empty()) line(partial_);
  partial_.clear();
}

CollectorLine parse_collector_line(std::string_view line, std::string_view name) {
  constexpr std::array<std::pair<std::string_view, busrt::base::LogLevel>, 6> levels = {
      {{"trace", busrt::base::LogLevel::trace},
       {"debug", busrt::base::LogLevel::debug},
       {"info", busrt::base::LogLevel::info},
       {"warning", busrt::base::LogLevel::warn},
       {"error", busrt::base::LogLevel::error},
       {"critical", busrt::base::LogLevel::error}}};
  const std::string_view whole = line;
  if (!line.starts_with(name)) return {busrt::base::LogLevel::info, whole};
  line.remove_prefix(name.size());
  if (!line.starts_with(": [")) return {busrt::base::LogLevel::info, whole};
  line.remove_prefix(3);
  for (const auto& [word, level] : levels) {
    if (line.starts_with(word) && line.substr(word.size()).starts_with("] ")) {
      return {level, line.substr(word.size() + 2)};
    }
  }
  return {busrt::base::LogLevel::info, whole};
}

}  // namespace daemoneye_agent
