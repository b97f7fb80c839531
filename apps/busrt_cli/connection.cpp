// The verbose log of the library goes where the tool's own log lines go.
#include "connection.hpp"

#include <fmt/core.h>

#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdlib>
#include <future>

#include "busrt/address.hpp"
#include "common/runtime_directory.hpp"
#include "system.hpp"

namespace busrt_cli {

namespace {
/// How often a waiting command looks whether its output still has a reader.
constexpr std::chrono::milliseconds output_check{100};
}  // namespace

busrt::ClientConfig client_config(const Options& options, std::string_view suffix) {
  busrt::ClientConfig config{.name = options.name + std::string(suffix), .address = options.address};
  config.runtime_directory = command_line::runtime_directory();
  config.timeout = options.timeout;
  // --timeout bounds every operation. Without it an acknowledgement has the time in which the broker deals
  // with a slow reader.
  if (options.timeout_given) config.delivery_timeout = options.timeout;
  config.queue_frames = options.queue_frames;
  config.tls = options.tls;
  config.server_name = options.server_name;
  config.token = options.token;
  config.reconnect.enabled = false;  // a command ends with its connection and says so
  if (options.verbose && !options.silent) {
    config.log = [journal = Journal(false)](busrt::base::LogLevel level, std::string_view text) {
      level >= busrt::base::LogLevel::error ? journal.error(shown(text)) : journal.debug(shown(text));
    };
  }
  return config;
}

busrt::CallResult<busrt::RpcReply> call_to_show(busrt::BlockingRpcClient& client, std::string_view target,
                                                std::string_view method, std::span<const std::byte> params) {
  auto answer = client.async().call(target, method, params, {}, {}, boost::asio::use_future);
  while (answer.wait_for(output_check) != std::future_status::ready) {
    if (output_closed()) std::_Exit(EXIT_FAILURE);
  }
  return answer.get();
}

std::string connect_failure(const Options& options, const busrt::Error& error) {
  // A transport's own sentence names the address and the reason already.
  if (error.message.contains(options.address)) return error.message;
  return fmt::format("cannot connect to the broker at {}: {}", options.address, error.describe());
}

std::string connect_advice(const std::string& address) {
  const auto parsed = busrt::Address::parse_for_client(address, command_line::runtime_directory());
  if (!parsed) return {};
  if (parsed->scheme == busrt::Address::Scheme::unix_socket) return socket_advice(parsed->target);
  return "is the broker running there?";
}

int fail_to_connect(const Options& options, const busrt::Error& error) {
  const int code = fail(connect_failure(options, error));
  // Where the broker has answered, its answer says what to do.
  const bool no_answer = error.code == busrt::errc::io || error.code == busrt::errc::timeout;
  const std::string advice = no_answer ? connect_advice(options.address) : "";
  if (!advice.empty()) fail(advice);
  return code;
}

int fail_with(std::string_view what, const busrt::Error& error) {
  return fail(fmt::format("{}: {}", what, error.describe()));
}

}  // namespace busrt_cli
