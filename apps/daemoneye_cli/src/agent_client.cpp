// Connecting, signals, and the sentences when something is not there.
#include "agent_client.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <random>
#include <thread>

#include "busrt/address.hpp"

namespace daemoneye_cli {
namespace {

constexpr std::chrono::milliseconds retry_interval{100};
constexpr std::string_view agent_name = "daemoneye-agent";

std::atomic<bool> interrupt_seen = false;
static_assert(std::atomic<bool>::is_always_lock_free);

std::string socket_path(const std::string& address) {
  const auto parsed = busrt::Address::parse(address);
  if (!parsed || parsed->scheme != busrt::Address::Scheme::unix_socket) return {};
  return parsed->target;
}

std::string advice(const Options& options) {
  const std::string path = socket_path(options.bus);
  if (path.empty()) return "is the broker running there?";
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (status.type() == std::filesystem::file_type::not_found) {
    return fmt::format(
        "there is no socket {}; start the agent with `daemoneye-agent --bus {}`, or name its address with "
        "--bus or DAEMONEYE_BUS",
        path, options.bus);
  }
  if (::access(path.c_str(), R_OK | W_OK) != 0) {
    return fmt::format("user {} may not open {}; run this as the user who runs the agent", ::geteuid(), path);
  }
  return fmt::format(
      "nobody answers at {}; an agent that was killed leaves its socket behind, start it again", path);
}

}  // namespace

busrt::ClientConfig client_config(const Options& options, std::string_view purpose) {
  busrt::ClientConfig config;
  config.name = fmt::format("daemoneye-{}-{}-{:04x}", purpose, ::getpid(), std::random_device{}() & 0xFFFFU);
  config.address = options.bus;
  config.reconnect.enabled = false;  // a command ends with its connection and says so
  return config;
}

bool interrupted() noexcept {
  return interrupt_seen.load(std::memory_order_relaxed);
}

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupt_seen.store(true, std::memory_order_relaxed); };
  // A second Ctrl-C ends the program at once, should it be stuck in a write.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

void pause_before_retry() {
  std::this_thread::sleep_for(retry_interval);
}

int fail_to_connect(const Options& options, const busrt::Error& error) {
  fmt::print(stderr, "daemoneye: cannot reach the agent at {}: {}\n", options.bus, error.describe());
  if (error.code != busrt::errc::bad_address) fmt::print(stderr, "daemoneye: {}\n", advice(options));
  return exit_code::unreachable;
}

busrt::Result<boost::json::object> ask_status(busrt::BlockingRpcClient& client) {
  const auto reply = client.call(agent_name, "status");
  if (!reply) return busrt::fail(reply.error().code, reply.error().message);
  boost::system::error_code failed;
  auto value = boost::json::parse(busrt::as_text(reply->payload), failed);
  if (failed || !value.is_object())
    return busrt::fail(busrt::errc::data, "the agent's status is no JSON object");
  return std::move(value.as_object());
}

}  // namespace daemoneye_cli
