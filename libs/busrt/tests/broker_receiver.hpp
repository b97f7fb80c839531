// A receiver without a session, for tests of the broker's parts.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "broker/session_output.hpp"
#include "broker/shard.hpp"
#include "transport/inproc_stream.hpp"

namespace busrt::broker {

/// A client on a shard, with the broker's end of an in-process connection that takes `capacity` bytes.
class Receiver final : public transport::StreamHandler {
 public:
  Receiver(Shard& shard, MemoryBudget& budget, const std::string& name, std::size_t capacity = 1U << 20)
      : account_(std::make_shared<MemoryAccount>(budget)),
        connection_(std::make_shared<transport::InprocConnection>(capacity, nullptr)),
        stream_(transport::make_inproc_stream(connection_)),
        end_(shard.closing(), *account_),
        interest_(*stream_, end_),
        output_(*stream_, interest_, end_, shard.pool(), *account_, shard.loop().now()),
        endpoint_(std::make_shared<Endpoint>(name, shard.index(), transport::Peer{}, &output_, account_)) {
    EXPECT_TRUE(stream_->open(shard.loop(), *this));
    output_.attach(*endpoint_);
    end_.attach(*endpoint_);
  }
  ~Receiver() override { (void)output_.abandon(); }
  void on_readable() override {}
  void on_writable() override { output_.unblock(); }
  void on_hang_up() override {}

  void queue(std::size_t bytes) { std::fill_n(output_.append(bytes), bytes, std::byte{0}); }
  /// Takes what has arrived, as the client would.
  std::size_t take() {
    base::ByteBuffer taken;
    return connection_->to_client.take(taken) ? taken.size() : 0;
  }
  [[nodiscard]] SessionOutput& output() noexcept { return output_; }
  [[nodiscard]] SessionEnd& end() noexcept { return end_; }
  [[nodiscard]] const EndpointRef& endpoint() const noexcept { return endpoint_; }

 private:
  std::shared_ptr<MemoryAccount> account_;
  std::shared_ptr<transport::InprocConnection> connection_;
  std::unique_ptr<transport::Stream> stream_;
  SessionEnd end_;
  StreamInterest interest_;
  SessionOutput output_;
  EndpointRef endpoint_;
};

}  // namespace busrt::broker
