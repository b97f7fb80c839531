// The language of fifos, for shell scripts:
//
//   TARGET MESSAGE               a message; a broadcast where the target holds `*` or `?`
//   =TOPIC MESSAGE               a publication
//   TARGET .MESSAGE              an RPC notification
//   TARGET :METHOD KEY=VALUE...  an RPC call without a reply; the params are a MessagePack map
//
// A message is everything after the first space, spaces and `=` included (the real broker keeps its first
// word alone). A value is true, false, an integer, a number, else a string; one with spaces stands in double
// quotes, where \" and \\ mean themselves.
#pragma once

#include <expected>
#include <string_view>

#include "busrt/base/byte_buffer.hpp"

namespace busrt::broker {

/// Appends the request frame that one line asks for, or says what is wrong with the line. Pure; safe for any
/// bytes.
[[nodiscard]] std::expected<void, const char*> append_fifo_line(base::ByteBuffer& frames,
                                                                std::string_view line);

}  // namespace busrt::broker
