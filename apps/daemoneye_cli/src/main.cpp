// daemoneye: the operator's view of the agent, from another terminal.
#include <exception>

#include "agent_client.hpp"
#include "busrt/base/inherited_signals.hpp"
#include "busrt/base/standard_streams.hpp"

int main(int argc, char** argv) {
  busrt::base::reserve_standard_streams();
  busrt::base::reset_inherited_signals();
  try {
    const auto options = daemoneye_cli::parse_options(argc, argv);
    if (!options) return options.error();
    daemoneye_cli::catch_interrupts();
    return options->command == daemoneye_cli::Options::Command::status ? daemoneye_cli::run_status(*options)
                                                                       : daemoneye_cli::run_watch(*options);
  } catch (const std::exception& fault) {
    daemoneye_cli::complain(fault.what());
    return daemoneye_cli::exit_code::unreachable;
  }
}
