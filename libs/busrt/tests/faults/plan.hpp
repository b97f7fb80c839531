// Which of all the faults are tried in one run, and how one of them is tried again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "faults/calls.hpp"
#include "faults/injector.hpp"

namespace busrt_faults {

/// The one that BUSRT_FAULT_CASE names; else all of what was counted where BUSRT_FAULT_ALL is 1, or every
/// so-manieth, so that at most `most` are left, from a place that BUSRT_FAULT_SEED says (else a random one).
[[nodiscard]] std::vector<Target> plan(const Counts& counted, std::size_t most);
/// The same of what was counted of one call alone.
[[nodiscard]] std::vector<Target> plan_of(Call call, const Counts& counted, std::size_t most);

/// The command that tries this fault again, in the test that is running.
[[nodiscard]] std::string how_to_repeat(const Target& target);

}  // namespace busrt_faults
