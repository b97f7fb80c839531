// busrt: the command line client of a BUS/RT broker.
#include <fmt/core.h>

#include <cstdlib>
#include <exception>

#include "commands.hpp"
#include "options.hpp"
#include "system.hpp"
#include "terminal.hpp"

namespace {

using busrt_cli::Command;
using busrt_cli::Options;

/// Commands that print as long as they run, and end with their output. The others look for it while they wait
/// for a reply, and those that send finish that.
bool ends_with_output(Command command) {
  return command == Command::listen || command == Command::rpc_listen || command == Command::benchmark;
}

int run(const Options& options) {
  if (ends_with_output(options.command)) busrt_cli::exit_when_output_closes(EXIT_SUCCESS);
  if (options.command == Command::access_explain) return busrt_cli::run_access_explain(options);
  busrt_cli::Journal(options.silent)
      .info(fmt::format("Connecting to {}, using service name {}", busrt_cli::shown(options.address),
                        busrt_cli::shown(options.name)));
  switch (options.command) {
    case Command::broker_client_list:
    case Command::broker_info:
    case Command::broker_stats:
    case Command::broker_test:
      return busrt_cli::run_broker_command(options);
    case Command::listen:
      return busrt_cli::run_listen(options);
    case Command::send:
      return busrt_cli::run_send(options);
    case Command::publish:
      return busrt_cli::run_publish(options);
    case Command::rpc_listen:
      return busrt_cli::run_rpc_listen(options);
    case Command::rpc_notify:
      return busrt_cli::run_rpc_notify(options);
    case Command::rpc_call0:
      return busrt_cli::run_rpc_call0(options);
    case Command::rpc_call:
      return busrt_cli::run_rpc_call(options);
    case Command::benchmark:
      return busrt_cli::run_benchmark(options);
    case Command::access_explain:
      break;
  }
  return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  busrt_cli::set_up_process();
  try {
    const busrt_cli::Parsed parsed = busrt_cli::parse_options(argc, argv);
    return parsed.options ? run(*parsed.options) : parsed.exit_code;
  } catch (const std::exception& fault) {
    return busrt_cli::fail(fault.what());
  }
}
