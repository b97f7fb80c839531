// A sink that keeps what a source emits.

#include "daemoneye/collector/testing/recording_sink.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <utility>

namespace daemoneye::collector::testing {

void RecordingSink::emit(Observation observation) {
  if (!observation.text.empty()) observation.data = boost::json::parse(observation.text).as_object();
  {
    const std::scoped_lock lock(mutex_);
    observations_.push_back(std::move(observation));
  }
  changed_.notify_all();
}

void RecordingSink::report_loss(events::Loss loss) {
  {
    const std::scoped_lock lock(mutex_);
    losses_.push_back(std::move(loss));
  }
  changed_.notify_all();
}

std::vector<Observation> RecordingSink::observations() const {
  const std::scoped_lock lock(mutex_);
  return observations_;
}

std::vector<events::Loss> RecordingSink::losses() const {
  const std::scoped_lock lock(mutex_);
  return losses_;
}

std::size_t RecordingSink::count(std::string_view kind) const {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(observations_.begin(), observations_.end(),
                    [kind](const Observation& observation) { return observation.kind == kind; }));
}

void RecordingSink::clear() {
  const std::scoped_lock lock(mutex_);
  observations_.clear();
  losses_.clear();
}

bool RecordingSink::wait_for(const std::function<bool(const Observation&)>& predicate,
                             std::chrono::milliseconds deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, deadline, [this, &predicate] {
    return std::any_of(observations_.begin(), observations_.end(), predicate);
  });
}

bool RecordingSink::wait_for_count(std::size_t count, std::chrono::milliseconds deadline) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, deadline, [this, count] { return observations_.size() >= count; });
}

}  // namespace daemoneye::collector::testing
