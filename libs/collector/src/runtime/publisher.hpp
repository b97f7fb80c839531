// Moves records from the outbox to the bus, many under way at once, and takes their confirmations back.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "busrt/client.hpp"
#include "runtime/shared_outbox.hpp"

namespace daemoneye::collector {

/// What happens to a publisher that its owner acts on; called on the executor.
struct PublisherEvents {
  std::function<void()> late;  ///< a record was not confirmed in time and goes out again
  std::function<void(const std::string& reason)> refused;  ///< the bus will never take some record
  std::function<void()> empty;                             ///< everything so far is confirmed
};

/// Lives on the executor of the client; wake() alone is thread-safe.
class Publisher : public std::enable_shared_from_this<Publisher> {
 public:
  /// `window`: the most records on their way at once. `deadline`: after that a record that is not confirmed
  /// goes out again.
  Publisher(busrt::Client& client, std::shared_ptr<SharedOutbox> outbox, std::size_t window,
            std::chrono::milliseconds deadline);
  void set_events(PublisherEvents events) { events_ = std::move(events); }

  /// There is something new in the outbox. Costs one atomic operation when it was said already.
  void wake();
  /// The client is connected: everything that is not confirmed goes out, again or for the first time. What is
  /// under way the client itself sends again.
  void resume();
  /// Sends no more. What is under way stays with the client.
  void suspend() { up_ = false; }
  /// The owner is going: no event is called from here on, and the client is not touched any more.
  void detach();

 private:
  void pump();
  void on_done(std::uint64_t seq, const busrt::Result<>& result);

  busrt::Client* client_;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<SharedOutbox> outbox_;
  std::size_t window_;
  std::chrono::milliseconds deadline_;
  PublisherEvents events_;
  std::atomic<bool> woken_ = false;
  bool up_ = false;
  std::size_t in_flight_ = 0;
};

/// What the end of a publication says.
enum class PublishOutcome : std::uint8_t {
  confirmed,
  late,     ///< its deadline passed; the connection is as good as before, and the record may have arrived
  refused,  ///< it can never succeed
  cut,      ///< the connection is gone
};
[[nodiscard]] PublishOutcome outcome_of(const busrt::Result<>& result) noexcept;

}  // namespace daemoneye::collector
