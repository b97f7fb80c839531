// Decides which call fails. The interposed functions ask it; a test arms it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "faults/calls.hpp"

namespace busrt_faults {

using Counts = std::array<std::array<std::uint64_t, call_count>, 4>;

/// How many calls of each role and function were made between start_counting() and stop().
void start_counting();
/// From now on the target's call is looked for; it fails once.
void arm(const Target& target);
void stop();
[[nodiscard]] Counts counted();
/// Whether the fault has been met since arm().
[[nodiscard]] bool fired();

/// Connections that are open now: their descriptors meet no fault until the next call.
void protect_open_connections();

/// Role of the calling thread, or of those that have none yet.
void set_role(Role role) noexcept;
void set_role_of_new_threads(Role role) noexcept;

/// For the interposed functions: the fault that this call meets, or null. A descriptor of -1 is none.
[[nodiscard]] const Fault* meets(Call call, int descriptor) noexcept;
/// Remembers how a descriptor is watched, so that a failed call can be made to look like one for which the
/// descriptor becomes ready again.
void note_watch(int epoll, int descriptor, std::uint32_t events, std::uint64_t data) noexcept;
void watch_anew(int descriptor) noexcept;

[[nodiscard]] std::size_t open_descriptors();
/// What they are, by /proc/self/fd: "3 socket:[123], 4 anon_inode:[eventpoll], ".
[[nodiscard]] std::string describe_descriptors();

}  // namespace busrt_faults
