// Started without a shell, and killed with its test even when the test crashes.
#include "reference_broker.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>

namespace interop {
namespace {

constexpr std::chrono::seconds start_deadline{20};
constexpr std::chrono::milliseconds poll_interval{5};

bool answers(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool connected = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return connected;
}

[[noreturn]] void become_broker(const std::vector<std::string>& command) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

}  // namespace

std::filesystem::path reference_broker_program() {
  if (const char* root = std::getenv("DAEMONEYE_PEERS")) return std::filesystem::path(root) / "bin/busrtd";
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base = cache != nullptr && *cache != '\0' ? std::filesystem::path(cache)
                                     : home != nullptr ? std::filesystem::path(home) / ".cache"
                                                       : std::filesystem::path("/root/.cache");
  return base / "daemoneye-peers/bin/busrtd";
}

bool peers_required() {
  const char* required = std::getenv("DAEMONEYE_REQUIRE_PEERS");
  return required != nullptr && std::string_view(required) == "1";
}

ReferenceBroker::~ReferenceBroker() {
  stop();
  if (!directory_.empty()) std::filesystem::remove_all(directory_);
}

bool ReferenceBroker::start() {
  if (directory_.empty()) {
    std::string pattern = std::filesystem::temp_directory_path() / "busrt-reference-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) return false;
    directory_ = pattern;
  }
  const std::string socket = address();
  std::vector<std::string> command{reference_broker_program(), "-B", socket, "-w", "1"};
  command.insert(command.end(), options_.begin(), options_.end());
  process_ = ::fork();
  if (process_ == 0) become_broker(command);
  if (process_ < 0) return false;
  const auto end = std::chrono::steady_clock::now() + start_deadline;
  while (!answers(socket)) {
    if (::waitpid(process_, nullptr, WNOHANG) == process_) {
      process_ = -1;
      return false;
    }
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(poll_interval);
  }
  return true;
}

void ReferenceBroker::end(int signal) {
  if (process_ > 0) {
    ::kill(process_, signal);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }
}

void ReferenceBroker::stop() {
  end(SIGKILL);
}

void ReferenceBroker::shutdown() {
  end(SIGTERM);
}

}  // namespace interop
