// `send` and `publish`: one frame out, OK when the broker has queued it.
#include <fmt/core.h>

#include "busrt/blocking_client.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "payload.hpp"

namespace busrt_cli {
namespace {

using Payload = std::vector<std::byte>;

int send_one(const Options& options,
             busrt::Result<> (*operation)(busrt::BlockingClient&, const Options&, const Payload&)) {
  busrt::BlockingClient client(client_config(options));
  if (auto up = client.connect(); !up) return fail_to_connect(options, up.error());
  const auto payload = read_payload(options.payload);
  if (!payload) return fail(payload.error().describe());
  if (auto done = operation(client, options, *payload); !done) return fail_with(options.target, done.error());
  print_out("{}\n", paint(Style::green, "OK"));
  return EXIT_SUCCESS;
}

busrt::Result<> send_frame(busrt::BlockingClient& client, const Options& options, const Payload& payload) {
  const bool mask = options.target.find_first_of("*?") != std::string::npos;
  return mask ? client.broadcast(options.target, payload) : client.send(options.target, payload);
}

busrt::Result<> publish_frame(busrt::BlockingClient& client, const Options& options, const Payload& payload) {
  return client.publish(options.target, payload);
}

}  // namespace

int run_send(const Options& options) {
  return send_one(options, send_frame);
}

int run_publish(const Options& options) {
  return send_one(options, publish_frame);
}

}  // namespace busrt_cli
