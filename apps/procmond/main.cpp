// procmond: watches the processes of this host and publishes what it sees.
#include <memory>

#include "daemoneye/collector/collector_main.hpp"
#include "process_source.hpp"

int main(int argc, char** argv) {
  return daemoneye::collector::run_collector(std::make_unique<procmond::ProcessSource>(), argc, argv);
}
