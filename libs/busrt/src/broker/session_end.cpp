#include "broker/session_end.hpp"

#include <system_error>
#include <utility>

namespace busrt::broker {

void SessionEnd::close(CloseReason reason) noexcept {
  if (closing()) return;
  reason_ = reason;
  held_memory_ = account_.used();
  if (endpoint_ != nullptr) endpoint_->closed.store(true, std::memory_order_release);
  list_.push_back(this);
}

void SessionEnd::close(CloseReason reason, std::string detail) {
  if (closing()) return;
  detail_ = std::move(detail);
  close(reason);
}

void SessionEnd::close_failed(int error, const transport::Stream& stream) {
  if (closing()) return;
  if (error != 0) detail_ = std::generic_category().message(error);
  // Of the streams that say what became of them, a fifo is no TLS connection.
  const bool is_tls = !stream.failure().empty() && !stream.peer().speaks_as;
  close(is_tls ? CloseReason::tls : CloseReason::io_error);
}

/// No memory, as a rule: this asks for none that it cannot do without.
void SessionEnd::close_for(const std::exception& fault) noexcept {
  try {
    detail_ = fault.what();
  } catch (const std::exception&) {
    detail_.clear();
  }
  close(CloseReason::fault);
}

}  // namespace busrt::broker
