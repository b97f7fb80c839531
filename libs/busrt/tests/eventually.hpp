// Waiting for what another thread or process brings about.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "busrt_testing/wire_client.hpp"

namespace busrt {

/// Waits for a condition that another thread brings about. The limit only ends a test that has failed.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + busrt_testing::patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace busrt
