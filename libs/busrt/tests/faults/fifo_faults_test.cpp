// What a fifo and an adopted socket take of the system fails once: lines arrive all the same or the broker
// says that the fifo is no more; a descriptor that was not taken stays its owner's.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <mutex>
#include <string>

#include "busrt/blocking_client.hpp"
#include "busrt_testing/test_address.hpp"
#include "faults/injector.hpp"
#include "faults/plan.hpp"
#include "faults/stage.hpp"
#include "transport/descriptor.hpp"

namespace busrt_faults {
namespace {

constexpr int lines = 3;

class FifoFaults : public testing::Test {
 protected:
  FifoFaults() {
    set_role(Role::victim);
    start_counting();
    stop();
  }

  void start() {
    auto config = quick_broker();
    config.log = [this](busrt::base::LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex);
      log += std::string(line) + "\n";
    };
    log.clear();
    broker.emplace(std::move(config));
    busrt::ClientConfig with{.name = "reader", .endpoint = broker->local()};
    make_quick(with);
    reader.emplace(std::move(with));
    ASSERT_TRUE(reader->connect());
    ASSERT_TRUE(reader->subscribe({"lines"}));
  }
  void end() {
    reader.reset();
    broker.reset();
  }
  [[nodiscard]] std::string logged() {
    const std::lock_guard lock(mutex);
    return log;
  }

  busrt::Result<> listen() {
    set_role(Role::broker);
    auto bound = broker->listen("fifo:" + path);
    set_role(Role::victim);
    return bound;
  }

  /// As a script does: the fifo is opened for each line.
  void write_lines() {
    for (int i = 0; i < lines; ++i) {
      const busrt::transport::Descriptor script(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
      const std::string line = "=lines " + std::to_string(i) + "\n";
      ASSERT_EQ(::write(script.get(), line.data(), line.size()), static_cast<ssize_t>(line.size()));
    }
  }
  void read_lines() {
    for (int i = 0; i < lines; ++i) {
      const auto frame = reader->receive(patience);
      ASSERT_TRUE(frame) << frame.error().describe();
      EXPECT_EQ(frame->text(), std::to_string(i));
    }
  }

  busrt_testing::TemporaryDirectory directory;
  const std::string path = (directory.path() / "fifo").string();
  std::mutex mutex;
  std::string log;  // guarded by mutex
  std::optional<busrt::Broker> broker;
  std::optional<busrt::BlockingClient> reader;
};

TEST_F(FifoFaults, LinesArriveWhateverAReadMeets) {
  start();
  ASSERT_TRUE(listen());
  protect_open_connections();
  start_counting();
  write_lines();
  read_lines();
  stop();
  std::size_t tried = 0;
  for (const Target& target : plan_of(Call::read, counted(), 100)) {
    // A fifo that is open gives no other errors.
    if (target.fault->kind != Fault::Kind::shorten && target.fault->error != EINTR &&
        target.fault->error != EAGAIN) {
      continue;
    }
    SCOPED_TRACE(how_to_repeat(target));
    arm(target);
    write_lines();
    read_lines();
    stop();
    if (fired()) ++tried;
    if (HasFailure()) break;
  }
  EXPECT_GT(tried, 0U) << "no read met its fault";
  end();
}

TEST_F(FifoFaults, AReaderThatCannotBeRenewedPausesAndIsRenewedLater) {
  start();
  ASSERT_TRUE(listen());
  write_lines();
  read_lines();
  for (const Call call : {Call::open, Call::epoll_add}) {
    SCOPED_TRACE(name_of(call));
    const auto before = broker->stats().accept_pauses;
    arm({Role::broker, call, 1, find_fault(call, call == Call::open ? "EMFILE" : "ENOMEM")});
    write_lines();
    EXPECT_TRUE(eventually([&] { return broker->stats().accept_pauses > before; }));
    stop();
    EXPECT_TRUE(fired());
    read_lines();
    // And again, with the reader that was renewed.
    write_lines();
    read_lines();
  }
  EXPECT_NE(logged().find("cannot accept on fifo " + path), std::string::npos) << logged();
  end();
}

TEST_F(FifoFaults, AFifoListensOrTheBrokerSaysWhyNot) {
  start();
  start_counting();
  ASSERT_TRUE(listen());
  stop();
  Counts counts = counted();
  counts[static_cast<std::size_t>(Role::broker)][static_cast<std::size_t>(Call::epoll_wait)] = 0;
  end();
  for (const Target& target : plan(counts, 100)) {
    SCOPED_TRACE(how_to_repeat(target));
    const std::size_t descriptors = open_descriptors();
    start();
    arm(target);
    const auto bound = listen();
    // What comes of it on the broker's thread.
    ASSERT_TRUE(reader->publish("nothing", {}));
    stop();
    EXPECT_TRUE(fired());
    if (target.call == Call::epoll_add) {
      EXPECT_TRUE(eventually([this] { return logged().find(path) != std::string::npos; })) << logged();
      EXPECT_TRUE(eventually([this] { return !std::filesystem::exists(path); }));
    } else {
      ASSERT_FALSE(bound);
      EXPECT_NE(bound.error().message.find(path), std::string::npos) << bound.error().describe();
      EXPECT_FALSE(std::filesystem::exists(path));
    }
    const auto again = listen();
    ASSERT_TRUE(again) << again.error().describe();
    write_lines();
    read_lines();
    end();
    EXPECT_EQ(open_descriptors(), descriptors);
    if (HasFailure()) break;
  }
}

TEST_F(FifoFaults, ASocketThatCannotBeAdoptedStaysItsOwners) {
  start();
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string socket_path = (directory.path() / "socket").string();
  socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  ASSERT_EQ(::bind(listening, generic, sizeof address), 0);
  ASSERT_EQ(::listen(listening, 5), 0);

  arm({Role::broker, Call::epoll_add, 1, find_fault(Call::epoll_add, "ENOMEM")});
  const auto adopted = broker->adopt(listening);
  stop();
  EXPECT_TRUE(fired());
  ASSERT_FALSE(adopted);
  EXPECT_NE(adopted.error().message.find("descriptor " + std::to_string(listening)), std::string::npos)
      << adopted.error().describe();

  ASSERT_GE(::fcntl(listening, F_GETFD), 0) << "closed";
  ASSERT_TRUE(broker->adopt(listening));
  busrt::ClientConfig with{.name = "client", .address = socket_path};
  make_quick(with);
  busrt::BlockingClient client(std::move(with));
  EXPECT_TRUE(client.connect());
}

}  // namespace
}  // namespace busrt_faults
