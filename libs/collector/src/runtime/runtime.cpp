// The life of a run: start the sources, serve, stop the sources, publish the rest, say goodbye.

#include "daemoneye/collector/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "busrt/error.hpp"
#include "daemoneye/collector/runtime_directory.hpp"
#include "daemoneye/events/schema.hpp"
#include "daemoneye/events/topics.hpp"
#include "runtime/runtime_impl.hpp"

namespace daemoneye::collector {

namespace asio = boost::asio;

namespace {

std::uint64_t microseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

/// The part of the drain time that is kept for the last health record and the disconnect.
constexpr std::chrono::milliseconds last_words(std::chrono::milliseconds drain) {
  return drain / 4;
}

std::string domain_names() {
  std::string names;
  for (const events::Table* const domain : events::domains()) {
    names += (names.empty() ? "" : ", ") + std::string(domain->name);
  }
  return names;
}

busrt::ClientConfig client_config(const RuntimeConfig& config) {
  busrt::ClientConfig client;
  client.name = config.name;
  client.address = config.address;
  client.endpoint = config.endpoint;
  client.runtime_directory = runtime_directory();
  client.log = config.log;
  client.delivery_timeout = config.delivery_timeout;
  client.reconnect.first_delay = std::min(config.reconnect_first, config.reconnect_most);
  client.reconnect.most_delay = config.reconnect_most;
  // The runtime goes without its bus for bus_absence at most; serve() has the last word on it.
  client.reconnect.first_connect = client.reconnect.give_up_after = config.bus_absence;
  return client;
}

}  // namespace

Runtime::Runtime(asio::any_io_executor executor, RuntimeConfig config,
                 std::vector<std::unique_ptr<EventSource>> sources)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(config), std::move(sources))) {}
Runtime::~Runtime() = default;
asio::awaitable<busrt::base::Result<RunEnd>> Runtime::run() {
  return Impl::run(impl_);
}
void Runtime::request_stop(std::string reason) {
  impl_->request_stop(std::move(reason));
}
boost::json::object Runtime::health() const {
  return impl_->health();
}
std::uint64_t Runtime::epoch() const noexcept {
  return impl_->epoch();
}

Runtime::Impl::Impl(asio::any_io_executor executor, RuntimeConfig config,
                    std::vector<std::unique_ptr<EventSource>> sources)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      refusal_lines_(config_.log, "refused calls"),
      late_lines_(config_.log, "late confirmations"),
      epoch_(microseconds_now()),
      outbox_(std::make_shared<SharedOutbox>(OutboxConfig{.collector = config_.name,
                                                          .epoch = epoch_,
                                                          .frames = config_.queue_frames,
                                                          .bytes = config_.queue_bytes})),
      rpc_(std::make_unique<busrt::RpcClient>(busrt::Client(executor_, client_config(config_)))),
      publisher_(
          std::make_shared<Publisher>(rpc_->client(), outbox_, config_.in_flight, config_.delivery_timeout)),
      tasks_(executor_),
      sources_mutex_(executor_),
      backoff_(config_.reconnect_first, config_.reconnect_most, busrt::base::Jitter::none),
      changed_(executor_),
      heartbeat_(config_.heartbeat) {
  if (config_.version.empty()) config_.version = DAEMONEYE_VERSION;
  for (auto& source : sources) {
    hosts_.push_back(std::make_unique<SourceHost>(std::move(source), outbox_, publisher_, config_.log));
  }
}

asio::awaitable<busrt::base::Result<RunEnd>> Runtime::Impl::run(Ptr self) {
  if (auto good = self->check(); !good) co_return std::unexpected(std::move(good.error()));
  self->ran_ = true;
  self->register_methods();
  self->rpc_->on_frame([weak = std::weak_ptr(self)](const busrt::Frame& frame) {
    if (const auto impl = weak.lock()) impl->take_committed(frame);
  });
  const std::weak_ptr<Impl> weak = self;
  self->publisher_->set_events(
      {.late =
           [weak] {
             if (const auto impl = weak.lock()) impl->note_late();
           },
       .refused =
           [weak](const std::string& reason) {
             const auto impl = weak.lock();
             if (impl && impl->refused_++ == 0) {
               impl->log(busrt::base::LogLevel::error, "the bus refuses events: " + reason);
             }
           },
       .empty =
           [weak] {
             if (const auto impl = weak.lock(); impl && impl->phase_ == Phase::stopping) impl->wake();
           }});
  asio::co_spawn(self->executor_, start_sources(self), [self](const std::exception_ptr& fault) {
    self->start_fault_ = fault;
    if (fault) self->wake();
  });
  const RunEnd end = co_await serve(self);
  self->phase_ = Phase::stopping;
  co_await stop_sources(self);
  const auto deadline = Clock::now() + self->config_.drain;
  if (end == RunEnd::requested) co_await flush(self, deadline - last_words(self->config_.drain));
  co_await finish(self, end == RunEnd::requested, deadline);
  co_return end;
}

busrt::base::Result<> Runtime::Impl::check() const {
  const auto wrong = [](std::string text) { return busrt::base::fail(busrt::errc::data, std::move(text)); };
  if (ran_) return wrong("run: a runtime runs once");
  if (!events::is_topic_word(config_.name)) {
    return wrong(fmt::format("name: \"{}\" is no collector name: 1 to {} letters, digits, '_' or '-'",
                             config_.name, events::word_bytes));
  }
  if (hosts_.empty()) return wrong("sources: none");
  if (config_.in_flight == 0) return wrong("in_flight: 0");
  std::set<std::string_view> names;
  std::set<std::string> operations;
  for (const auto& host : hosts_) {
    if (!names.insert(host->name()).second)
      return wrong(fmt::format("sources: two are named {}", host->name()));
    if (events::find_domain(host->source().domain()) == nullptr) {
      return wrong(fmt::format("sources: {}: the schema has no domain \"{}\"; it has {}", host->name(),
                               host->source().domain(), domain_names()));
    }
    const std::string prefix = std::string(host->source().domain()) + '.';
    for (const Operation& operation : host->source().operations()) {
      if (!operation.run || !operation.name.starts_with(prefix) ||
          !events::is_topic_word(std::string_view(operation.name).substr(prefix.size()))) {
        return wrong(fmt::format("sources: {}: \"{}\" is no operation: {}NAME with a handler", host->name(),
                                 operation.name, prefix));
      }
      if (!operations.insert(operation.name).second) {
        return wrong(fmt::format("sources: two operations are named {}", operation.name));
      }
    }
  }
  return {};
}

asio::awaitable<void> Runtime::Impl::start_sources(Ptr self) {
  {
    const auto guard = co_await self->sources_mutex_.lock();
    for (const auto& host : self->hosts_) {
      if (self->phase_ != Phase::starting || self->stop_requested_) break;
      // A failure is in the host's health; the collector stays, so that it can be asked and told to try
      // again.
      static_cast<void>(co_await host->start());
    }
  }
  if (self->phase_ == Phase::starting) self->phase_ = Phase::serving;
  self->wake();
}

asio::awaitable<void> Runtime::Impl::stop_sources(Ptr self) {
  self->tasks_.cancel_all();
  const auto guard = co_await self->sources_mutex_.lock();
  for (const auto& host : self->hosts_) co_await host->stop();
}

asio::awaitable<void> Runtime::Impl::flush(Ptr self, Clock::time_point deadline) {
  const auto empty = [&outbox = *self->outbox_] {
    return outbox.with([](const Outbox& queue) { return queue.empty(); });
  };
  while (!empty() && Clock::now() < deadline) {
    self->keep_connecting();
    co_await wait(self, std::min<Clock::duration>(self->until_next_attempt(), deadline - Clock::now()));
  }
  self->end_attempt_->emit(asio::cancellation_type::terminal);
}

asio::awaitable<void> Runtime::Impl::finish(Ptr self, bool on_bus, Clock::time_point deadline) {
  // The first of the two gets what is left but for a half of the last words, the second the rest.
  const auto until = [deadline](Clock::duration reserved) {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(deadline - reserved - Clock::now()),
                    std::chrono::milliseconds(1));
  };
  const auto reserved = last_words(self->config_.drain) / 2;
  self->publisher_->suspend();
  self->tell_leftovers();
  self->phase_ = Phase::ended;
  auto record = self->health();
  record["last"] = true;
  const auto text = boost::json::serialize(record);
  // What ends the connection from here on is this disconnect, and no loss.
  const bool connected = std::exchange(self->connected_, false);
  if (on_bus && connected) {
    const auto topic = events::topics::of_health(self->config_.name);
    const busrt::SendOptions options(busrt::QoS::processed, until(reserved));
    const auto said = co_await self->rpc_->client().publish(topic, busrt::as_bytes(text), options);
    if (!said) {
      self->log(busrt::base::LogLevel::warn,
                "the bus did not take the last health record, so the agent does not know where the events "
                "end: " +
                    said.error().describe());
    }
  }
  self->publisher_->detach();
  // Without a connection there is nothing to wait for: what the client still holds is in the outbox, too.
  const auto drain = connected ? until(Clock::duration::zero()) : std::chrono::milliseconds(1);
  static_cast<void>(co_await self->rpc_->client().disconnect(drain));
}

void Runtime::Impl::tell_leftovers() const {
  const auto [queued, untaken] = outbox_->with(
      [](const Outbox& outbox) { return std::pair(outbox.queued(), outbox.seq() - outbox.accepted()); });
  const auto records = [](std::uint64_t count) {
    return fmt::format("{} record{}", count, count == 1 ? "" : "s");
  };
  if (untaken != 0) {
    log(busrt::base::LogLevel::error, fmt::format("the bus did not take {} within {} ms of the stop: lost",
                                                  records(untaken), config_.drain.count()));
  }
  if (queued > untaken) {
    log(busrt::base::LogLevel::warn,
        fmt::format("the agent did not say within {} ms of the stop that it stored {}, which the bus took",
                    config_.drain.count(), records(queued - untaken)));
  }
}

void Runtime::Impl::request_stop(std::string reason) {
  asio::post(executor_, [self = shared_from_this(), why = std::move(reason)] {
    if (self->stop_requested_.exchange(true)) return;
    self->log(busrt::base::LogLevel::info, "stopping: " + why);
    self->end_attempt_->emit(asio::cancellation_type::terminal);
    self->wake();
  });
}

boost::json::object Runtime::Impl::health() const {
  boost::json::array sources;
  // First, because state() looks at what the sources said last.
  for (const auto& host : hosts_) sources.push_back(host->health());
  boost::json::object health;
  health["collector"] = config_.name;
  health["version"] = config_.version;
  health["epoch"] = epoch_;
  health["state"] = state();
  health["uptime_s"] = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - begun_).count();
  outbox_->with([&health](const Outbox& outbox) {
    health["seq"] = outbox.seq();
    health["published"] = outbox.published();
    health["confirmed"] = outbox.confirmed();
    health["accepted"] = outbox.accepted();
    health["committed"] = outbox.committed();
    health["queued"] = outbox.queued();
    health["refused"] = outbox.refused();
    health["lost"] = outbox.losses().to_json();
    if (outbox.shedding()) {
      health["degraded"] = fmt::format(
          "sheds events, because the bus takes them slower than they come ({} records wait); loss records "
          "count them",
          outbox.queued());
    }
  });
  if (phase_ == Phase::serving && state() == "stopped") {
    health["degraded"] = "watches nothing since stop_collection; start_collection begins again";
  }
  health["connected"] = connected_;
  health["sources"] = std::move(sources);
  return health;
}

std::string_view Runtime::Impl::state() const {
  if (phase_ == Phase::ended) return "stopped";
  if (phase_ == Phase::starting) return "starting";
  bool running = false;
  bool degraded = outbox_->with([](const Outbox& outbox) { return outbox.shedding(); });
  for (const auto& host : hosts_) {
    running = running || host->state() == SourceHost::State::running;
    degraded = degraded || host->degraded();
  }
  if (degraded) return "degraded";
  return running ? "running" : "stopped";
}

void Runtime::Impl::log(busrt::base::LogLevel level, std::string_view line) const {
  if (config_.log) config_.log(level, line);
}

}  // namespace daemoneye::collector
