// A connection that ends before the write of the frame that it ends for has returned. An in-process pipe
// tells the broker of bytes from within the write, so the test decides the order.
#include <atomic>
#include <boost/asio/post.hpp>
#include <memory>
#include <string>

#include "busrt/base/byte_buffer.hpp"
#include "busrt_testing/scripted_peer.hpp"
#include "client_fixture.hpp"
#include "eventually.hpp"
#include "transport/inproc.hpp"

namespace busrt {
namespace {

using busrt_testing::ScriptedPeer;

/// Takes a client, and ends each connection on which it finds "poison". Within the first such write it waits
/// until the client has made its next connection.
class EndingBroker final : public transport::InprocConnector {
 public:
  Result<std::shared_ptr<transport::InprocConnection>> connect() override {
    ++connections_;
    auto connection = std::make_shared<transport::InprocConnection>();
    connection->to_client.write(as_bytes(std::string(ScriptedPeer::greeting) + "\x01\x01"));
    connection->to_broker.on_readable([this, pipes = connection.get()] { look(*pipes); });
    return connection;
  }

  std::atomic<int> ended{0};

 private:
  void look(transport::InprocConnection& pipes) {
    base::ByteBuffer bytes;
    if (!pipes.to_broker.take(bytes) || !as_text(std::as_const(bytes).data()).contains("poison")) return;
    const bool first = ended++ == 0;
    pipes.to_client.close();
    // Later writes are on the client's only thread, which therefore reads the end after them.
    if (first) {
      EXPECT_TRUE(eventually([this] { return connections_ >= 2; }));
    }
  }

  std::atomic<int> connections_{0};
};

TEST(CutWrite, AFrameWhoseConnectionEndsBeforeItsWriteReturnsHasThatCutCounted) {
  const auto broker = std::make_shared<EndingBroker>();
  detail::LoopThread loop{{}};
  ClientConfig config{.name = "app", .endpoint = LocalEndpoint(broker)};
  config.reconnect.first_delay = config.reconnect.most_delay = std::chrono::milliseconds(1);
  Client client(loop.context().get_executor(), std::move(config));
  ASSERT_TRUE(value_of(client.connect(asio::use_future)));
  // The handshake's last handler returns, so that the next write is this thread's.
  asio::post(loop.context(), asio::use_future).get();

  const auto failed = value_of(client.publish("topic", as_bytes("poison"), {}, asio::use_future));
  EXPECT_EQ(code_of(failed), errc::io);
  EXPECT_EQ(broker->ended, 3);
  EXPECT_EQ(client.stats().lost_by(ClientLoss::cut_alone), 1U);
}

}  // namespace
}  // namespace busrt
