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

using busrt_cli::WithoutReader;

WithoutReader without_reader(Command command) {
  switch (command) {
    case Command::listen:
    case Command::rpc_listen:
    case Command::benchmark:
      return WithoutReader::end_well;
    case Command::broker_client_list:
    case Command::broker_info:
    case Command::broker_stats:
    case Command::broker_test:
      return WithoutReader::end_in_failure;
    case Command::send:
    case Command::publish:
    case Command::rpc_notify:
    case Command::rpc_call0:
    case Command::rpc_call:
    case Command::access_explain:
      break;
  }
  return WithoutReader::go_on;
}

int run(const Options& options) {
  busrt_cli::set_without_reader(without_reader(options.command));
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
