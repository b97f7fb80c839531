// The client whose calls, or whose broker's calls, fail: what it does, and what came of it.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "busrt/blocking_client.hpp"
#include "busrt/client.hpp"
#include "busrt/client_status.hpp"
#include "busrt_testing/sanitizers.hpp"

namespace busrt_faults {

inline constexpr bool sanitized = busrt_testing::under_sanitizer;

/// A single fault may cost a pause in accepting or an attempt that runs into its time limit; more is a hang.
inline constexpr std::chrono::seconds patience{sanitized ? 40 : 10};

inline constexpr std::size_t processed_frames = 3;
inline constexpr std::size_t realtime_frames = 2;
inline constexpr const char* topics = "fault/#";
inline constexpr const char* processed_topic = "fault/processed";
inline constexpr const char* realtime_topic = "fault/realtime";

struct Step {
  std::string what;
  bool ok = false;
  bool hung = false;
  std::error_code code;
  std::string words;
};

struct Report {
  std::vector<Step> steps;
  std::array<bool, processed_frames> confirmed{};
  std::size_t realtime_accepted = 0;
  std::size_t own_frames = 0;  ///< received of its own
  busrt::ClientStats stats{};
  bool made = false;  ///< the client came to exist
  /// One connection, which nothing but its owner ended, when everything had arrived.
  bool whole = false;

  [[nodiscard]] std::size_t confirmed_frames() const {
    std::size_t count = 0;
    for (const bool each : confirmed) count += each ? 1U : 0U;
    return count;
  }
};

/// Connects, subscribes, publishes, calls the broker and disconnects, whatever each step brings.
[[nodiscard]] Report run_victim(const busrt::ClientConfig& config);

}  // namespace busrt_faults
