// Runs a function on a shard's thread and waits for what it returns.
#pragma once

#include <exception>
#include <future>

#include "broker/shard.hpp"
#include "busrt/error.hpp"

namespace busrt::broker {

/// Rethrows what the function throws. Not for the shard's own thread.
template <class Function>
Result<> call_and_wait(Shard& shard, Function function) {
  std::promise<Result<>> promise;
  auto result = promise.get_future();
  shard.post([&promise, &function] {
    try {
      promise.set_value(function());
    } catch (const std::exception&) {
      promise.set_exception(std::current_exception());
    }
  });
  return result.get();
}

}  // namespace busrt::broker
