// Nothing, in order.
#include "daemoneye/collector/testing/noop_source.hpp"

#include <boost/json/array.hpp>
#include <system_error>

namespace daemoneye::collector::testing {

boost::json::object NoopSource::health() const {
  return {{"method", "none"}, {"cannot_see", boost::json::array{"Anything: this source emits nothing."}}};
}

busrt::base::Result<> NoopSource::configure(const boost::json::object& settings) {
  if (settings.empty()) return {};
  return busrt::base::fail(std::make_error_code(std::errc::invalid_argument),
                           std::string(settings.begin()->key()) + ": this source has no settings");
}

}  // namespace daemoneye::collector::testing
