#include "watch_pattern.hpp"

#include "busrt/topic_pattern.hpp"

namespace daemoneye_cli {

std::string pattern_problem(std::string_view pattern) {
  if (pattern.empty()) return "is empty";
  const char* const problem = busrt::topic_pattern_problem(pattern);
  return problem == nullptr ? std::string() : std::string("cannot be routed: ") + problem;
}

}  // namespace daemoneye_cli
