// The reference matcher behind its public names.
#include "busrt/topic_pattern.hpp"

#include "routing/pattern.hpp"

namespace busrt {

bool topic_matches(std::string_view pattern, std::string_view topic) noexcept {
  return routing::pattern_matches(pattern, topic);
}

const char* topic_pattern_problem(std::string_view pattern) noexcept {
  return routing::pattern_problem(pattern);
}

const char* topic_problem(std::string_view topic) noexcept {
  return routing::topic_problem(topic);
}

}  // namespace busrt
