// loadmond: a collector that publishes the load average of this host.
#include <boost/json/array.hpp>
#include <fstream>
#include <stdexcept>

#include "daemoneye/collector/collector_main.hpp"
#include "daemoneye/collector/sampling_source.hpp"
#include "daemoneye/events/object_writer.hpp"
#include "daemoneye/events/performance_fields.hpp"

namespace {

using namespace std::chrono_literals;
namespace performance = daemoneye::events::performance;

class LoadSource final : public daemoneye::collector::SamplingSource {
 public:
  LoadSource() : SamplingSource(1s) {}
  // [identity]
  std::string_view name() const override { return "loadmond"; }
  std::string_view domain() const override { return performance::domain; }
  std::vector<std::string> capabilities() const override { return {"performance.load"}; }
  // [/identity]
  // [health]
  boost::json::object health() const override {
    auto health = SamplingSource::health();
    health["method"] = "/proc/loadavg";
    health["cannot_see"] = boost::json::array{"Load that comes and goes between two looks."};
    return health;
  }
  // [/health]
 private:
  // [sample]
  void sample(daemoneye::collector::EventSink& sink) override {
    double load = 0;
    if (!(std::ifstream("/proc/loadavg") >> load)) throw std::runtime_error("cannot read /proc/loadavg");
    std::string data;
    daemoneye::events::ObjectWriter writer(data);
    writer.put(performance::subject, "cpu");
    writer.put(performance::metric, "load_1m");
    writer.put(performance::metric_unit, "count");
    writer.put(performance::value, load);
    writer.end();
    sink.emit({.kind = std::string(performance::kind::sample),
               .time = std::chrono::system_clock::now(),
               .text = std::move(data)});
  }
  // [/sample]
};

}  // namespace

// [main]
int main(int argc, char** argv) {
  return daemoneye::collector::run_collector(std::make_unique<LoadSource>(), argc, argv);
}
// [/main]
