// `daemoneye status`.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>

#include "agent_client.hpp"
#include "agent_status.hpp"
#include "common/error_sentence.hpp"

namespace daemoneye_cli {

int run_status(const Options& options) {
  busrt::BlockingRpcClient client(client_config(options, "status"));
  const auto up = connect_within(options, client);
  if (!up) return fail_to_connect(options, up.error());
  const auto status = ask_status(client);
  if (!status && output_closed()) return exit_code::unreachable;  // without a word: nobody asks any more
  if (!status && interrupted()) {
    complain(fmt::format("ended by a signal before the agent at {} answered", options.bus));
    return exit_code::unreachable;
  }
  if (!status) {
    complain(fmt::format("the bus at {} answers, its agent does not: {}", options.bus,
                         program::sentence(status.error())));
    return exit_code::unreachable;
  }
  const Screen screen = Screen::of_stdout();
  const std::string text =
      options.json ? json_line(boost::json::serialize(*status), screen) : format_status(*status, screen);
  Output output(STDOUT_FILENO, interrupted, short_patience);
  output.put(text);
  output.flush();
  const bool well = is_well(*status) && (!options.strict || is_complete(*status));
  return exit_after(output, well ? exit_code::ok : exit_code::degraded);
}

}  // namespace daemoneye_cli
