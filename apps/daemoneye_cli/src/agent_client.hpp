// How the commands reach the bus and the agent.
#pragma once

#include <boost/json/object.hpp>
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

/// `connect` until it succeeds, at most for Options::wait, and while somebody reads standard output.
template <class Connect>
[[nodiscard]] busrt::Result<> connect_within(const Options& options, Connect connect) {
  const auto deadline = std::chrono::steady_clock::now() + options.wait;
  for (;;) {
    auto up = connect();
    if (up || interrupted() || output_closed() || std::chrono::steady_clock::now() >= deadline) return up;
    pause_before_retry();
  }
}

/// Prints `daemoneye: sentence` on standard error, busrt::base::printable().
void complain(std::string_view sentence);

/// Prints on standard error why the bus cannot be reached and what to do; returns the exit code.
int fail_to_connect(const Options& options, const busrt::Error& error);

/// Asks the agent. `timeout` zero: the client's own. Errors: errc::closed when the reader of standard output
/// goes before the answer comes.
[[nodiscard]] busrt::Result<boost::json::object> ask_status(busrt::BlockingRpcClient& client,
                                                            std::chrono::milliseconds timeout = {});

/// The exit code of a command that would end with `code`, after standard error has been told when its output
/// could not be written.
int exit_after(const Output& output, int code);

int run_watch(const Options& options);
int run_status(const Options& options);

}  // namespace daemoneye_cli
