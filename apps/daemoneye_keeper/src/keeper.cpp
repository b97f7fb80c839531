#include "keeper.hpp"

#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "daemoneye_keeper/protocol/message_socket.hpp"

// glibc 2.36 forgot to give this header C linkage.
extern "C" {
#include <sys/pidfd.h>
}

namespace daemoneye_keeper {
namespace {

using busrt::base::LogLevel;

/// What the service manager of an ordinary program would see as the end by exit(1).
constexpr int failed_exit = 1 << 8;

bool has_line(const std::string& text, std::string_view line) {
  return text == line || text.starts_with(std::string(line) + "\n") ||
         text.ends_with("\n" + std::string(line));
}

std::int64_t wall_clock() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Keeper::Keeper(KeeperConfig config, busrt::base::ServiceNotifier service)
    : config_(std::move(config)), service_(std::move(service)) {}

void Keeper::log(LogLevel level, const std::string& line) const {
  config_.log(level, "keeper: " + line);
}

busrt::base::Result<int> Keeper::run(int signals) {
  auto first = spawn_agent(config_.agent, config_.sigpipe_ignored);
  if (!first) return std::unexpected(std::move(first.error()));
  agent_ = Agent{std::move(*first), Clock::now()};
  while (!exit_ || !collectors_.reap_ended()) {
    if (auto turned = turn(signals); !turned) {
      collectors_.end_all(SIGKILL);
      return std::unexpected(std::move(turned.error()));
    }
  }
  return *exit_;
}

busrt::base::Result<> Keeper::turn(int signals) {
  // Descriptors that are -1 are skipped by poll().
  std::vector<pollfd> waits{{signals, POLLIN, 0}, {-1, POLLIN, 0}, {-1, POLLIN, 0}};
  if (agent_) waits[1].fd = agent_->process.pidfd.get();
  if (agent_) waits[2].fd = agent_->process.socket.get();
  std::vector<std::pair<std::string, pid_t>> watched;
  for (const auto& [name, collector] : collectors_.all()) {
    watched.emplace_back(name, collector.process.pid);
    waits.push_back({collector.go_serial ? collector.process.report.get() : -1, POLLIN, 0});
    waits.push_back({collector.ended ? -1 : collector.process.pidfd.get(), POLLIN, 0});
  }
  if (::poll(waits.data(), waits.size(), patience()) < 0) {
    if (errno == EINTR) return {};
    return busrt::base::fail_errno(errno, "poll");
  }
  if (waits[0].revents != 0) read_signals(signals);
  // Its last words before its end.
  if (waits[2].revents != 0) read_agent();
  for (std::size_t i = 0; i < watched.size(); ++i) {
    const auto& [name, pid] = watched[i];
    const auto found = collectors_.all().find(name);
    // The agent may have reaped it, and started another of its name, since the poll.
    if (found == collectors_.all().end() || found->second.process.pid != pid) continue;
    look_after(found->second, waits[3 + 2 * i].revents, waits[4 + 2 * i].revents);
  }
  if (waits[1].revents != 0) agent_ended();
  pass_deadlines();
  return {};
}

void Keeper::look_after(Collector& collector, short report, short pidfd) {
  if (report != 0 && collector.process.report) send(collectors_.ran(collector));
  if (pidfd == 0 || collector.ended || !Collectors::note_end(collector)) return;
  if (!collector.exec_failed) announce_end(collector);
}

int Keeper::patience() const {
  std::optional<Clock::time_point> first = start_at_;
  if (kill_at_ && (!first || *kill_at_ < *first)) first = kill_at_;
  if (!first) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*first - Clock::now());
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(wait.count(), 0, 60'000));
}

void Keeper::pass_deadlines() {
  const auto now = Clock::now();
  if (start_at_ && *start_at_ <= now) {
    start_at_.reset();
    start_agent();
  }
  if (kill_at_ && *kill_at_ <= now) {
    kill_at_.reset();
    log(LogLevel::warn, "killing the collectors that are still there");
    collectors_.end_all(SIGKILL);
  }
}

void Keeper::start_agent() {
  ++restarts_;
  auto next = spawn_agent(config_.agent, config_.sigpipe_ignored);
  if (!next) {
    restart_agent(next.error().describe(), Clock::duration::zero());
    return;
  }
  log(LogLevel::info, "the agent runs again as process " + std::to_string(next->pid));
  agent_ = Agent{std::move(*next), Clock::now()};
}

void Keeper::restart_agent(std::string why, Clock::duration lasted) {
  last_end_ = std::move(why);
  last_end_time_ = wall_clock();
  const auto pause = policy_.died(Clock::now(), lasted);
  if (!pause) {
    log(LogLevel::error, "the agent has died more than " + std::to_string(RestartPolicy::most) +
                             " times within " + std::to_string(RestartPolicy::window.count()) +
                             " minutes and is not started again; the last time: " + last_end_);
    end(failed_exit);
    return;
  }
  log(LogLevel::error, "the agent ended with " + last_end_ + " and starts again in " +
                           std::to_string(pause->count()) + " ms; its collectors run on");
  start_at_ = Clock::now() + *pause;
}

void Keeper::agent_ended() {
  int status = 0;
  if (::waitpid(agent_->process.pid, &status, WNOHANG) != agent_->process.pid) return;
  // What it has said last.
  read_agent();
  const bool wanted = !was_ready_ || agent_->stopping;
  const auto lasted = Clock::now() - agent_->since;
  agent_.reset();
  collectors_.drop_waiting();
  if (wanted) {
    end(status);
  } else {
    restart_agent(describe_end(status), lasted);
  }
}

void Keeper::end(int wait_status) {
  exit_ = wait_status;
  start_at_.reset();
  kill_at_ = Clock::now() + config_.grace;
  collectors_.end_all(SIGTERM);
}

void Keeper::read_signals(int signals) {
  signalfd_siginfo info{};
  while (::read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    const int number = static_cast<int>(info.ssi_signo);
    const bool stop = number != SIGHUP;
    if (exit_) {
      if (stop) kill_at_ = Clock::now();
    } else if (agent_) {
      // The agent's own pid may mean another process only after it was reaped, which happens here alone.
      ::pidfd_send_signal(agent_->process.pidfd.get(), number, nullptr, 0);
      agent_->stopping = agent_->stopping || stop;
    } else if (stop) {
      log(LogLevel::info, "stopping between two runs of the agent");
      end(0);
    }
  }
}

void Keeper::read_agent() {
  while (agent_ && agent_->process.socket) {
    auto message = receive_message(agent_->process.socket.get());
    if (!message && message.error().code == std::errc::resource_unavailable_try_again) return;
    if (!message) {
      log(LogLevel::error, "from the agent: " + message.error().describe());
      send({.kind = Kind::answer, .number = message.error().code.value(), .text = message.error().message});
      if (message.error().code != std::errc::bad_message &&
          message.error().code != std::errc::protocol_not_supported) {
        return agent_->process.socket.reset();
      }
    } else if (!*message) {
      return agent_->process.socket.reset();
    } else {
      handle(std::move(**message));
    }
  }
}

void Keeper::handle(Message request) {
  const Message reply = answer(request);
  // The answer to this one comes when exec has worked or failed.
  if (request.kind == Kind::go && reply.number == 0) return;
  send(reply);
  // The agent that comes back learns of ends that it has missed.
  if (request.kind != Kind::hello) return;
  for (const auto& [name, collector] : collectors_.all()) {
    if (collector.ended) announce_end(collector);
  }
}

Message Keeper::answer(Message& request) {
  Message answer{.kind = Kind::answer, .serial = request.serial};
  busrt::base::Result<> done;
  if (request.descriptors.size() != descriptors_of(request.kind)) {
    done = busrt::base::fail_errno(EBADMSG, "a request with a wrong number of descriptors");
  } else {
    done = carry_out(request, answer);
  }
  if (done) return answer;
  Message refusal{.kind = Kind::answer, .serial = request.serial};
  refusal.number = done.error().code.value();
  refusal.text = done.error().message;
  return refusal;
}

busrt::base::Result<> Keeper::carry_out(Message& request, Message& answer) {
  switch (request.kind) {
    case Kind::hello:
      answer.pid = restarts_;
      answer.time = last_end_time_;
      answer.text = last_end_;
      return {};
    case Kind::start: {
      const auto started = collectors_.start(request);
      if (!started) return std::unexpected(started.error());
      return describe_collector(**started, answer);
    }
    case Kind::go:
      return collectors_.go(request.name, request.serial);
    case Kind::running: {
      const auto* const collector = collectors_.at(static_cast<std::size_t>(std::max(request.number, 0)));
      if (collector == nullptr) return busrt::base::fail_errno(ENOENT, "no further collector");
      return describe_collector(*collector, answer);
    }
    case Kind::signal:
      return collectors_.signal(request.name, request.number);
    case Kind::reap:
      return collectors_.reap(request.name);
    case Kind::store:
      return store_.put(request.name, std::move(request.descriptors.front()));
    case Kind::take: {
      auto held = store_.take(request.name);
      if (!held) return std::unexpected(held.error());
      answer.descriptors.push_back(std::move(*held));
      return {};
    }
    case Kind::drop:
      return store_.drop(request.name);
    case Kind::notify:
      return notify(request.text);
    case Kind::answer:
    case Kind::ended:
      break;
  }
  return busrt::base::fail_errno(EBADMSG, "a request that is none");
}

busrt::base::Result<> Keeper::describe_collector(const Collector& collector, Message& answer) const {
  answer.name = collector.name;
  answer.argv = collector.argv;
  answer.pid = collector.process.pid;
  answer.time = collector.started_at;
  answer.text = collector.input_mark;
  auto output = duplicate(collector.process.output);
  if (!output) return std::unexpected(std::move(output.error()));
  answer.descriptors.push_back(std::move(*output));
  return {};
}

busrt::base::Result<> Keeper::notify(const std::string& text) {
  if (has_line(text, "READY=1")) was_ready_ = agent_->ready = true;
  if (has_line(text, "STOPPING=1")) agent_->stopping = true;
  return service_.send(text);
}

void Keeper::send(const Message& message) {
  if (!agent_ || !agent_->process.socket) return;
  const auto sent = send_message(agent_->process.socket.get(), message);
  if (sent) return;
  if (sent.error().code == std::errc::resource_unavailable_try_again) {
    // It has not read hundreds of messages; without them it would know nothing of its collectors any more.
    log(LogLevel::error, "the agent does not read what it is told, and is killed");
    ::pidfd_send_signal(agent_->process.pidfd.get(), SIGKILL, nullptr, 0);
    agent_->process.socket.reset();
  }
}

void Keeper::announce_end(const Collector& collector) {
  send({.kind = Kind::ended,
        .number = *collector.ended,
        .pid = collector.process.pid,
        .name = collector.name});
}

}  // namespace daemoneye_keeper
