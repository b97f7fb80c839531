#include "supervisor/restart_limit.hpp"

namespace daemoneye_agent {

bool RestartLimit::allow(Instant now) {
  while (!restarts_.empty() && now - restarts_.front() >= window_) restarts_.pop_front();
  if (restarts_.size() >= most_) return false;
  restarts_.push_back(now);
  return true;
}

}  // namespace daemoneye_agent
