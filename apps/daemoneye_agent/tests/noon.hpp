// A time for tests of the books.
#pragma once

#include "account/account.hpp"

namespace daemoneye_agent {

inline const Account::Time noon{std::chrono::hours(12)};

}  // namespace daemoneye_agent
