// The broker's end of an in-process connection.
#pragma once

#include <memory>

#include "transport/inproc.hpp"
#include "transport/stream.hpp"

namespace busrt::transport {

/// `peer`: who is at the other end, where that is not this process itself.
[[nodiscard]] std::unique_ptr<Stream> make_inproc_stream(std::shared_ptr<InprocConnection> connection,
                                                         Peer peer = {});

}  // namespace busrt::transport
