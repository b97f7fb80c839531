// `rpc listen`, `rpc notify`, `rpc call0` and `rpc call`.
#include <fmt/core.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "busrt/base/printable.hpp"
#include "busrt/base/utf8.hpp"
#include "busrt/blocking_client.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "frame_output.hpp"
#include "payload.hpp"

namespace busrt_cli {
namespace {

/// How often the listener looks whether the connection still stands.
constexpr std::chrono::milliseconds connection_check{100};

busrt::BlockingRpcClient make_client(const Options& options) {
  return busrt::BlockingRpcClient(client_config(options), {.call_timeout = options.timeout});
}

void print_call(const busrt::RpcRequest& request, const Journal& journal) {
  journal.info("Incoming RPC call");
  const std::string method = busrt::base::valid_utf8(request.method)
                                 ? busrt::base::printable(request.method)
                                 : "HEX: " + hex_text(busrt::as_bytes(request.method));
  print_out("method: {}\n", paint(Style::blue, method));
  print_sender({}, request.frame);
  print_out("{}", payload_text(request.payload, listed(journal)));
  print_separator();
}

void print_notification(const busrt::RpcNotification& notification, const Journal& journal) {
  journal.info(fmt::format("Incoming RPC notification {} byte(s)", grouped(notification.payload.size())));
  print_sender("Notification", notification.frame);
  print_out("{}", payload_text(notification.payload, listed(journal)));
  print_separator();
}

boost::asio::awaitable<busrt::RpcResult> answer_call(busrt::RpcRequest request, Journal journal) {
  print_call(request, journal);
  co_return std::vector<std::byte>{};
}

void register_printers(busrt::RpcClient& rpc, const Journal& journal) {
  rpc.on_any([journal](busrt::RpcRequest request) { return answer_call(std::move(request), journal); });
  rpc.on_notification(
      [journal](const busrt::RpcNotification& notification) { print_notification(notification, journal); });
  rpc.on_frame([journal](const busrt::Frame& frame) { print_frame(frame, journal); });
}

/// The callee's own words, or what the bus's code means.
std::string reason_of(const busrt::CallError& error) {
  return error.code.category() == busrt::error_category() ? error.code.message() : error.message;
}

int succeed() {
  print_out("{}\n", paint(Style::green, "OK"));
  return EXIT_SUCCESS;
}

}  // namespace

int run_rpc_listen(const Options& options) {
  const Journal journal(options.silent);
  busrt::BlockingRpcClient client = make_client(options);
  register_printers(client.async(), journal);
  if (auto up = client.connect(); !up) return fail_to_connect(options, up.error());
  for (const std::string& topic : options.topics) {
    journal.info("subscribing to a topic " + paint(Style::yellow, shown(topic)));
  }
  if (!options.topics.empty()) {
    auto done = client.async().client().subscribe(options.topics, boost::asio::use_future).get();
    if (!done) return fail_with("subscribing", done.error());
  }
  print_separator();
  print_out("Listening to RPC messages for {} ...\n", paint(Style::cyan, shown(options.name)));
  while (client.async().client().connected()) std::this_thread::sleep_for(connection_check);
  return fail("the connection to the broker ended");
}

int run_rpc_notify(const Options& options) {
  busrt::BlockingRpcClient client = make_client(options);
  if (auto up = client.connect(); !up) return fail_to_connect(options, up.error());
  const auto payload = read_payload(options.payload);
  if (!payload) return fail(payload.error().describe());
  if (auto done = client.notify(options.target, *payload); !done)
    return fail_with(options.target, done.error());
  return succeed();
}

int run_rpc_call0(const Options& options) {
  busrt::BlockingRpcClient client = make_client(options);
  if (auto up = client.connect(); !up) return fail_to_connect(options, up.error());
  const auto params = read_params(options.params);
  if (!params) return fail(params.error().describe());
  if (auto done = client.call0(options.target, options.method, *params); !done) {
    return fail(fmt::format("{}: {}", options.target, reason_of(done.error())));
  }
  return succeed();
}

int run_rpc_call(const Options& options) {
  busrt::BlockingRpcClient client = make_client(options);
  if (auto up = client.connect(); !up) return fail_to_connect(options, up.error());
  const auto params = read_params(options.params);
  if (!params) return fail(params.error().describe());
  const auto reply = call_to_show(client, options.target, options.method, *params);
  if (!reply) {
    Journal(options.silent)
        .error(fmt::format("RPC Error {}: {}", reply.error().rpc_code, shown(reason_of(reply.error()))));
    return EXIT_FAILURE;
  }
  print_out("{}", payload_text(reply->payload, options.silent ? PayloadForm::bare : PayloadForm::headed));
  return EXIT_SUCCESS;
}

}  // namespace busrt_cli
