// The broker's end of an in-process connection.
#pragma once

#include <memory>

#include "transport/inproc.hpp"
#include "transport/stream.hpp"

namespace busrt::transport {

[[nodiscard]] std::unique_ptr<Stream> make_inproc_stream(std::shared_ptr<InprocConnection> connection);

}  // namespace busrt::transport
