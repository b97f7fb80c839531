// Connecting, signals, and the sentences when something is not there.
#include "agent_client.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <future>
#include <random>
#include <thread>

#include "agent_address.hpp"
#include "busrt/base/closed_output.hpp"
#include "busrt/base/inherited_signals.hpp"
#include "busrt/base/printable.hpp"
#include "common/error_sentence.hpp"
#include "daemoneye/collector/runtime_directory.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye_cli {
namespace {

/// Between attempts to connect.
constexpr std::chrono::milliseconds retry_interval{100};

/// The n-th signal to end ends the program at once, should it be stuck. Not the second: timeout(1) sends its
/// signal to the process and to its group, and a person who presses Ctrl-C twice still wants the last line.
constexpr int signals_to_force = 3;

std::atomic<int> signals_seen = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void note_signal(int number) {
  if (signals_seen.fetch_add(1, std::memory_order_relaxed) + 1 < signals_to_force) return;
  ::signal(number, SIG_DFL);
  ::raise(number);
}

}  // namespace

busrt::ClientConfig client_config(const Options& options, std::string_view purpose) {
  busrt::ClientConfig config;
  config.name = fmt::format("daemoneye-{}-{}-{:04x}", purpose, ::getpid(), std::random_device{}() & 0xFFFFU);
  config.address = options.bus;
  config.runtime_directory = daemoneye::collector::runtime_directory();
  config.reconnect.enabled = false;  // a command ends with its connection and says so
  return config;
}

bool interrupted() noexcept {
  return signals_seen.load(std::memory_order_relaxed) != 0;
}

void catch_interrupts() {
  struct sigaction action{};
  action.sa_handler = note_signal;
  // No SA_RESTART: a write that waits for its reader must return. SIGHUP: a terminal that closes.
  for (const int number : busrt::base::signals_not_ignored({SIGINT, SIGTERM, SIGHUP})) {
    ::sigaction(number, &action, nullptr);
  }
  ::signal(SIGPIPE, SIG_IGN);
}

bool output_closed() noexcept {
  return busrt::base::output_closed(STDOUT_FILENO);
}

void pause_before_retry() {
  std::this_thread::sleep_for(retry_interval);
}

void write_error(std::string_view text) {
  // One for all sentences: a reader that took nothing once is not waited for again.
  static Output error(STDERR_FILENO, interrupted, short_patience);
  error.put(text);
  error.flush();
}

void complain(std::string_view sentence) {
  write_error(fmt::format("daemoneye: {}\n", busrt::base::printable(sentence)));
}

int fail_to_connect(const Options& options, const busrt::Error& error) {
  if (interrupted()) {
    complain(fmt::format("ended by a signal before the agent at {} was reached", options.bus));
    return exit_code::unreachable;
  }
  complain(fmt::format("cannot reach the agent at {}: {}", options.bus, program::sentence(error)));
  const bool says_enough = error.code == busrt::errc::bad_address || error.code == busrt::errc::access;
  if (!says_enough) complain(advice(options.bus, this_user()));
  return exit_code::unreachable;
}

busrt::Result<boost::json::object> ask_status(busrt::BlockingRpcClient& client,
                                              std::chrono::milliseconds timeout, EndedBy ended_by) {
  auto answer = client.async().call(daemoneye::events::agent_client_name, "status", {}, busrt::QoS::processed,
                                    timeout, boost::asio::use_future);
  if (auto ended = wait_for(answer, ended_by); !ended) return std::unexpected(std::move(ended).error());
  const auto reply = answer.get();
  if (!reply) return busrt::fail(reply.error().code, reply.error().message);
  boost::system::error_code failed;
  auto value = boost::json::parse(busrt::as_text(reply->payload), failed);
  if (failed || !value.is_object())
    return busrt::fail(busrt::errc::data, "the agent's status is no JSON object");
  return std::move(value.as_object());
}

int exit_after(const Output& output, int code) {
  if (output.problem().empty()) return code;
  complain(output.problem());
  return exit_code::output_failed;
}

}  // namespace daemoneye_cli
