// Pipelined publishing.

#include "runtime/publisher.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "busrt/error.hpp"

namespace collector_core {

namespace asio = boost::asio;

Publisher::Publisher(busrt::Client& client, std::shared_ptr<SharedOutbox> outbox, std::size_t window)
    : client_(&client), executor_(client.get_executor()), outbox_(std::move(outbox)), window_(window) {}

void Publisher::wake() {
  if (woken_.exchange(true, std::memory_order_acq_rel)) return;
  asio::post(executor_, [self = shared_from_this()] { self->pump(); });
}

void Publisher::resume() {
  ++connection_;
  in_flight_ = 0;
  up_ = true;
  outbox_->with([](Outbox& outbox) { outbox.rewind(); });
  pump();
}

void Publisher::suspend() {
  up_ = false;
  ++connection_;
}

void Publisher::detach() {
  suspend();
  client_ = nullptr;
  events_ = {};
}

void Publisher::pump() {
  // Before looking, so that what is added after the look wakes us again.
  woken_.store(false, std::memory_order_release);
  while (up_ && in_flight_ < window_) {
    const auto publication = outbox_->with([](Outbox& outbox) { return outbox.next(); });
    if (!publication) return;
    ++in_flight_;
    // The views need no lock: a record that was handed out stays as it is until this thread confirms it.
    client_->publish(publication->topic, busrt::as_bytes(publication->payload), busrt::QoS::processed,
                     asio::bind_executor(executor_, [self = shared_from_this(), connection = connection_,
                                                     seq = publication->seq](const busrt::Result<>& result) {
                       self->on_done(connection, seq, result);
                     }));
  }
}

void Publisher::on_done(std::uint64_t connection, std::uint64_t seq, const busrt::Result<>& result) {
  if (connection != connection_) return;
  --in_flight_;
  if (result) {
    const bool empty = outbox_->with([seq](Outbox& outbox) {
      outbox.confirm(seq);
      return outbox.empty();
    });
    if (empty && events_.empty) events_.empty();
  } else if (is_refusal(result.error().code)) {
    const auto reason = result.error().describe();
    const bool empty = outbox_->with([seq, &reason](Outbox& outbox) {
      outbox.refuse(seq, reason);
      return outbox.empty();
    });
    if (events_.refused) events_.refused(reason);
    if (empty && events_.empty) events_.empty();
  } else {
    suspend();
    if (events_.connection_lost) events_.connection_lost(result.error().describe());
    return;
  }
  // Refilled at half, so that frames leave in batches instead of one for each confirmation.
  if (in_flight_ <= window_ / 2) pump();
}

bool is_refusal(const std::error_code& code) noexcept {
  using busrt::errc;
  return code == errc::access || code == errc::data || code == errc::not_supported || code == errc::other ||
         code == errc::too_large;
}

}  // namespace collector_core
