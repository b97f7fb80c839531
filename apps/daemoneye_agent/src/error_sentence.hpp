// An error as one sentence for people, as all our programs write it.
#pragma once

#include "common/error_sentence.hpp"

namespace daemoneye_agent {

using program::sentence;

}  // namespace daemoneye_agent
