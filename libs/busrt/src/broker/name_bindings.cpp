#include "broker/name_bindings.hpp"

#include <unistd.h>

#include <string>

namespace busrt::broker {

bool is_process(const Endpoint& endpoint, int pid) {
  if (endpoint.peer.kind == transport::StreamKind::internal) return pid == ::getpid();
  return endpoint.peer.pid == pid;
}

void NameBindings::bind(std::string_view name, int pid) {
  pids_.insert_or_assign(std::string(name), pid);
}

void NameBindings::unbind(std::string_view name) {
  if (const auto bound = pids_.find(name); bound != pids_.end()) pids_.erase(bound);
}

bool NameBindings::admits(const Endpoint& endpoint) const {
  const auto bound = pids_.find(endpoint.primary());
  return bound == pids_.end() || is_process(endpoint, bound->second);
}

}  // namespace busrt::broker
