// What the client's tests share: a loop on a thread of its own, and operations as futures with a limit on the
// wait.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <system_error>

#include "busrt/client.hpp"
#include "busrt/rpc.hpp"
#include "busrt_testing/wire_client.hpp"
#include "client/loop_thread.hpp"

namespace busrt {

namespace asio = boost::asio;
using busrt_testing::patience;

/// An RPC handler that answers with the request's payload.
inline asio::awaitable<RpcResult> echo(RpcRequest request) {
  co_return std::vector(request.payload.begin(), request.payload.end());
}

/// The future's value; throws when it does not come, so that a hang is a failure with a name.
template <class T>
T value_of(std::future<T> future) {
  if (future.wait_for(busrt_testing::patience) != std::future_status::ready) {
    throw std::runtime_error("an operation did not complete");
  }
  return future.get();
}

/// How an operation ended: its error's code, or no error.
template <class Outcome>
std::error_code code_of(const Outcome& outcome) {
  return outcome ? std::error_code() : outcome.error().code;
}

template <class T>
bool is_pending(const std::future<T>& future) {
  return future.wait_for(std::chrono::seconds(0)) == std::future_status::timeout;
}

}  // namespace busrt
