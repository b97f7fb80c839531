// How the commands reach the bus and the agent.
#pragma once

#include <boost/asio/use_future.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <future>
#include <string>

#include "busrt/blocking_client.hpp"
#include "options.hpp"
#include "output.hpp"

namespace daemoneye_cli {

/// A client configuration with a name of its own, so that any number of these programs can run at once.
[[nodiscard]] busrt::ClientConfig client_config(const Options& options, std::string_view purpose);

/// Whether Ctrl-C, SIGTERM or SIGHUP came. Installed once by main.
[[nodiscard]] bool interrupted() noexcept;
void catch_interrupts();

/// Whether the reader of standard output has gone.
[[nodiscard]] bool output_closed() noexcept;

/// A tenth of a second.
void pause_before_retry();

/// Between two looks for a signal or a closed output while an operation runs.
inline constexpr std::chrono::milliseconds look_again{20};

/// What ends the wait for an operation before its own end.
enum class EndedBy : std::uint8_t {
  signal_or_output,  ///< a signal asks the program to end, or standard output has no reader
  output,            ///< standard output has no reader; for questions after a signal
};

/// Waits for the operation. Errors: errc::closed when something else ends the wait; the operation itself then
/// ends with its client.
template <class Outcome>
[[nodiscard]] busrt::Result<> wait_for(const std::future<Outcome>& pending,
                                       EndedBy ended_by = EndedBy::signal_or_output) {
  while (pending.wait_for(look_again) != std::future_status::ready) {
    if (ended_by == EndedBy::signal_or_output && interrupted())
      return busrt::fail(busrt::errc::closed, "ended by a signal");
    if (output_closed()) return busrt::fail(busrt::errc::closed, "standard output has no reader");
  }
  return {};
}

/// Connects a BlockingClient or BlockingRpcClient once. Errors: as Client::connect and wait_for().
template <class Client>
[[nodiscard]] busrt::Result<> connect_once(Client& client) {
  auto pending = client.async().connect(boost::asio::use_future);
  if (auto ended = wait_for(pending); !ended) return ended;
  return pending.get();
}

/// Connects until it succeeds, at most for Options::wait. Errors: as
/// connect_once().
template <class Client>
[[nodiscard]] busrt::Result<> connect_within(const Options& options, Client& client) {
  const auto deadline = std::chrono::steady_clock::now() + options.wait;
  for (;;) {
    auto up = connect_once(client);
    if (up || interrupted() || output_closed() || std::chrono::steady_clock::now() >= deadline) return up;
    pause_before_retry();
  }
}

/// Writes on standard error, from the main thread. A reader that takes nothing does not hold up a program
/// that is to end.
void write_error(std::string_view text);

/// Prints `daemoneye: sentence` on standard error, busrt::base::printable().
void complain(std::string_view sentence);

/// Prints on standard error why the bus cannot be reached and what to do; returns the exit code.
int fail_to_connect(const Options& options, const busrt::Error& error);

/// Asks the agent. `timeout` zero: the client's own. Errors besides the call's: as wait_for().
[[nodiscard]] busrt::Result<boost::json::object> ask_status(busrt::BlockingRpcClient& client,
                                                            std::chrono::milliseconds timeout = {},
                                                            EndedBy ended_by = EndedBy::signal_or_output);

/// The exit code of a command that would end with `code`, after standard error has been told when its output
/// could not be written.
int exit_after(const Output& output, int code);

int run_watch(const Options& options);
int run_status(const Options& options);

}  // namespace daemoneye_cli
