// See startup.hpp; a fault (exception) in a step counts as its failure.
#include "startup.hpp"

#include <exception>

namespace daemoneye_agent {

boost::asio::awaitable<busrt::base::Result<>> Startup::up(std::function<bool()> cancelled) {
  while (done_ < steps_.size() && !cancelled()) {
    const Step& step = steps_[done_];
    log_.debug("start: {}", step.name);
    busrt::base::Result<> result;
    try {
      result = co_await step.up();
    } catch (const std::exception& fault) {
      result = busrt::base::fail(std::make_error_code(std::errc::state_not_recoverable), fault.what());
    }
    if (!result) co_return busrt::base::fail(result.error().code, step.name + ": " + result.error().message);
    ++done_;
  }
  co_return busrt::base::Result<>{};
}

boost::asio::awaitable<void> Startup::down() {
  while (done_ > 0) {
    const Step& step = steps_[--done_];
    log_.debug("stop: {}", step.name);
    try {
      co_await step.down();
    } catch (const std::exception& fault) {
      log_.error("stop: {}: {}", step.name, fault.what());
    }
  }
}

}  // namespace daemoneye_agent
