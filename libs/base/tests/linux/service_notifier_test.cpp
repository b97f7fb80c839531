// The notification protocol against a socket of our own.
#include "busrt/base/service_notifier.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

namespace busrt::base {
namespace {

/// What stands in for systemd: a socket, by path or abstract (`@name`).
class Manager {
 public:
  explicit Manager(const std::string& name) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), length), 0) << name;
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  ~Manager() {
    ::close(descriptor_);
    ::unsetenv("NOTIFY_SOCKET");
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  [[nodiscard]] std::string next() const {
    std::array<char, 256> bytes{};
    const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return count < 0 ? "nothing" : std::string(bytes.data(), static_cast<std::size_t>(count));
  }

 private:
  const int descriptor_;
};

std::string unique(const std::string& prefix) {
  return prefix + "daemoneye-notify-" + std::to_string(::getpid());
}

TEST(ServiceNotifier, TellsWhatTheServiceDoesByPathAndAbstractName) {
  for (const std::string& name : {unique("/tmp/"), unique("@")}) {
    const Manager manager(name);
    const ServiceNotifier notifier;
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr) << "no child speaks for the service";
    EXPECT_TRUE(notifier.ready());
    EXPECT_EQ(manager.next(), "READY=1");
    EXPECT_TRUE(notifier.reloading());
    const std::string reloading = manager.next();
    EXPECT_TRUE(reloading.starts_with("RELOADING=1\nMONOTONIC_USEC=")) << reloading;
    EXPECT_GT(std::strtoull(reloading.c_str() + reloading.rfind('=') + 1, nullptr, 10), 0U);
    EXPECT_TRUE(notifier.stopping());
    EXPECT_EQ(manager.next(), "STOPPING=1");
    ::unlink(name.c_str());
  }
}

TEST(ServiceNotifier, DoesNothingWhereNobodyAsks) {
  ::unsetenv("NOTIFY_SOCKET");
  const ServiceNotifier notifier;
  EXPECT_TRUE(notifier.ready());
}

TEST(ServiceNotifier, NamesASocketThatCannotBeReached) {
  for (const std::string& name : {std::string("/no/such/socket"), std::string("relative"), std::string("/"),
                                  "/" + std::string(200, 'x')}) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    const ServiceNotifier notifier;
    const auto told = notifier.ready();
    ASSERT_FALSE(told) << name;
    EXPECT_TRUE(told.error().message.contains(name)) << told.error().message;
  }
}

}  // namespace
}  // namespace busrt::base
