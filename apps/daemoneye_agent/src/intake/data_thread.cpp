#include "intake/data_thread.hpp"

#include <exception>

#include "busrt/base/named_thread.hpp"

namespace daemoneye_agent {

DataThread::DataThread(Faults& faults)
    : faults_(faults), thread_(busrt::base::start_named_thread("data", [this] { run(); })) {}

void DataThread::join() {
  work_.reset();
  if (thread_.joinable()) thread_.join();
}

void DataThread::halt() {
  context_.stop();
  join();
}

void DataThread::run() {
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& fault) {
      faults_.note("the data thread", fault.what());
    }
  }
}

}  // namespace daemoneye_agent
