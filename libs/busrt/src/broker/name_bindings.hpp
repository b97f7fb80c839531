// Client names that only one process may register (Broker::bind_name).
#pragma once

#include <string_view>

#include "broker/endpoint.hpp"
#include "broker/name_map.hpp"

namespace busrt::broker {

/// True if the kernel reports that the client is this process. A client inside the broker's process has the
/// broker's process id.
[[nodiscard]] bool is_process(const Endpoint& endpoint, int pid);

/// Belongs to the registry, which guards it by its mutex.
class NameBindings {
 public:
  /// Binds a primary name and its secondaries to one process. A later call replaces the process.
  void bind(std::string_view name, int pid);
  void unbind(std::string_view name);
  /// False if the client's primary name is bound to another process.
  [[nodiscard]] bool admits(const Endpoint& endpoint) const;

 private:
  NameMap<int> pids_;
};

}  // namespace busrt::broker
