#include "busrt_testing/silent_name_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace busrt_testing {

namespace {

constexpr std::uint16_t dns_port = 53;
constexpr int patience_ms = 30'000;

/// An address of the loopback that tests of other processes do not use at the same time.
in_addr own_loopback() {
  const auto pid = static_cast<std::uint32_t>(::getpid());
  return {htonl(0x7F000000U | (pid & 0xFFFFFFU))};
}

}  // namespace

busrt::Result<std::unique_ptr<SilentNameServer>> SilentNameServer::start() {
  std::unique_ptr<SilentNameServer> server(new SilentNameServer());
  if (auto listening = server->listen(); !listening) return std::unexpected(listening.error());
  if (auto taken = server->take_over_resolver(); !taken) return std::unexpected(taken.error());
  return server;
}

SilentNameServer::~SilentNameServer() {
  if (socket_ >= 0) ::close(socket_);
  // Before their sources go: nothing can be mounted over a file that is no more.
  for (const std::string& file : replaced_) ::umount2(file.c_str(), MNT_DETACH);
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

bool SilentNameServer::asked() const {
  pollfd question{socket_, POLLIN, 0};
  std::array<char, 512> bytes{};
  return ::poll(&question, 1, patience_ms) == 1 && ::recv(socket_, bytes.data(), bytes.size(), 0) > 0;
}

busrt::Result<> SilentNameServer::listen() {
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return busrt::base::fail_errno(errno, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(dns_port);
  address.sin_addr = own_loopback();
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return busrt::base::fail_errno(errno, "bind to port 53");
  std::array<char, INET_ADDRSTRLEN> text{};
  address_ = ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
  return {};
}

busrt::Result<> SilentNameServer::take_over_resolver() {
  std::string name = (std::filesystem::temp_directory_path() / "silent-name-server-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return busrt::base::fail_errno(errno, "mkdtemp");
  directory_ = name;
  const std::string resolv = name + "/resolv.conf";
  const std::string nsswitch = name + "/nsswitch.conf";
  // Two and a half minutes for one question: no test that waits for it passes.
  std::ofstream(resolv) << "nameserver " << address_ << "\noptions timeout:30 attempts:5\n";
  std::ofstream(nsswitch) << "passwd: files\ngroup: files\nhosts: files dns\n";
  if (::unshare(CLONE_NEWNS) != 0) return busrt::base::fail_errno(errno, "unshare");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return busrt::base::fail_errno(errno, "mount / as private");
  if (auto done = replace("/etc/resolv.conf", resolv); !done) return done;
  return replace("/etc/nsswitch.conf", nsswitch);
}

busrt::Result<> SilentNameServer::replace(const std::string& file, const std::string& with) {
  if (::mount(with.c_str(), file.c_str(), nullptr, MS_BIND, nullptr) != 0)
    return busrt::base::fail_errno(errno, "mount over " + file);
  replaced_.push_back(file);
  return {};
}

}  // namespace busrt_testing
