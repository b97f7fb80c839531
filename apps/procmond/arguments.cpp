// The limits count the bytes that the event will hold, escapes included.
#include "arguments.hpp"

#include <algorithm>
#include <utility>

#include "limits.hpp"
#include "masking.hpp"
#include "text.hpp"

namespace procmond {
namespace {

/// Cuts valid UTF-8 to at most `most` bytes without splitting a character.
void cut(std::string& text, std::size_t most) {
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0U) == 0x80U) --most;
  text.resize(most);
}

}  // namespace

ShownArguments present_arguments(std::string_view program, std::vector<std::string> raw,
                                 bool already_truncated) {
  mask_arguments(program, raw);
  ShownArguments shown;
  shown.truncated = already_truncated || raw.size() > limits::args_count;
  const std::size_t count = std::min(raw.size(), limits::args_count);
  shown.args.reserve(count);
  std::size_t room = limits::args_bytes;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = to_utf8(raw[i]);
    if (text.size() > room) {
      cut(text, room);
      if (!text.empty()) shown.args.push_back(std::move(text));
      shown.truncated = true;
      break;
    }
    room -= text.size();
    shown.args.push_back(std::move(text));
  }
  return shown;
}

}  // namespace procmond
