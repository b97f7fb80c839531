// The client's stream over a named pipe.
#pragma once

#include "client/stream.hpp"
#include "transport/windows/win32.hpp"

namespace busrt::detail {

/// A stream over a connected pipe that was opened for overlapped operations; it owns the pipe. Errors:
/// errc::io if the event loop refuses it.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_pipe_stream(const boost::asio::any_io_executor& executor,
                                                               transport::Handle pipe);

}  // namespace busrt::detail
