// Looking at an interval, on a thread that ends as soon as it is asked to.
#include "daemoneye/collector/sampling_source.hpp"

#include <cassert>
#include <exception>

#include "daemoneye/collector/limits.hpp"
#include "daemoneye/collector/setting.hpp"

namespace daemoneye::collector {

namespace asio = boost::asio;

namespace {

constexpr std::string_view interval_field = "interval_ms";

}  // namespace

SamplingSource::~SamplingSource() {
  assert(!thread_.joinable());
}

asio::awaitable<busrt::base::Result<>> SamplingSource::start(EventSink& sink) {
  if (!thread_.joinable()) {
    thread_ = std::jthread([this, &sink](const std::stop_token& stop) { run(sink, stop); });
  }
  co_return busrt::base::Result<>();
}

asio::awaitable<void> SamplingSource::stop() {
  thread_ = {};
  co_return;
}

void SamplingSource::run(EventSink& sink, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  auto began = std::chrono::steady_clock::now() - interval_;
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    // By the interval of this moment: it may have changed during the look.
    if (const auto due = began + interval_; now < due) {
      changed_.wait_until(lock, stop, due, [&] { return began + interval_ != due; });
      continue;
    }
    began = now;
    lock.unlock();
    look(sink);
    lock.lock();
  }
}

void SamplingSource::look(EventSink& sink) {
  std::string failure;
  try {
    sample(sink);
  } catch (const std::exception& fault) {
    failure = fault.what();
  }
  const std::scoped_lock lock(mutex_);
  failure_ = std::move(failure);
  ++looks_;
}

boost::json::object SamplingSource::health() const {
  const std::scoped_lock lock(mutex_);
  boost::json::object health = {{"looks", looks_}, {interval_field, interval_.count()}};
  if (!failure_.empty()) health["degraded"] = failure_;
  return health;
}

busrt::base::Result<> SamplingSource::configure(const boost::json::object& settings) {
  auto interval = std::chrono::milliseconds::zero();
  for (const auto& [field, value] : settings) {
    if (field != interval_field) return wrong_setting(field, "no such setting (there is interval_ms)", value);
    const auto number = whole_number(field, value, static_cast<std::uint64_t>(limits::sampling_least.count()),
                                     static_cast<std::uint64_t>(limits::sampling_most.count()));
    if (!number) return std::unexpected(number.error());
    interval = std::chrono::milliseconds(*number);
  }
  if (settings.empty()) return {};
  const std::scoped_lock lock(mutex_);
  interval_ = interval;
  changed_.notify_all();
  return {};
}

}  // namespace daemoneye::collector
