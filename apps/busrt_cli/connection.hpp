// What every command shares: the client's configuration, and failures as sentences.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "busrt/blocking_client.hpp"
#include "busrt/client.hpp"
#include "options.hpp"
#include "terminal.hpp"

namespace busrt_cli {

/// `suffix` is appended to the name, for commands that connect more than once.
[[nodiscard]] busrt::ClientConfig client_config(const Options& options, std::string_view suffix = {});

/// Why the broker cannot be reached, in a sentence that names its address.
[[nodiscard]] std::string connect_failure(const Options& options, const busrt::Error& error);

/// Calls and waits for the reply. Where the reader of standard output goes first, the process ends with a
/// failure, without a word: the reply could not be shown.
[[nodiscard]] busrt::CallResult<busrt::RpcReply> call_to_show(busrt::BlockingRpcClient& client,
                                                              std::string_view target,
                                                              std::string_view method,
                                                              std::span<const std::byte> params = {});

/// Returns what to do when nothing answers at the address; empty for an address that is none.
[[nodiscard]] std::string connect_advice(const std::string& address);

/// Prints why the broker cannot be reached, and advice if it did not answer. Returns the exit code.
int fail_to_connect(const Options& options, const busrt::Error& error);

/// Prints `what: reason` and returns the exit code.
int fail_with(std::string_view what, const busrt::Error& error);

}  // namespace busrt_cli
