// A named fifo as a stream that only speaks: lines of shell scripts become frames.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "busrt/base/byte_buffer.hpp"
#include "transport/stream.hpp"

namespace busrt::transport {

/// Makes frames of lines. Called on the loop's thread.
class LineTranslator {
 public:
  virtual ~LineTranslator() = default;
  /// Appends the frame that `line` (without its end) asks for, at most three times as long and some; nothing
  /// where the line is no good, which the translator tells whom it concerns.
  virtual void translate(std::string_view line, base::ByteBuffer& frames) = 0;
  /// A line of more than limits::fifo_line_bytes was passed over.
  virtual void too_long(std::size_t bytes) = 0;
  /// The fifo is not read for a moment: the system has no descriptor or no memory for it.
  virtual void paused(std::string_view why) = 0;
};

/// Makes the fifo with BrokerConfig::fifo_mode. A fifo that a dead broker has left is used again, and an
/// empty plain file is replaced; a fifo that another process reads or owns, and anything else, is errc::busy.
/// The fifo is removed at the end. A line ends with a line feed, or when its last writer closes the fifo. The
/// stream's peer speaks as `name`; what is written to the stream is forgotten.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_fifo(const std::string& path, unsigned mode,
                                                        std::string name,
                                                        std::unique_ptr<LineTranslator> translator);

}  // namespace busrt::transport
