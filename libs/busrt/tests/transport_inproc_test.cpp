// The pipes between a WebSocket and its session: their bound, and what they say they hold.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "transport/event_loop.hpp"
#include "transport/inproc.hpp"
#include "transport/inproc_stream.hpp"

namespace busrt::transport {
namespace {

class Meter final : public MemoryMeter {
 public:
  void add(std::uint64_t bytes) noexcept override { held += bytes; }
  void subtract(std::uint64_t bytes) noexcept override { held -= bytes; }
  std::atomic<std::uint64_t> held{0};
};

TEST(InprocPipe, a_metered_one_charges_what_it_holds_within_its_bound) {
  constexpr std::size_t bound = 64U << 10;
  const auto meter = std::make_shared<Meter>();
  {
    InprocPipe pipe(bound, meter);
    EXPECT_EQ(meter->held, 0U);
    const std::vector<std::byte> bytes(10'000);
    EXPECT_EQ(pipe.write(bytes), bytes.size());
    EXPECT_GE(meter->held, bytes.size());
    EXPECT_LE(meter->held, 2 * bytes.size());
    std::size_t total = bytes.size();
    while (const std::size_t put = pipe.write(bytes)) total += put;
    EXPECT_EQ(total, bound);
    EXPECT_GE(meter->held, bound);
    EXPECT_LE(meter->held, 2 * bound);
    busrt::base::ByteBuffer taken;
    EXPECT_TRUE(pipe.take(taken));
    EXPECT_EQ(taken.size(), bound);
    EXPECT_EQ(meter->held, 0U) << "what is taken is the reader's to charge";
    taken.release();
    pipe.write(bytes);
    std::vector<std::byte> room(bytes.size());
    EXPECT_EQ(pipe.read(room), room.size());
    EXPECT_EQ(meter->held, 0U) << "an empty pipe holds nothing";
    pipe.write(bytes);
  }
  EXPECT_EQ(meter->held, 0U);
}

class IgnoringHandler final : public StreamHandler {
 public:
  void on_readable() override {}
  void on_writable() override {}
  void on_hang_up() override {}
};

TEST(InprocStream, a_peer_that_writes_while_the_stream_and_its_loop_end_is_no_trouble) {
  for (int round = 0; round < 200; ++round) {
    const auto connection = std::make_shared<InprocConnection>();
    std::optional<EventLoop> loop(std::chrono::milliseconds(100));
    IgnoringHandler handler;
    const auto stream = make_inproc_stream(connection, Peer{});
    ASSERT_TRUE(stream->open(*loop, handler));
    std::atomic<bool> begins{false};
    std::thread peer([&] {
      constexpr std::array<std::byte, 1> byte{};
      begins = true;
      connection->to_broker.write(byte);
    });
    while (!begins) std::this_thread::yield();
    stream->close();
    loop.reset();
    peer.join();
  }
}

}  // namespace
}  // namespace busrt::transport
