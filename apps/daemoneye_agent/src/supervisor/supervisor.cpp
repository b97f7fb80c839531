// The driver around CollectorLifecycle. Each collector's object is shared with its own pending operations.
#include "supervisor/supervisor.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <csignal>
#include <random>
#include <ranges>
#include <utility>

#include "busrt/base/printable.hpp"
#include "busrt/base/throttled_log.hpp"
#include "daemoneye/events/time_text.hpp"
#include "daemoneye/events/topics.hpp"
#include "supervisor/child_process.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

Instant now() {
  return std::chrono::steady_clock::now();
}

/// The most of an error line that is kept for the status, in bytes.
constexpr std::size_t max_error_line = 512;

/// How long a collector that is not configured any more may take to stop.
constexpr std::chrono::seconds unwanted_grace{10};

/// When that was by the clock on the wall, as it goes now.
std::chrono::system_clock::time_point wall_time(Instant time) {
  return std::chrono::system_clock::now() -
         std::chrono::duration_cast<std::chrono::system_clock::duration>(now() - time);
}

/// A collector's lines in the agent's log: all of one that says what it does, not all of one that floods.
constexpr busrt::base::LogLimit output_limit{.lines = 100, .window = std::chrono::seconds(10)};

}  // namespace

class Supervisor::Collector : public std::enable_shared_from_this<Collector> {
 public:
  Collector(asio::any_io_executor executor, ProcessHost& host, CollectorBus& bus,
            std::shared_ptr<const SupervisorObserver> observer, busrt::base::TaskScope& tasks, Faults& faults,
            Logger log, Launch launch)
      : host_(host),
        bus_(bus),
        observer_(std::move(observer)),
        tasks_(tasks),
        faults_(faults),
        log_(std::move(log)),
        launch_(std::move(launch)),
        output_lines_(log_.sink(), launch_.settings.name + ": its output", output_limit),
        lifecycle_(launch_.settings),
        timer_(executor),
        settled_(executor, Instant::max()) {}

  [[nodiscard]] const std::string& name() const noexcept { return launch_.settings.name; }

  void start() {
    own_name(::getpid());
    perform(lifecycle_.start(now()));
  }
  /// Takes over the process that an earlier agent has left. `wanted`: it is to run on, if it runs as it
  /// should.
  void take_over(const RunningCollector& left, bool wanted) {
    begin_run();
    auto process = host_.adopt(name(), callbacks());
    if (!process) {
      log_.error("{} (pid {}) cannot be taken over: {}", name(), left.pid, process.error().describe());
      if (wanted) start();
      return;
    }
    child_ = std::move(*process);
    own_name(child_->pid());
    const auto age = std::chrono::system_clock::now() - left.started;
    perform(lifecycle_.adopted(child_->pid(), now() - age, now()));
    const bool same = left.argv == launch_.argv && left.input_mark == mark_of_input(launch_.input);
    if (wanted && same) return;
    restart_ = wanted;
    const std::string why =
        wanted ? "its command line or settings have changed" : "it is not configured any more";
    log_.info("{}: stopping it: {}", name(), why);
    if (wanted) guard("the account of", [&] { observer_->lost(name(), wall_time(now()), why); });
    perform(lifecycle_.stop(now()));
  }
  void stop() {
    restart_ = false;
    perform(lifecycle_.stop(now()));
  }
  void hasten() { perform(lifecycle_.hasten()); }
  void stall_ended() {
    lifecycle_.stall_ended(now());
    arm();
  }

  /// Ends every pending operation's interest in this object; the process, if any, is killed.
  void abandon() {
    abandoned_ = true;
    timer_.cancel();
    settled_.cancel();
    child_.reset();
  }

  asio::awaitable<void> wait_settled() {
    const auto self = shared_from_this();
    boost::system::error_code ignored;
    while (!lifecycle_.settled() && !abandoned_) {
      co_await settled_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  [[nodiscard]] CollectorView view() const {
    CollectorView view;
    view.name = name();
    view.state = lifecycle_.state();
    view.pid = lifecycle_.pid();
    view.restarts = lifecycle_.restarts();
    if (const auto exit = lifecycle_.last_exit()) view.last_exit = exit->describe();
    view.last_error = last_error_;
    view.reason = lifecycle_.reason();
    if (const auto since = lifecycle_.started_at()) {
      view.uptime = std::chrono::duration_cast<std::chrono::seconds>(now() - *since);
    }
    view.health = health_;
    if (const auto silent = lifecycle_.silent_since()) view.silent_since = wall_time(*silent);
    return view;
  }

 private:
  void own_name(int pid) const {
    if (observer_->owner) guard("the name of", [&] { observer_->owner(name(), pid); });
  }

  void perform(const Actions& actions) {
    for (const auto& next : actions) {
      // Whatever a step throws, the next deadline is set: without it the collector would be left to itself.
      guard("a step for", [&] { std::visit([this](const auto& one) { carry_out(one); }, next); });
    }
    arm();
    if (lifecycle_.settled()) settled_.cancel();
  }

  void begin_run() {
    health_.clear();
    error_line_.clear();
    ++run_;
  }

  /// Of the process of this run.
  ChildCallbacks callbacks() {
    const auto self = weak_from_this();
    const std::uint64_t run = run_;
    ChildCallbacks callbacks;
    callbacks.output = [self](std::string_view line) {
      const auto collector = self.lock();
      if (!collector) return;
      const auto said = parse_collector_line(line, collector->name());
      if (said.level == busrt::base::LogLevel::error || said.text.size() == line.size()) {
        collector->error_line_ = busrt::base::printable(said.text.substr(0, max_error_line));
      }
      collector->output_lines_.write(said.level, fmt::format("{}: {}", collector->name(), said.text));
    };
    callbacks.starting = [self](pid_t pid) {
      if (const auto collector = self.lock()) collector->own_name(pid);
    };
    callbacks.ending = [self, run] {
      const auto collector = self.lock();
      if (collector && collector->run_ == run) collector->own_name(::getpid());
    };
    callbacks.exited = [self, run](ExitStatus status) {
      const auto collector = self.lock();
      if (collector && collector->run_ == run) collector->exited(status);
    };
    return callbacks;
  }

  void carry_out(const action::Spawn&) {
    begin_run();
    auto child = host_.spawn({name(), launch_.argv, launch_.input}, callbacks());
    if (!child) {
      perform(lifecycle_.spawn_failed(child.error().describe(), now(), random()));
      return;
    }
    child_ = std::move(*child);
    perform(lifecycle_.spawned(child_->pid(), now()));
  }

  void carry_out(const action::CheckHealth&) {
    tasks_.spawn("the health check of " + name(), check_health(shared_from_this(), run_));
  }
  void carry_out(const action::CallShutdown&) {
    tasks_.spawn("the shutdown of " + name(), call_shutdown(shared_from_this(), run_));
  }
  void carry_out(const action::Terminate&) {
    log_.debug("{}: SIGTERM to process {}", name(), child_->pid());
    child_->signal(SIGTERM);
  }
  void carry_out(const action::Kill&) {
    log_.warn("{}: SIGKILL to process {}", name(), child_->pid());
    child_->signal(SIGKILL);
  }

  void carry_out(const action::Announce& news) {
    boost::json::object message{{"collector", name()},
                                {"state", to_string(lifecycle_.state())},
                                {"restarts", lifecycle_.restarts()},
                                {"reason", news.reason}};
    message["pid"] = child_ ? boost::json::value(child_->pid()) : boost::json::value();
    const auto since = news.what == "exited" ? lifecycle_.blind_since() : std::nullopt;
    if (since) message["blind_since"] = daemoneye::events::format_time(wall_time(*since));
    bus_.announce(daemoneye::events::topics::of_collector_news(news.what), std::move(message));
    log_news(news);
    if (since) guard("the account of", [&] { observer_->lost(name(), wall_time(*since), news.reason); });
    if (news.what == "registered") guard("the account of", [&] { observer_->running(name()); });
  }

  /// Runs what may throw; the collector's lifecycle continues either way.
  template <class Call>
  void guard(std::string_view what, Call&& call) const {
    try {
      call();
    } catch (const std::exception& fault) {
      faults_.note(fmt::format("{} {}", what, name()), fault.what());
    }
  }

  void log_news(const action::Announce& news) {
    // The alert that follows says it louder.
    if (news.what == "failed") return;
    const std::string who = child_ ? fmt::format("{} (pid {})", name(), child_->pid()) : name();
    if (news.what == "exited" || news.what == "unresponsive") {
      log_.warn("{} {}", who, news.reason);
    } else if (news.what == "restarting") {
      log_.warn("{} {}", name(), news.reason);
    } else {
      const std::string_view what = news.what == "registered" ? "running" : news.what;
      log_.info("{} {}{}", who, what, news.reason.empty() ? "" : ": " + news.reason);
    }
  }

  void carry_out(const action::Alert& alert) {
    log_.error("{} FAILED, no further restart: {}", name(), alert.reason);
    bus_.announce(std::string(daemoneye::events::topics::critical_alert),
                  {{"collector", name()}, {"alert", "collector_failed"}, {"reason", alert.reason}});
  }

  void exited(ExitStatus status) {
    if (abandoned_) return;
    if (observer_->ended) guard("the account of", [&] { observer_->ended(name()); });
    const bool failed = status.by_signal || status.value != 0;
    if (failed && !error_line_.empty()) last_error_ = error_line_;
    auto actions = lifecycle_.exited(status, now(), random(), failed ? error_line_ : std::string());
    perform(actions);
    // A new process may have been started by then only through the timer, so this is still the old one.
    child_.reset();
    if (std::exchange(restart_, false)) start();
  }

  /// The collector's answer. A fault of the bus is an error like an answer that does not come: the lifecycle
  /// has to have one or the other.
  static asio::awaitable<busrt::base::Result<boost::json::object>> call(std::shared_ptr<Collector> self,
                                                                        std::string method,
                                                                        std::chrono::milliseconds timeout) {
    std::string fault;
    try {
      co_return co_await self->bus_.call(self->name(), method, timeout);
    } catch (const std::exception& thrown) {
      fault = thrown.what();
    }
    self->faults_.note(fmt::format("{} of {}", method, self->name()), fault);
    co_return busrt::base::fail(std::make_error_code(std::errc::io_error), method + ": " + fault);
  }

  static asio::awaitable<void> check_health(std::shared_ptr<Collector> self, std::uint64_t run) {
    auto answer = co_await call(self, "health_check", self->launch_.settings.health.timeout.value);
    if (self->abandoned_ || self->run_ != run) co_return;
    if (answer) {
      self->health_ = std::move(*answer);
      self->guard("the account of", [&self] { self->observer_->health(self->name(), self->health_); });
      self->perform(self->lifecycle_.health_answered(now()));
    } else {
      self->perform(self->lifecycle_.health_missed(answer.error().describe(), now()));
    }
  }

  static asio::awaitable<void> call_shutdown(std::shared_ptr<Collector> self, std::uint64_t run) {
    const auto answer = co_await call(self, "shutdown", self->launch_.settings.grace_period.value);
    if (self->abandoned_ || self->run_ != run || answer) co_return;
    self->perform(self->lifecycle_.shutdown_refused(now()));
  }

  void arm() {
    const auto due = lifecycle_.deadline();
    if (!due) {
      timer_.cancel();
      return;
    }
    timer_.expires_at(*due);
    timer_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
      const auto collector = self.lock();
      if (error || !collector || collector->abandoned_) return;
      collector->output_lines_.tick();
      collector->perform(collector->lifecycle_.tick(now()));
    });
  }

  double random() { return std::uniform_real_distribution<double>(0.0, 1.0)(generator_); }

  ProcessHost& host_;
  CollectorBus& bus_;
  std::shared_ptr<const SupervisorObserver> observer_;
  busrt::base::TaskScope& tasks_;
  Faults& faults_;
  Logger log_;
  Launch launch_;
  busrt::base::ThrottledLog output_lines_;
  CollectorLifecycle lifecycle_;
  asio::steady_timer timer_;
  asio::steady_timer settled_;  ///< never expires; cancelled to wake wait_settled()
  std::unique_ptr<CollectorProcess> child_;
  boost::json::object health_;
  std::string error_line_;  ///< the last of this process
  std::string last_error_;  ///< of the last process that failed
  std::uint64_t run_ = 0;   ///< tells a late answer of an earlier process from one of this
  bool restart_ = false;    ///< it is stopped in order to be started anew
  bool abandoned_ = false;
  std::minstd_rand generator_{std::random_device{}()};
};

Supervisor::Supervisor(asio::any_io_executor executor, ProcessHost& host, CollectorBus& bus,
                       SupervisorObserver observer, Faults& faults, Logger log, std::vector<Launch> launches)
    : executor_(executor),
      host_(host),
      bus_(bus),
      observer_(std::make_shared<const SupervisorObserver>(std::move(observer))),
      faults_(faults),
      log_(std::move(log)),
      tasks_(executor, [&faults](std::string_view task, std::string_view what) { faults.note(task, what); }) {
  for (auto& launch : launches) collectors_.push_back(make_collector(std::move(launch)));
}

std::shared_ptr<Supervisor::Collector> Supervisor::make_collector(Launch launch) {
  return std::make_shared<Collector>(executor_, host_, bus_, observer_, tasks_, faults_, log_,
                                     std::move(launch));
}

Supervisor::~Supervisor() {
  for (const auto& collector : collectors_) collector->abandon();
  for (const auto& collector : unwanted_) collector->abandon();
}

void Supervisor::start() {
  auto left = host_.running();
  if (!left) {
    log_.error("the collectors of the earlier agent are unknown: {}", left.error().describe());
    left.emplace();
  }
  for (const auto& collector : collectors_) {
    const auto found = std::ranges::find(*left, collector->name(), &RunningCollector::name);
    if (found == left->end()) {
      collector->start();
    } else {
      collector->take_over(*found, true);
      left->erase(found);
    }
  }
  for (const auto& one : *left) {
    Launch launch;
    launch.settings.name = one.name;
    launch.settings.grace_period.value = unwanted_grace;
    unwanted_.push_back(make_collector(std::move(launch)));
    unwanted_.back()->take_over(one, false);
  }
}

asio::awaitable<void> Supervisor::stop() {
  for (const auto& collector : unwanted_) {
    if (hastened_) collector->hasten();
    co_await collector->wait_settled();
  }
  for (const auto& collector : collectors_ | std::views::reverse) {
    collector->stop();
    if (hastened_) collector->hasten();
    co_await collector->wait_settled();
  }
  tasks_.close();
  co_await tasks_.join();
}

void Supervisor::stall_ended() {
  for (const auto& collector : collectors_) collector->stall_ended();
}

void Supervisor::hasten() {
  hastened_ = true;
  for (const auto& collector : unwanted_) collector->hasten();
  for (const auto& collector : collectors_) collector->hasten();
}

std::vector<CollectorView> Supervisor::view() const {
  std::vector<CollectorView> views;
  for (const auto& collector : collectors_) views.push_back(collector->view());
  return views;
}

}  // namespace daemoneye_agent
