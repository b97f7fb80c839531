// The loops that are measured: nothing here allocates or formats on the way of a frame.
#include "benchmark_stages.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "busrt/frame.hpp"

namespace busrt_cli {

namespace asio = boost::asio;

namespace {

/// Frames queued in one turn of the event loop before acks and incoming frames get theirs.
constexpr std::uint32_t burst_frames = 512;

/// Half of the queue that brokers keep for a receiver by default.
constexpr std::uint32_t max_lead_frames = 4096;

base::Result<> tolerate_missing_target(base::Result<> result) {
  if (!result && result.error().code == busrt::errc::not_registered) return {};
  return result;
}

base::Result<> to_result(const busrt::CallError& error) {
  return base::fail(error.code, error.message);
}

}  // namespace

class Lead {
 public:
  explicit Lead(const busrt::Client::executor_type& executor)
      : changed_(executor, asio::steady_timer::time_point::max()) {}

  void received(std::uint32_t count) {
    received_ += count;
    changed_.cancel();
  }
  void end() {
    ended_ = true;
    changed_.cancel();
  }
  [[nodiscard]] std::uint32_t room(std::uint32_t sent) const {
    return ended_ ? UINT32_MAX : max_lead_frames - std::min(max_lead_frames, sent - received_);
  }
  /// Completes when the receiver has taken frames or has ended.
  asio::awaitable<void> change() { co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable)); }

 private:
  asio::steady_timer changed_;
  std::uint32_t received_ = 0;
  bool ended_ = false;
};

std::shared_ptr<Lead> make_lead(busrt::Client& client) {
  return std::make_shared<Lead>(client.get_executor());
}

asio::awaitable<StageResult> call_repeatedly(busrt::RpcClient& rpc, std::string target, std::string method,
                                             std::span<const std::byte> payload, std::uint32_t iterations) {
  for (std::uint32_t i = 0; i < iterations; ++i) {
    const auto reply = co_await rpc.call(target, method, payload, busrt::QoS::realtime_processed);
    if (!reply) co_return to_result(reply.error());
    if (!std::ranges::equal(reply->payload, payload)) {
      co_return base::fail(busrt::errc::data, target + " " + method + ": the reply is not the payload");
    }
  }
  co_return StageResult{};
}

asio::awaitable<StageResult> call0_repeatedly(busrt::RpcClient& rpc, std::string target,
                                              std::span<const std::byte> payload, std::uint32_t iterations) {
  for (std::uint32_t i = 0; i < iterations; ++i) {
    const auto done = co_await rpc.call0(target, "test", payload, busrt::QoS::realtime_processed);
    if (!done && done.error().code != busrt::errc::not_registered) co_return to_result(done.error());
  }
  co_return StageResult{};
}

asio::awaitable<StageResult> send_confirmed(busrt::Client& client, std::string target,
                                            std::span<const std::byte> payload, std::uint32_t iterations) {
  for (std::uint32_t i = 0; i < iterations; ++i) {
    auto done =
        tolerate_missing_target(co_await client.send(target, payload, busrt::QoS::realtime_processed));
    if (!done) co_return done;
  }
  co_return StageResult{};
}

asio::awaitable<StageResult> send_unconfirmed(busrt::Client& client, std::string target,
                                              std::span<const std::byte> payload, std::uint32_t iterations,
                                              std::shared_ptr<Lead> lead) {
  // The last frame asks for an ack: when it comes, the broker has read all the others.
  const std::uint32_t unconfirmed = iterations - 1;
  for (std::uint32_t sent = 0; sent < unconfirmed;) {
    std::uint32_t burst = std::min(burst_frames, unconfirmed - sent);
    if (lead) burst = std::min(burst, lead->room(sent));
    if (burst == 0) {
      co_await lead->change();
      continue;
    }
    for (; burst > 0; --burst, ++sent) {
      const auto taken = client.try_send(busrt::Op::message, target, payload);
      if (taken) continue;
      if (taken.error().code != busrt::errc::would_block) co_return taken;
      if (auto writable = co_await client.wait_writable(); !writable) co_return writable;
      break;
    }
    co_await asio::post(asio::use_awaitable);
  }
  co_return tolerate_missing_target(co_await client.send(target, payload, busrt::QoS::processed));
}

asio::awaitable<StageResult> receive_messages(busrt::Client& client, std::uint32_t count,
                                              std::shared_ptr<Lead> lead) {
  for (std::uint32_t received = 0; received < count;) {
    const auto frames = co_await client.receive_some();
    if (!frames) {
      if (lead) lead->end();
      co_return base::fail(frames.error().code, frames.error().message);
    }
    // The broker's own announcements are no part of the count.
    const auto messages = static_cast<std::uint32_t>(std::ranges::count_if(
        *frames, [](const busrt::Frame& frame) { return frame.kind() == busrt::FrameKind::message; }));
    received += messages;
    if (lead) lead->received(messages);
  }
  co_return StageResult{};
}

}  // namespace busrt_cli
