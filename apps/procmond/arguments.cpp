// The limits count the bytes that the event will hold, escapes included.
#include "arguments.hpp"

#include <algorithm>
#include <utility>

#include "busrt/base/utf8.hpp"
#include "limits.hpp"
#include "masking.hpp"

namespace procmond {
ShownArguments present_arguments(std::string_view program, std::vector<std::string> raw,
                                 bool already_truncated) {
  mask_arguments(program, raw);
  ShownArguments shown;
  shown.truncated = already_truncated || raw.size() > limits::args_count;
  const std::size_t count = std::min(raw.size(), limits::args_count);
  shown.args.reserve(count);
  std::size_t room = limits::args_bytes;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = busrt::base::escape_invalid_utf8(raw[i]);
    if (text.size() > room) {
      text.resize(busrt::base::utf8_prefix(text, room).size());
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
