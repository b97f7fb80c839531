// `daemoneye status`.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>

#include "agent_client.hpp"
#include "agent_status.hpp"

namespace daemoneye_cli {

int run_status(const Options& options) {
  busrt::BlockingRpcClient client(client_config(options, "status"));
  const auto up = connect_within(options, [&client] { return client.connect(); });
  if (!up) return fail_to_connect(options, up.error());
  const auto status = ask_status(client);
  if (!status) {
    fmt::print(stderr, "daemoneye: the bus at {} answers, its agent does not: {}\n", options.bus,
               status.error().describe());
    return exit_code::unreachable;
  }
  const std::string text =
      options.json ? boost::json::serialize(*status) + "\n" : format_status(*status, Screen::of_stdout());
  Output output(STDOUT_FILENO, interrupted);
  output.put(text);
  output.flush();
  const bool well = is_well(*status) && (!options.strict || is_complete(*status));
  return exit_after(output, well ? exit_code::ok : exit_code::degraded);
}

}  // namespace daemoneye_cli
