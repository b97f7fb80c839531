// Hosting a source: nothing that it does, an exception included, ends the collector.

#include "runtime/source_host.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "busrt/base/throttled_log.hpp"
#include "runtime/privileges.hpp"

namespace daemoneye::collector {

namespace asio = boost::asio;

class SourceHost::Sink final : public EventSink {
 public:
  Sink(std::string domain, std::shared_ptr<SharedOutbox> outbox, std::shared_ptr<Publisher> publisher,
       busrt::base::LogSink log)
      : domain_(std::move(domain)),
        outbox_(std::move(outbox)),
        publisher_(std::move(publisher)),
        shedding_lines_(log, "shedding of events"),
        loss_lines_(std::move(log), "losses") {}

  void emit(Observation observation) override {
    const auto added =
        outbox_->with([&](Outbox& outbox) { return outbox.add(domain_, std::move(observation)); });
    publisher_->wake();
    if (added == Outbox::Added::shed_first) {
      shedding_lines_.write(busrt::base::LogLevel::warn,
                            "the queue to the bus is full: shedding events, counted in loss records");
    }
  }
  void report_loss(events::Loss loss) override {
    loss_lines_.write(busrt::base::LogLevel::warn,
                      fmt::format("lost {} events: {}: {}",
                                  loss.count ? std::to_string(*loss.count) : "an unknown number of",
                                  loss.cause, loss.detail));
    const auto now = std::chrono::system_clock::now();
    outbox_->with([&](Outbox& outbox) { outbox.add_loss(domain_, std::move(loss), now); });
    publisher_->wake();
  }

 private:
  std::string domain_;
  std::shared_ptr<SharedOutbox> outbox_;
  std::shared_ptr<Publisher> publisher_;
  busrt::base::ThrottledLog shedding_lines_;
  busrt::base::ThrottledLog loss_lines_;
};

namespace {

std::string_view to_string(SourceHost::State state) noexcept {
  switch (state) {
    case SourceHost::State::stopped:
      return "stopped";
    case SourceHost::State::running:
      return "running";
    case SourceHost::State::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace

SourceHost::SourceHost(std::unique_ptr<EventSource> source, std::shared_ptr<SharedOutbox> outbox,
                       std::shared_ptr<Publisher> publisher, busrt::base::LogSink log)
    : source_(std::move(source)),
      sink_(std::make_unique<Sink>(std::string(source_->domain()), std::move(outbox), std::move(publisher),
                                   log)),
      log_(std::move(log)) {}

SourceHost::~SourceHost() = default;

asio::awaitable<busrt::base::Result<>> SourceHost::start() {
  if (state_ == State::running) co_return busrt::base::Result<>();
  busy_ = true;
  busrt::base::Result<> result;
  try {
    result = co_await source_->start(*sink_);
  } catch (const std::exception& fault) {
    result = busrt::base::fail(std::make_error_code(std::errc::io_error), fault.what());
  }
  busy_ = false;
  state_ = result ? State::running : State::failed;
  error_ = result ? std::string() : result.error().describe();
  if (log_) {
    if (result) {
      log_(busrt::base::LogLevel::info, fmt::format("source {} started", name()));
    } else {
      log_(busrt::base::LogLevel::error, fmt::format("source {} cannot start: {}", name(), error_));
    }
  }
  co_return result;
}

asio::awaitable<void> SourceHost::stop() {
  if (state_ == State::stopped) co_return;
  busy_ = true;
  error_.clear();
  try {
    co_await source_->stop();
  } catch (const std::exception& fault) {
    error_ = fault.what();
    if (log_) log_(busrt::base::LogLevel::error, fmt::format("source {} failed to stop: {}", name(), error_));
  }
  busy_ = false;
  state_ = State::stopped;
  if (log_) log_(busrt::base::LogLevel::info, fmt::format("source {} stopped", name()));
}

void SourceHost::report_unseen(std::string detail) {
  sink_->report_loss({.count = {}, .cause = std::string(cause_stopped), .detail = std::move(detail)});
}

busrt::base::Result<> SourceHost::configure(const boost::json::object& settings) {
  try {
    return source_->configure(settings);
  } catch (const std::exception& fault) {
    return busrt::base::fail(std::make_error_code(std::errc::invalid_argument), fault.what());
  }
}

void SourceHost::refresh() const {
  if (busy_) return;
  try {
    last_health_ = source_->health();
  } catch (const std::exception& fault) {
    last_health_ = {{"degraded", fault.what()}};
  }
}

boost::json::object SourceHost::health() const {
  refresh();
  boost::json::object health;
  health["name"] = name();
  health["domain"] = source_->domain();
  health["state"] = to_string(state_);
  if (!error_.empty()) health["error"] = error_;
  if (const auto needed = source_->privileges(); !needed.empty()) {
    health["privileges"] = sort_privileges(needed, held_capabilities());
  }
  for (const auto& [key, value] : last_health_) {
    if (!health.contains(key)) health[key] = value;
  }
  return health;
}

bool SourceHost::degraded() const {
  const auto* const reason = last_health_.if_contains("degraded");
  return state_ == State::failed || (state_ == State::running && reason != nullptr && reason->is_string() &&
                                     !reason->get_string().empty());
}

}  // namespace daemoneye::collector
