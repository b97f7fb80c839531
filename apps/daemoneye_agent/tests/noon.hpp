// A time for tests of the books.
#pragma once

#include "ledger/ledger.hpp"

namespace daemoneye_agent {

inline const Ledger::Time noon{std::chrono::hours(12)};

}  // namespace daemoneye_agent
