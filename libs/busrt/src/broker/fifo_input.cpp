#include "broker/fifo_input.hpp"

#include <string>
#include <utility>

#include "broker/fifo_line.hpp"
#include "broker/shown_text.hpp"
#include "wire/codec.hpp"

namespace busrt::broker {

void FifoInput::translate(std::string_view line, base::ByteBuffer& frames) {
  base::ByteBuffer frame;
  const auto appended = append_fifo_line(frame, line);
  const std::size_t limit = wire::request_header_bytes + core_.config.max_body_bytes;
  if (appended && frame.size() <= limit) {
    frames.append(std::as_const(frame).data());
    return;
  }
  if (appended) {
    refuse("a frame of " + std::to_string(frame.size() - wire::request_header_bytes) +
           " bytes, the limit is " + std::to_string(core_.config.max_body_bytes));
    return;
  }
  refuse(std::string(appended.error()) + ", in the line: " + shown_text(line));
}

void FifoInput::too_long(std::size_t bytes) {
  refuse("a line of " + std::to_string(bytes) + " bytes, the limit is " +
         std::to_string(limits::fifo_line_bytes));
}

void FifoInput::refuse(const std::string& why) {
  Counters::count(core_.counters.refused_lines);
  core_.peer_log.write(LineCause::fifo_line, base::LogLevel::warn, "fifo " + path_ + ": " + why);
}

}  // namespace busrt::broker
