// What one client does in each stage of the benchmark, as coroutines on the client's own event loop.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "busrt/client.hpp"
#include "busrt/rpc.hpp"

namespace busrt_cli {

/// Whether a stage's work went through, and what stopped it.
using StageResult = busrt::base::Result<>;

/// One call at a time; every reply has to hold the payload.
[[nodiscard]] boost::asio::awaitable<StageResult> call_repeatedly(busrt::RpcClient& rpc, std::string target,
                                                                  std::string method,
                                                                  std::span<const std::byte> payload,
                                                                  std::uint32_t iterations);

/// One call without reply at a time, to a name that nobody has: the answer not_registered counts as well.
[[nodiscard]] boost::asio::awaitable<StageResult> call0_repeatedly(busrt::RpcClient& rpc, std::string target,
                                                                   std::span<const std::byte> payload,
                                                                   std::uint32_t iterations);

/// How many frames a client that sends to itself has taken back. One event loop only.
class Progress;

[[nodiscard]] std::shared_ptr<Progress> make_progress(busrt::Client& client);

/// Sends one frame at a time and awaits its ack, not_registered included.
[[nodiscard]] boost::asio::awaitable<StageResult> send_with_ack(busrt::Client& client, std::string target,
                                                                std::span<const std::byte> payload,
                                                                std::uint32_t iterations);

/// Sends without acks, as fast as the connection takes it, and ends when the broker has read the last frame.
/// With `progress`, never further ahead of the receiver than a real broker's queue holds; errc::timeout when
/// the receiver then takes nothing for `patience`.
[[nodiscard]] boost::asio::awaitable<StageResult> send_without_ack(busrt::Client& client, std::string target,
                                                                   std::span<const std::byte> payload,
                                                                   std::uint32_t iterations,
                                                                   std::shared_ptr<Progress> progress,
                                                                   std::chrono::milliseconds patience);

/// Takes that many messages.
[[nodiscard]] boost::asio::awaitable<StageResult> receive_messages(busrt::Client& client, std::uint32_t count,
                                                                   std::shared_ptr<Progress> progress);

/// Runs `send` while receive_messages() runs beside it, and ends when all `count` frames are back. If sending
/// fails, or nothing comes for `patience` after it, disconnects, so that the receiver ends as well, and says
/// what is missing.
[[nodiscard]] boost::asio::awaitable<StageResult> send_and_await(busrt::Client& client,
                                                                 boost::asio::awaitable<StageResult> send,
                                                                 std::shared_ptr<Progress> progress,
                                                                 std::uint32_t count,
                                                                 std::chrono::milliseconds patience);

}  // namespace busrt_cli
