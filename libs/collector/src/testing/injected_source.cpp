// A source that emits what a test tells it to.

#include "daemoneye/collector/testing/injected_source.hpp"

#include <mutex>

#include "busrt/error.hpp"

namespace daemoneye::collector::testing {

namespace asio = boost::asio;

struct InjectedFeed::State {
  mutable std::mutex mutex;
  EventSink* sink = nullptr;
  std::uint64_t starts = 0;
  std::uint64_t emitted = 0;
  std::optional<std::string> start_failure;
  boost::json::object health;
  boost::json::object settings;
};

InjectedFeed::InjectedFeed() : state_(std::make_shared<State>()) {}
InjectedFeed::~InjectedFeed() = default;

bool InjectedFeed::emit(std::string kind, boost::json::object data) {
  return emit(Observation{std::move(kind), std::chrono::system_clock::now(), std::move(data)});
}

bool InjectedFeed::emit(Observation observation) {
  // Under the lock, so that stop() returns only when no emit is under way.
  const std::scoped_lock lock(state_->mutex);
  if (state_->sink == nullptr) return false;
  ++state_->emitted;
  state_->sink->emit(std::move(observation));
  return true;
}

bool InjectedFeed::report_loss(events::Loss loss) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->sink == nullptr) return false;
  state_->sink->report_loss(std::move(loss));
  return true;
}

void InjectedFeed::fail_next_start(std::string message) {
  const std::scoped_lock lock(state_->mutex);
  state_->start_failure = std::move(message);
}

void InjectedFeed::set_health(boost::json::object health) {
  const std::scoped_lock lock(state_->mutex);
  state_->health = std::move(health);
}

bool InjectedFeed::started() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->sink != nullptr;
}

std::uint64_t InjectedFeed::starts() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->starts;
}

boost::json::object InjectedFeed::settings() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->settings;
}

InjectedSource::InjectedSource(std::shared_ptr<InjectedFeed> feed, std::string name, std::string domain)
    : feed_(std::move(feed)), name_(std::move(name)), domain_(std::move(domain)) {}

std::vector<std::string> InjectedSource::capabilities() const {
  return {domain_ + ".events"};
}

asio::awaitable<busrt::base::Result<>> InjectedSource::start(EventSink& sink) {
  const std::scoped_lock lock(feed_->state_->mutex);
  auto& state = *feed_->state_;
  if (state.start_failure) {
    const std::string message = std::move(*state.start_failure);
    state.start_failure.reset();
    co_return busrt::base::fail(std::make_error_code(std::errc::permission_denied), message);
  }
  state.sink = &sink;
  ++state.starts;
  co_return busrt::base::Result<>();
}

asio::awaitable<void> InjectedSource::stop() {
  const std::scoped_lock lock(feed_->state_->mutex);
  feed_->state_->sink = nullptr;
  co_return;
}

boost::json::object InjectedSource::health() const {
  const std::scoped_lock lock(feed_->state_->mutex);
  auto health = feed_->state_->health;
  health["method"] = "injected";
  health["cannot_see"] = boost::json::array();
  health["events"] = feed_->state_->emitted;
  return health;
}

busrt::base::Result<> InjectedSource::configure(const boost::json::object& settings) {
  for (const auto& [key, value] : settings) {
    if (key == "interval_ms") {
      if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > 60000) {
        return busrt::base::fail(busrt::errc::data, "interval_ms: expected an integer from 1 to 60000");
      }
    } else if (key == "label") {
      if (!value.is_string()) return busrt::base::fail(busrt::errc::data, "label: expected a string");
    } else {
      return busrt::base::fail(busrt::errc::data,
                               std::string(key) + ": unknown field; known: interval_ms, label");
    }
  }
  const std::scoped_lock lock(feed_->state_->mutex);
  feed_->state_->settings = settings;
  return {};
}

}  // namespace daemoneye::collector::testing
