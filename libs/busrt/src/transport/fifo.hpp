// A named fifo as a stream that only speaks: lines of shell scripts become frames.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/byte_buffer.hpp"
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
};

/// Makes the fifo, mode 0622: everybody may write, the owner alone may read. One that is there already is
/// replaced, anything else is errc::busy; the fifo is removed at the end. The stream's peer speaks as `name`;
/// what is written to the stream is forgotten.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_fifo(const std::string& path, std::string name,
                                                        std::unique_ptr<LineTranslator> translator);

}  // namespace busrt::transport
