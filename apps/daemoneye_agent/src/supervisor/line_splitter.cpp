// Lines out of pipe reads, made safe for a terminal.
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

}  // namespace daemoneye_agent
