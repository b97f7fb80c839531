// Messages with their descriptors over a SOCK_SEQPACKET socket.
#pragma once

#include <optional>

#include "daemoneye_keeper/protocol/message.hpp"

namespace daemoneye_keeper {

/// Sends one message and duplicates of its descriptors, without blocking. Errors: those of encode(); EAGAIN
/// where the receiver does not read; EPIPE or ECONNRESET where it is gone.
[[nodiscard]] busrt::base::Result<> send_message(int socket, const Message& message);

/// Receives one message, without blocking. Its descriptors close by exec. Returns nothing at the end of the
/// connection. Errors: EAGAIN where there is none yet; those of decode(), after which the next message can be
/// read. Descriptors of a message that is refused are closed.
[[nodiscard]] busrt::base::Result<std::optional<Message>> receive_message(int socket);

}  // namespace daemoneye_keeper
