// Pipelined publishing. A record leaves the outbox when it is confirmed or refused, and in no other way: a
// late confirmation, like a lost connection, sends it again with its number.

#include "runtime/publisher.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "busrt/error.hpp"

namespace daemoneye::collector {

namespace asio = boost::asio;

// The client takes all that a full outbox can have on its way, so no publication fails for want of room.
static_assert(limits::in_flight <= busrt::limits::client_window_frames);
static_assert(limits::queue_bytes <= busrt::limits::client_waiting_bytes);

Publisher::Publisher(busrt::Client& client, std::shared_ptr<SharedOutbox> outbox, std::size_t window,
                     std::chrono::milliseconds deadline)
    : client_(&client),
      executor_(client.get_executor()),
      outbox_(std::move(outbox)),
      window_(window),
      deadline_(deadline) {}

void Publisher::wake() {
  if (woken_.exchange(true, std::memory_order_acq_rel)) return;
  asio::post(executor_, [self = shared_from_this()] { self->pump(); });
}

void Publisher::resume() {
  up_ = true;
  outbox_->with([](Outbox& outbox) { outbox.rewind_accepted(); });
  pump();
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
    client_->publish(
        publication->topic, busrt::as_bytes(publication->payload),
        busrt::SendOptions(busrt::QoS::processed, deadline_),
        asio::bind_executor(executor_, [self = shared_from_this(), seq = publication->seq](
                                           const busrt::Result<>& result) { self->on_done(seq, result); }));
  }
}

void Publisher::on_done(std::uint64_t seq, const busrt::Result<>& result) {
  if (client_ == nullptr) return;
  --in_flight_;
  PublishOutcome outcome = outcome_of(result);
  // A client that the broker refuses fails what it holds with that error, which is not about the record.
  if (outcome == PublishOutcome::refused && !client_->connected()) outcome = PublishOutcome::cut;
  const auto reason = result ? std::string() : result.error().describe();
  const bool empty = outbox_->with([&](Outbox& outbox) {
    switch (outcome) {
      case PublishOutcome::confirmed:
        outbox.confirm(seq);
        break;
      case PublishOutcome::refused:
        outbox.refuse(seq, reason);
        break;
      case PublishOutcome::late:
      case PublishOutcome::cut:
        outbox.send_again(seq);
        break;
    }
    return outbox.empty();
  });
  if (outcome == PublishOutcome::refused && events_.refused) events_.refused(reason);
  if (outcome == PublishOutcome::late && up_ && events_.late) events_.late();
  if (empty && events_.empty) events_.empty();
  // Refilled at half, so that frames leave in batches instead of one for each confirmation.
  if (in_flight_ <= window_ / 2) pump();
}

PublishOutcome outcome_of(const busrt::Result<>& result) noexcept {
  using busrt::errc;
  if (result) return PublishOutcome::confirmed;
  const std::error_code code = result.error().code;
  if (code == errc::timeout || code == errc::not_sent) return PublishOutcome::late;
  const bool refused = code == errc::access || code == errc::data || code == errc::not_supported ||
                       code == errc::other || code == errc::too_large;
  return refused ? PublishOutcome::refused : PublishOutcome::cut;
}

}  // namespace daemoneye::collector
