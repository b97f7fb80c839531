// The loops that are measured: nothing here allocates or formats on the way of a frame.
#include "benchmark_stages.hpp"

#include <fmt/core.h>

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

busrt::base::Result<> tolerate_missing_target(busrt::base::Result<> result) {
  if (!result && result.error().code == busrt::errc::not_registered) return {};
  return result;
}

busrt::base::Result<> to_result(const busrt::CallError& error) {
  return busrt::base::fail(error.code, error.message);
}

}  // namespace

class Progress {
 public:
  explicit Progress(const busrt::Client::executor_type& executor) : changed_(executor) {}

  void received(std::uint32_t count) {
    received_ += count;
    changed_.cancel();
  }
  /// Nothing more will be received.
  void end() {
    ended_ = true;
    changed_.cancel();
  }
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] std::uint32_t received() const noexcept { return received_; }
  /// Frames that may be sent before the receiver has to catch up.
  [[nodiscard]] std::uint32_t room(std::uint32_t sent) const noexcept {
    return ended_ ? UINT32_MAX : max_lead_frames - std::min(max_lead_frames, sent - received_);
  }
  /// Completes when the receiver has taken frames or has ended, or after `patience`.
  asio::awaitable<void> change(std::chrono::milliseconds patience) {
    changed_.expires_after(patience);
    co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
  }

 private:
  asio::steady_timer changed_;
  std::uint32_t received_ = 0;
  bool ended_ = false;
};

std::shared_ptr<Progress> make_progress(busrt::Client& client) {
  return std::make_shared<Progress>(client.get_executor());
}

asio::awaitable<StageResult> call_repeatedly(busrt::RpcClient& rpc, std::string target, std::string method,
                                             std::span<const std::byte> payload, std::uint32_t iterations) {
  for (std::uint32_t i = 0; i < iterations; ++i) {
    const auto reply = co_await rpc.call(target, method, payload, busrt::QoS::realtime_processed);
    if (!reply) co_return to_result(reply.error());
    if (!std::ranges::equal(reply->payload, payload)) {
      co_return busrt::base::fail(busrt::errc::data,
                                  target + " " + method + ": the reply is not the payload");
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

asio::awaitable<StageResult> send_with_ack(busrt::Client& client, std::string target,
                                           std::span<const std::byte> payload, std::uint32_t iterations) {
  for (std::uint32_t i = 0; i < iterations; ++i) {
    auto done =
        tolerate_missing_target(co_await client.send(target, payload, busrt::QoS::realtime_processed));
    if (!done) co_return done;
  }
  co_return StageResult{};
}

asio::awaitable<StageResult> send_without_ack(busrt::Client& client, std::string target,
                                              std::span<const std::byte> payload, std::uint32_t iterations,
                                              std::shared_ptr<Progress> progress,
                                              std::chrono::milliseconds patience) {
  // The last frame asks for an ack: when it comes, the broker has read all the others.
  const std::uint32_t without_ack = iterations - 1;
  for (std::uint32_t sent = 0; sent < without_ack;) {
    std::uint32_t burst = std::min(burst_frames, without_ack - sent);
    if (progress) burst = std::min(burst, progress->room(sent));
    if (burst == 0) {
      const std::uint32_t before = progress->received();
      co_await progress->change(patience);
      if (progress->received() != before || progress->ended()) continue;
      co_return busrt::base::fail(busrt::errc::timeout,
                                  fmt::format("{} of {} frames sent came back", before, sent));
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
                                              std::shared_ptr<Progress> progress) {
  for (std::uint32_t received = 0; received < count;) {
    const auto frames = co_await client.receive_some();
    if (!frames) {
      progress->end();
      co_return busrt::base::fail(frames.error().code, frames.error().message);
    }
    // The broker's own announcements are no part of the count.
    const auto messages = static_cast<std::uint32_t>(std::ranges::count_if(
        *frames, [](const busrt::Frame& frame) { return frame.kind() == busrt::FrameKind::message; }));
    received += messages;
    progress->received(messages);
  }
  progress->end();
  co_return StageResult{};
}

asio::awaitable<StageResult> send_and_await(busrt::Client& client, asio::awaitable<StageResult> send,
                                            std::shared_ptr<Progress> progress, std::uint32_t count,
                                            std::chrono::milliseconds patience) {
  StageResult result = co_await std::move(send);
  while (result && !progress->ended()) {
    const std::uint32_t before = progress->received();
    co_await progress->change(patience);
    if (progress->received() != before || progress->ended()) continue;
    result =
        busrt::base::fail(busrt::errc::timeout, fmt::format("{} of {} frames sent came back", before, count));
  }
  if (!result) co_await client.disconnect(std::chrono::milliseconds(0));
  co_return result;
}

}  // namespace busrt_cli
