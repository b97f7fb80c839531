// Wiring. The coroutines share ownership of Core, so nothing they use goes before they end.
#include "agent.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <filesystem>
#include <optional>

#include "account/account.hpp"
#include "bus/agent_bus.hpp"
#include "bus/embedded_broker.hpp"
#include "busrt/address.hpp"
#include "daemoneye/collector/runtime_directory.hpp"
#include "daemoneye/events/topics.hpp"
#include "intake/event_intake.hpp"
#include "rpc_params.hpp"
#include "startup.hpp"
#include "state/private_directory.hpp"
#include "state/state_lock.hpp"
#include "status/status_report.hpp"
#include "supervisor/supervisor.hpp"
#include "version.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

using Time = std::chrono::system_clock;

std::string address_text(const BusSettings& bus) {
  const auto address = busrt::Address::parse(bus.address.value, daemoneye::collector::runtime_directory());
  if (!address || address->scheme != busrt::Address::Scheme::unix_socket) return bus.address.value;
  // Collectors get the same socket whatever their working directory is.
  return "ipc://" + std::filesystem::absolute(address->target).lexically_normal().string();
}

/// What the disk does, not what the settings say: the agent runs without it.
bool is_storage_failure(const std::error_code& code) {
  return code == std::errc::no_space_on_device || code == std::errc::read_only_file_system ||
         code == std::errc::io_error || code == std::error_code(EDQUOT, std::generic_category());
}

}  // namespace

struct Agent::Core : std::enable_shared_from_this<Core> {
  Core(asio::any_io_executor executor_in, Config config_in, Logger log_in,
       busrt::base::ServiceNotifier service_in)
      : executor(executor_in),
        config(std::move(config_in)),
        log(std::move(log_in)),
        service(std::move(service_in)),
        address(address_text(config.bus)),
        stop_signal(executor, std::chrono::steady_clock::time_point::max()) {}

  using Status = asio::awaitable<busrt::base::Result<>>;

  Status take_state_dir();
  /// Has the state directory, or takes it, and can write there.
  busrt::base::Result<> hold_state_dir();
  /// After a failure, at each request for the status.
  void retry_state_dir();
  Status start_broker();
  Status join_bus();
  Status start_collectors();
  std::vector<Step> steps();
  void serve(AgentBus& on);
  asio::awaitable<busrt::RpcResult> answer_status(busrt::RpcRequest request);
  asio::awaitable<busrt::RpcResult> answer_health(busrt::RpcRequest request);
  asio::awaitable<busrt::RpcResult> answer_shutdown(busrt::RpcRequest request);
  StatusInput status_input();
  void request_stop(const std::string& reason);
  void hang_up();
  void tell_service(const busrt::base::Result<>& told) const;
  void collector_runs(const std::string& name);
  void log_account();

  asio::any_io_executor executor;
  Config config;
  Logger log;
  busrt::base::ServiceNotifier service;
  std::string address;
  std::optional<StateLock> lock;
  std::string state_problem;  ///< why the state directory is of no use; empty: it is
  Faults faults{log};
  std::unique_ptr<EmbeddedBroker> broker;
  Account account;
  EventIntake intake{account};
  std::unique_ptr<AgentBus> bus;
  std::unique_ptr<Supervisor> supervisor;
  asio::steady_timer stop_signal;  ///< never expires; cancelled to wake run()
  bool on_terminal = ::isatty(STDIN_FILENO) != 0 || ::isatty(STDERR_FILENO) != 0;  ///< when it started
  bool ready = false;                                                              ///< the start is complete
  bool stopping = false;
  bool binding = false;  ///< the broker is about to listen, on another thread
  bool joining = false;  ///< the bus is about to connect
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

Agent::Core::Status Agent::Core::take_state_dir() {
  auto held = hold_state_dir();
  if (held || !is_storage_failure(held.error().code)) co_return held;
  state_problem = held.error().describe();
  log.warn("the state directory is of no use for now, the agent runs degraded: {}", state_problem);
  co_return busrt::base::Result<>{};
}

busrt::base::Result<> Agent::Core::hold_state_dir() {
  if (!lock) {
    const auto& dir = config.state_dir.value;
    auto warning = ensure_private_directory(dir);
    if (!warning) return std::unexpected(std::move(warning.error()));
    if (!warning->empty() && config.state_dir.origin == "default") log.warn("{}", *warning);
    auto taken = StateLock::take(dir);
    if (!taken) return std::unexpected(std::move(taken.error()));
    lock.emplace(std::move(*taken));
  }
  return lock->write_pid();
}

void Agent::Core::retry_state_dir() {
  if (state_problem.empty()) return;
  auto held = hold_state_dir();
  if (held) {
    log.info("the state directory can be written again");
    state_problem.clear();
  } else {
    state_problem = held.error().describe();
  }
}

namespace {

asio::awaitable<busrt::base::Result<>> bind(EmbeddedBroker& broker) {
  co_return broker.listen();
}

}  // namespace

Agent::Core::Status Agent::Core::start_broker() {
  if (config.bus.mode.value == BusMode::external) co_return busrt::base::Result<>{};
  auto made = EmbeddedBroker::make(config.bus, address, log);
  if (!made) co_return std::unexpected(made.error());
  broker = *std::move(made);
  // On a thread of its own: a name server may be slow, and signals are handled on this one.
  asio::thread_pool binder(1);
  binding = true;
  auto bound = co_await asio::co_spawn(binder, bind(*broker), asio::use_awaitable);
  binding = false;
  // A stop that was requested meanwhile ends the agent in order.
  if (bound || stopping) co_return busrt::base::Result<>{};
  broker.reset();
  co_return bound;
}

Agent::Core::Status Agent::Core::join_bus() {
  busrt::ClientConfig client;
  client.name = daemoneye::events::agent_client_name;
  client.address = address;
  client.runtime_directory = daemoneye::collector::runtime_directory();
  if (broker) client.endpoint = broker->bus().local();
  client.timeout = config.bus.timeout.value;
  client.delivery_timeout =
      busrt::limits::delivery_timeout_for(config.bus.stall_limit.value, config.bus.timeout.value);
  client.log = log.sink();
  const auto weak = weak_from_this();
  AgentBusCallbacks callbacks;
  callbacks.frame = [weak](const busrt::Frame& frame) {
    if (const auto self = weak.lock())
      self->intake.take(frame.topic(), frame.sender(), frame.text(), Time::now());
  };
  callbacks.lost = [weak](Time::time_point since, const std::string& why) {
    const auto self = weak.lock();
    if (!self) return;
    self->log.error("{}; events are not accounted for until it is back", why);
    self->account.sight_lost(daemoneye::events::agent_client_name, since, why);
  };
  callbacks.restored = [weak] {
    const auto self = weak.lock();
    if (!self) return;
    self->log.info("bus: connected again");
    self->account.sight_restored(daemoneye::events::agent_client_name, Time::now());
  };
  callbacks.stall_ended = [weak] {
    const auto self = weak.lock();
    if (self && self->supervisor) self->supervisor->stall_ended();
  };
  // In its place before it connects: the first request may come before connect() returns.
  bus = std::make_unique<AgentBus>(executor, std::move(client), std::move(callbacks), faults, log);
  serve(*bus);
  joining = true;
  auto up = co_await bus->connect();
  joining = false;
  if (stopping) co_return busrt::base::Result<>{};
  if (!up) co_return up;
  if (!broker) log.info("bus: client of the broker at {}", address);
  co_return busrt::base::Result<>{};
}

void Agent::Core::serve(AgentBus& on) {
  const auto weak = weak_from_this();
  using Answer = asio::awaitable<busrt::RpcResult> (Core::*)(busrt::RpcRequest);
  const auto method = [weak, &on](const char* name, Answer answer) {
    on.on(name, [weak, answer](busrt::RpcRequest request) {
      // A request is handled only while the bus runs, and Core owns the bus.
      return (weak.lock().get()->*answer)(std::move(request));
    });
  };
  method("status", &Core::answer_status);
  method("health_check", &Core::answer_health);
  method("shutdown", &Core::answer_shutdown);
}

Agent::Core::Status Agent::Core::start_collectors() {
  std::vector<Launch> launches;
  for (const auto& collector : config.collectors) {
    if (!collector.enabled.value) {
      log.info("{} is disabled ({})", collector.name, collector.enabled.origin);
      continue;
    }
    auto program = find_program(collector.name, collector.path, collector.origin);
    if (!program) co_return busrt::base::fail(program.error().code, program.error().message);
    Launch launch{collector, {*program, "--bus", address, "--name", collector.name}};
    // Not as an argument: settings may hold what `ps` should not show.
    if (!collector.settings.value.empty()) {
      launch.argv.insert(launch.argv.end(), {"--settings", "-"});
      launch.input = boost::json::serialize(collector.settings.value);
    }
    launch.argv.insert(launch.argv.end(), collector.args.value.begin(), collector.args.value.end());
    launches.push_back(std::move(launch));
  }
  const auto weak = weak_from_this();
  SupervisorObserver observer;
  observer.health = [weak](const std::string& name, const boost::json::object& health) {
    if (const auto self = weak.lock()) self->intake.health(name, health, Time::now());
  };
  observer.running = [weak](const std::string& name) {
    if (const auto self = weak.lock()) self->collector_runs(name);
  };
  observer.owner = [weak](const std::string& name, int pid) {
    const auto self = weak.lock();
    if (!self || !self->broker) return;
    // What a collector that has ended still has on its way to the broker is its own and counts.
    const bool ended = pid == ::getpid();
    self->broker->bind_name(name, pid, ended ? busrt::NameHolder::keep : busrt::NameHolder::close);
  };
  observer.ended = [weak](const std::string& name) {
    if (const auto self = weak.lock()) self->intake.ended(name, Time::now());
  };
  observer.lost = [weak](const std::string& name, Time::time_point since, const std::string& reason) {
    if (const auto self = weak.lock()) self->account.sight_lost(name, since, reason);
  };
  supervisor =
      std::make_unique<Supervisor>(executor, *bus, std::move(observer), faults, log, std::move(launches));
  supervisor->start();
  co_return busrt::base::Result<>{};
}

void Agent::Core::collector_runs(const std::string& name) {
  account.sight_restored(name, Time::now());
}

namespace {

asio::awaitable<void> nothing() {
  co_return;
}

}  // namespace

/// The functions capture Core's address: steps live in run(), which holds Core.
std::vector<Step> Agent::Core::steps() {
  return {{"state directory", [this] { return take_state_dir(); },
           [this] {
             lock.reset();
             return nothing();
           }},
          {"broker", [this] { return start_broker(); },
           [this] {
             if (broker) broker->bus().shutdown();
             return nothing();
           }},
          {"bus", [this] { return join_bus(); }, [this] { return bus->disconnect(); }},
          {"collectors", [this] { return start_collectors(); }, [this] { return supervisor->stop(); }}};
}

StatusInput Agent::Core::status_input() {
  retry_state_dir();
  StatusInput input;
  input.name = daemoneye::events::agent_client_name;
  input.version = version;
  input.pid = ::getpid();
  input.uptime = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started);
  input.state_dir = config.state_dir.value.string();
  input.state_problem = state_problem;
  input.faults = faults.complaints();
  input.mode = config.bus.mode.value;
  input.address = address;
  if (broker) input.embedded = broker->bus().stats();
  if (supervisor) input.collectors = supervisor->view();
  input.account = &account;
  return input;
}

asio::awaitable<busrt::RpcResult> Agent::Core::answer_status(busrt::RpcRequest request) {
  const auto self = shared_from_this();
  const auto encoding = expect_no_params(request.payload);
  if (!encoding) co_return std::unexpected(encoding.error());
  boost::json::object external;
  // A request that was already taken up may run after the teardown.
  if (!broker && bus) {
    auto stats = co_await bus->ask_broker("stats");
    external = stats ? std::move(*stats) : boost::json::object{{"error", stats.error().describe()}};
  }
  StatusInput input = status_input();
  input.external = std::move(external);
  co_return encode_result(status_report(input), *encoding);
}

asio::awaitable<busrt::RpcResult> Agent::Core::answer_health(busrt::RpcRequest request) {
  const auto encoding = expect_no_params(request.payload);
  if (!encoding) co_return std::unexpected(encoding.error());
  const auto report = status_report(status_input());
  co_return encode_result({{"agent", daemoneye::events::agent_client_name},
                           {"version", version},
                           {"state", stopping                      ? "stopping"
                                     : report.at("well").as_bool() ? "running"
                                                                   : "degraded"},
                           {"complete", report.at("complete")},
                           {"degraded", report.at("degraded")}},
                          *encoding);
}

asio::awaitable<busrt::RpcResult> Agent::Core::answer_shutdown(busrt::RpcRequest request) {
  const auto encoding = expect_no_params(request.payload);
  if (!encoding) co_return std::unexpected(encoding.error());
  request_stop(fmt::format("{} asked for it", request.sender()));
  co_return encode_result({{"stopping", true}}, *encoding);
}

void Agent::Core::request_stop(const std::string& reason) {
  if (stopping) {
    log.warn("{} again: killing the collectors that still run", reason);
    if (supervisor) supervisor->hasten();
    return;
  }
  log.info("stopping: {}", reason);
  tell_service(service.stopping());
  stopping = true;
  if (binding) broker->bus().shutdown();
  if (joining) bus->abandon();
  stop_signal.cancel();
}

void Agent::Core::hang_up() {
  const bool has_files = config.bus.access.value || config.bus.certificate.value;
  // The terminal has gone. A service without a terminal is asked to read its files again.
  if (!has_files && on_terminal) return request_stop("SIGHUP");
  if (has_files && !broker) return;  // they are about to be read
  if (ready) tell_service(service.reloading());
  if (has_files) {
    broker->reload();
  } else {
    log.info("SIGHUP: no file is to be read again; settings change with a restart");
  }
  if (ready) tell_service(service.ready());
}

/// A service manager that cannot be reached is no reason to end.
void Agent::Core::tell_service(const busrt::base::Result<>& told) const {
  if (!told) log.warn("the service manager cannot be told: {}", told.error().describe());
}

void Agent::Core::log_account() {
  for (const auto& name : account.collectors()) {
    const auto totals = account.totals(name);
    if (totals.epochs != 0) {
      log.info("{}: {} events arrived, {} missing, {} reported lost", name, totals.received, totals.missing,
               totals.events_lost);
    }
    for (const auto& part : account.incomplete(name)) log.warn("{}: {}", name, part.describe());
  }
  for (const auto& part : account.common()) log.warn("{}", part.describe());
}

Agent::Agent(asio::any_io_executor executor, Config config, Logger log, busrt::base::ServiceNotifier service)
    : core_(std::make_shared<Core>(std::move(executor), std::move(config), std::move(log),
                                   std::move(service))) {}

Agent::~Agent() = default;

asio::awaitable<busrt::base::Result<>> Agent::run() {
  const auto core = core_;
  Startup startup(core->steps(), core->log);
  // A lambda that captures, made within a co_await expression, is destroyed twice by g++ 12 (PR 99576).
  const std::function<bool()> cancelled = [core] { return core->stopping; };
  auto up = co_await startup.up(cancelled);
  if (up && !core->stopping) {
    core->ready = true;
    core->tell_service(core->service.ready());
  }
  boost::system::error_code ignored;
  while (up && !core->stopping) {
    co_await core->stop_signal.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_await startup.down();
  core->supervisor.reset();
  core->bus.reset();
  core->broker.reset();
  core->log_account();
  if (up) core->log.info("stopped");
  co_return up;
}

void Agent::request_stop(const std::string& reason) {
  core_->request_stop(reason);
}

void Agent::hang_up() {
  core_->hang_up();
}

}  // namespace daemoneye_agent
