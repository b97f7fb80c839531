// The socket file: who may open it, and what happens to one that is there already.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "broker_fixture.hpp"
#include "busrt_testing/certificates.hpp"
#include "busrt_testing/sanitizers.hpp"
#include "linux/no_more_descriptors.hpp"
#include "transport/inproc.hpp"

namespace busrt {
namespace {

mode_t mode_of(const std::filesystem::path& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0);
  return found.st_mode & 07777U;
}

TEST(BrokerListener, the_socket_is_0600_in_a_directory_made_0700_whatever_the_umask) {
  const TemporaryDirectory directory;
  const auto socket = directory.path() / "made" / "bus.sock";
  const mode_t before = ::umask(0);
  Broker broker;
  const auto bound = broker.listen("ipc://" + socket.string());
  ::umask(before);
  ASSERT_TRUE(bound) << bound.error().describe();
  EXPECT_EQ(mode_of(socket), 0600U);
  EXPECT_EQ(mode_of(socket.parent_path()), 0700U);
}

TEST(BrokerListener, a_socket_left_by_a_dead_broker_is_replaced) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "bus.sock").string();
  const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  Broker broker;
  ASSERT_TRUE(broker.listen(path));
  WireClient client(busrt_testing::connect_unix(path), "client");
  EXPECT_EQ(client.confirmed(Op::publish, "x", ""), ok);
}

TEST(BrokerListener, a_socket_that_somebody_answers_on_is_left_alone) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "bus.sock").string();
  Broker first;
  ASSERT_TRUE(first.listen(path));
  Broker second;
  const auto refused = second.listen(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::busy);
  EXPECT_NE(refused.error().message.find(path), std::string::npos);
  WireClient client(busrt_testing::connect_unix(path), "client");
}

TEST(BrokerListener, OfManyBrokersThatStartAtOnceOneGetsTheSocket) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "bus.sock").string();
  constexpr int rounds = 40;
  constexpr int starters = 6;
  for (int round = 0; round < rounds; ++round) {
    // What a dead broker leaves is the harder case: each of them would remove it.
    if (round % 2 == 1) {
      const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::memcpy(address.sun_path, path.data(), path.size());
      ASSERT_EQ(::bind(dead, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
      ::close(dead);
      std::ofstream(path + ".lock") << "";
    }
    std::vector<std::unique_ptr<Broker>> brokers;
    for (int i = 0; i < starters; ++i) brokers.push_back(std::make_unique<Broker>());
    std::atomic<int> won{0};
    std::atomic<int> busy{0};
    std::barrier together(starters);
    std::vector<std::jthread> threads;
    for (const auto& broker : brokers) {
      threads.emplace_back([&] {
        together.arrive_and_wait();
        const auto bound = broker->listen(path);
        if (bound) ++won;
        if (!bound && bound.error().code == errc::busy) ++busy;
      });
    }
    threads.clear();
    ASSERT_EQ(won, 1) << "round " << round;
    ASSERT_EQ(busy, starters - 1) << "round " << round;
    WireClient client(busrt_testing::connect_unix(path), "client");
    brokers.clear();
    EXPECT_TRUE(std::filesystem::is_empty(directory.path())) << "neither socket nor lock file stays";
  }
}

TEST(BrokerListener, a_file_that_is_no_socket_is_never_removed) {
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "bus.sock").string();
  std::ofstream(path) << "precious";
  Broker broker;
  const auto refused = broker.listen(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, std::errc::file_exists) << "and nothing is busy";
  EXPECT_NE(refused.error().message.find("not a socket"), std::string::npos);
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST(BrokerListener, errors_name_the_path_and_the_reason) {
  Broker broker;
  const auto deep = broker.listen("/proc/no/such/place/bus.sock");
  ASSERT_FALSE(deep);
  EXPECT_NE(deep.error().message.find("/proc/no/such"), std::string::npos);
  const auto too_long = broker.listen("/tmp/" + std::string(200, 'x') + ".sock");
  ASSERT_FALSE(too_long);
  EXPECT_NE(too_long.error().message.find("107"), std::string::npos);
  const auto unsupported = broker.listen("inproc://name");
  ASSERT_FALSE(unsupported);
  EXPECT_EQ(unsupported.error().code, errc::not_supported);
}

TEST(BrokerListener, WithoutDescriptorsItPausesSaysSoAndAcceptsOnceThereAreSome) {
  if (busrt_testing::under_address_sanitizer)
    GTEST_SKIP()
        << "the sanitizer looks at objects through a pipe of its own, for which there is no descriptor";
  const TemporaryDirectory directory;
  const std::string path = (directory.path() / "bus.sock").string();
  std::mutex mutex;
  std::string log;
  BrokerConfig config;
  config.log = [&](busrt::base::LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex);
    log += std::string(line) + "\n";
  };
  Broker broker(config);
  const std::string websocket = "ws://127.0.0.1:" + std::to_string(busrt_testing::free_tcp_port());
  ASSERT_TRUE(broker.listen(path));
  ASSERT_TRUE(broker.listen(websocket));
  const auto logged = [&](const std::string& words) {
    return eventually([&] {
      const std::lock_guard lock(mutex);
      return log.find(words) != std::string::npos;
    });
  };
  // Each client has its socket, and the broker none for it.
  const int local = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int network = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  {
    const NoMoreDescriptors none;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    ASSERT_EQ(::connect(local, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_TRUE(logged("cannot accept on " + path));
    sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    loopback.sin_port =
        htons(static_cast<std::uint16_t>(std::stoi(websocket.substr(websocket.rfind(':') + 1))));
    ASSERT_EQ(::connect(network, reinterpret_cast<const sockaddr*>(&loopback), sizeof loopback), 0);
    EXPECT_TRUE(logged("cannot accept on " + websocket));
  }
  EXPECT_GE(broker.stats().accept_pauses, 2U);
  EXPECT_TRUE(eventually([&] { return broker.stats().connections == 2; })) << broker.stats().connections;
  ::close(local);
  ::close(network);
}

TEST(BrokerListener, the_socket_goes_with_its_broker) {
  const TemporaryDirectory directory;
  const auto socket = directory.path() / "bus.sock";
  Broker broker;
  ASSERT_TRUE(broker.listen(socket.string()));
  EXPECT_TRUE(std::filesystem::exists(socket));
  broker.shutdown();
  EXPECT_FALSE(std::filesystem::exists(socket));
}

TEST(BrokerListener, several_listeners_serve_one_bus) {
  const TemporaryDirectory directory;
  const std::string first = (directory.path() / "a.sock").string();
  const std::string second = (directory.path() / "b.sock").string();
  Broker broker;
  ASSERT_TRUE(broker.listen(first));
  ASSERT_TRUE(broker.listen(second));
  WireClient receiver(busrt_testing::connect_unix(first), "receiver");
  WireClient sender(busrt_testing::connect_unix(second), "sender");
  WireClient inside(busrt_testing::connect_inproc(broker.local()), "inside");
  ASSERT_EQ(sender.confirmed(Op::message, "receiver", "x"), ok);
  ASSERT_EQ(inside.confirmed(Op::message, "receiver", "y"), ok);
  EXPECT_EQ(receiver.next_data().payload, "x");
  EXPECT_EQ(receiver.next_data().payload, "y");
}

TEST(BrokerListener, local_endpoints_outlive_their_broker_and_then_refuse) {
  LocalEndpoint endpoint;
  {
    Broker broker;
    endpoint = broker.local();
  }
  const auto refused = endpoint.connector()->connect();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::closed);
}

}  // namespace
}  // namespace busrt
