// The bus's own matcher behind a public name.
#include "collector_core/topics.hpp"

#include "busrt/topic_pattern.hpp"

namespace collector_core {

bool topic_matches(std::string_view pattern, std::string_view topic) noexcept {
  return busrt::topic_matches(pattern, topic);
}

std::string pattern_problem(std::string_view pattern) {
  if (pattern.empty()) return "is empty";
  const char* const problem = busrt::topic_pattern_problem(pattern);
  return problem == nullptr ? std::string() : std::string("cannot be routed: ") + problem;
}

}  // namespace collector_core
