// Windows has no service manager that speaks this protocol.
#include "busrt/base/service_notifier.hpp"

namespace busrt::base {

ServiceNotifier::ServiceNotifier() = default;

Result<> ServiceNotifier::ready() const {
  return {};
}

Result<> ServiceNotifier::reloading() const {
  return {};
}

Result<> ServiceNotifier::stopping() const {
  return {};
}

Result<> ServiceNotifier::send(const std::string& /*message*/) const {
  return {};
}

}  // namespace busrt::base
