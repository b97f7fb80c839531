#include "client/connection.hpp"

#include "client/client_core.hpp"

namespace busrt::detail {

void Connection::on_read(Result<std::size_t> bytes) {
  if (!bytes) {
    core_->end(this, DisconnectReason::broken, bytes.error());
  } else if (*bytes == 0) {
    core_->end(this, DisconnectReason::closed_by_broker,
               {errc::io, session_.registered() ? "the broker has closed the connection"
                                                : "the broker closed the connection during the handshake"});
  } else if (handle(*bytes)) {
    read();
  }
}

/// Returns true if the connection is to read again. It returns false if the connection has ended, or if a
/// full queue of frames pauses it; another thread may be reading then.
bool Connection::handle(std::size_t bytes) {
  const bool was_registered = session_.registered();
  batch_.clear();
  auto advanced = session_.advance(bytes, answers_, batch_);
  if (!answers_.empty()) {
    core_->answer(this, answers_);
    answers_.clear();
  }
  if (!was_registered && session_.registered()) core_->registered(this);

  const bool quiet = batch_.frames.empty() && batch_.acks.empty();
  // What came before a malformed frame is good and is delivered.
  const bool go_on = core_->deliver(this, batch_, acknowledged_, advanced.has_value());
  if (!advanced) {
    core_->end(this, session_.registered() ? DisconnectReason::garbage : DisconnectReason::refused,
               advanced.error());
    return false;
  }
  if (!go_on) return false;
  if (quiet && quiet_) session_.shrink();
  quiet_ = quiet;
  return true;
}

void Connection::on_flush() {
  core_->flush_posted(shared_from_this());
}

void Connection::on_writable() {
  core_->continue_writing(shared_from_this());
}

}  // namespace busrt::detail
