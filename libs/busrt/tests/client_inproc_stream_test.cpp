// The client's in-process stream against the one thing a socket does not have: callbacks on the other side's
// thread.
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "busrt/frame.hpp"
#include "busrt_testing/wire_client.hpp"
#include "client/stream.hpp"
#include "transport/inproc.hpp"

namespace busrt::detail {
namespace {

namespace asio = boost::asio;

/// What happens when somebody uses the executor: it stays in there until the stream is being closed, and some
/// longer.
struct Gate {
  asio::execution_context context;
  std::shared_ptr<transport::InprocConnection> connection;
  std::atomic<bool> entered{false};
  std::atomic<bool> closing{false};
  std::atomic<bool> close_returned{false};
  std::atomic<bool> used_after_close{false};

  template <class Condition>
  static bool wait(Condition condition, std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }
  void pass() {
    entered = true;
    wait([this] { return closing.load(); }, busrt_testing::patience);
    // A close() that does not wait for us returns within this time; one that does cannot.
    if (wait([this] { return close_returned.load(); }, std::chrono::milliseconds(50)))
      used_after_close = true;
  }
};

class GatedExecutor {
 public:
  explicit GatedExecutor(Gate& gate) : gate_(&gate) {}
  [[nodiscard]] asio::execution_context& query(asio::execution::context_t) const noexcept {
    return gate_->context;
  }
  [[nodiscard]] static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  [[nodiscard]] GatedExecutor require(asio::execution::blocking_t::never_t) const noexcept { return *this; }
  template <class Function>
  void execute(Function&&) const {
    gate_->pass();
  }
  friend bool operator==(const GatedExecutor&, const GatedExecutor&) noexcept = default;

 private:
  Gate* gate_;
};

class OneConnection final : public transport::InprocConnector {
 public:
  explicit OneConnection(std::shared_ptr<transport::InprocConnection> connection)
      : connection_(std::move(connection)) {}
  Result<std::shared_ptr<transport::InprocConnection>> connect() override { return connection_; }

 private:
  std::shared_ptr<transport::InprocConnection> connection_;
};

TEST(InprocStream, CloseWaitsForTheBrokersThreadToBeDoneWithTheExecutor) {
  Gate gate;
  gate.connection = std::make_shared<transport::InprocConnection>();
  const LocalEndpoint endpoint(std::make_shared<OneConnection>(gate.connection));
  auto stream = make_inproc_stream(GatedExecutor(gate), endpoint);
  ASSERT_TRUE(stream);

  std::jthread broker([&gate] { gate.connection->to_client.write(as_bytes("hello")); });
  ASSERT_TRUE(Gate::wait([&gate] { return gate.entered.load(); }, busrt_testing::patience));
  gate.closing = true;
  (*stream)->close();
  // From here on the owner may destroy the executor's context.
  gate.close_returned = true;
  broker.join();
  EXPECT_FALSE(gate.used_after_close);
}

}  // namespace
}  // namespace busrt::detail
