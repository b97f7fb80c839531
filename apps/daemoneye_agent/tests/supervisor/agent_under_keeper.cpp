// Plays the agent under a real keeper (keeper_process_host_test.cpp): one scenario a run, exit code 0 when it
// held.
#include <sys/types.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "continuity.hpp"
#include "supervisor/keeper_process_host.hpp"

namespace {

using namespace daemoneye_agent;
using namespace std::chrono_literals;
using daemoneye_keeper::Kind;

void check(bool held, const char* what) {
  if (held) return;
  std::fprintf(stderr, "agent_under_keeper: does not hold: %s\n", what);
  std::_Exit(1);
}

struct Stage {
  Stage() {
    auto opened = KeeperConnection::from_environment();
    check(opened && *opened, "a keeper has started this program");
    keeper = *opened;
    host = make_keeper_process_host(io.get_executor(), keeper, [] { std::_Exit(9); });
  }
  ChildCallbacks callbacks() {
    ChildCallbacks made;
    made.output = [this](std::string_view line) { lines.emplace_back(line); };
    made.exited = [this](ExitStatus status) {
      events += " exited";
      exit = status;
    };
    made.ending = [this] { events += " ending"; };
    made.starting = [this](pid_t) { events += " starting"; };
    return made;
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) io.run_one_for(50ms);
    return condition();
  }
  std::unique_ptr<CollectorProcess> spawn(const std::string& script, const std::string& input = {}) {
    auto made = host->spawn({"sh", {"/bin/sh", "-c", script}, input}, callbacks());
    check(made.has_value(), "the process starts");
    return std::move(*made);
  }

  boost::asio::io_context io;
  std::shared_ptr<KeeperConnection> keeper;
  std::unique_ptr<ProcessHost> host;
  std::vector<std::string> lines;
  std::string events;
  std::optional<ExitStatus> exit;
};

void output_and_end() {
  Stage stage;
  const auto process = stage.spawn("cat; echo two >&2; printf three; exit 3", "one\n");
  check(stage.run_until([&] { return stage.exit.has_value(); }), "its end comes");
  check(stage.lines == std::vector<std::string>{"one", "two", "three"},
        "its input, and its output before its end");
  check(stage.exit->describe() == "exit code 3", "with its exit code");
  check(stage.events == " starting ending exited", "in this order");
  check(::kill(process->pid(), 0) != 0, "and it is reaped");
}

void signals() {
  Stage stage;
  const auto process = stage.spawn("exec sleep 1000");
  process->signal(SIGKILL);
  check(stage.run_until([&] { return stage.exit.has_value(); }), "its end comes");
  check(stage.exit->describe() == "signal 9 (Killed)", "by the signal");
  process->signal(SIGKILL);
  const auto again = stage.spawn("exec sleep 1000");
  check(again->pid() != process->pid(), "its name is free again");
  check(!stage.host->spawn({"sh", {"/bin/sh", "-c", "true"}, {}}, stage.callbacks()),
        "and taken while one runs");
}

void no_program() {
  Stage stage;
  const auto made = stage.host->spawn({"none", {"/nonexistent/program"}, {}}, stage.callbacks());
  check(!made && made.error().describe() == "/nonexistent/program (No such file or directory)",
        "the error names it");
  check(stage.events == " starting ending", "its name was its own for a moment");
  check(stage.host->running() && stage.host->running()->empty(), "nothing is left of it");
}

void refusals() {
  Stage stage;
  for (const Kind kind : {Kind::go, Kind::signal, Kind::reap, Kind::take, Kind::drop}) {
    const auto answer = stage.keeper->request({.kind = kind, .name = "nobody"});
    check(!answer && answer.error().code == std::errc::no_such_file_or_directory, "an unknown name");
  }
  const auto without = stage.keeper->request({.kind = Kind::start, .name = "x", .argv = {"/bin/true"}});
  check(!without && without.error().code == std::errc::bad_message, "a start without its stdin");
  const auto none = stage.keeper->request({.kind = Kind::answer});
  check(!none && none.error().code == std::errc::bad_message, "no request");
}

/// The first run starts a collector and dies; the second takes it over; the third finds that it has ended.
void adoption() {
  Stage stage;
  check(stage.keeper->notify("READY=1").has_value(), "the service manager is told");
  const auto continuity =
      continuity_from(stage.keeper.get(), Logger([](busrt::base::LogLevel, std::string_view) {}));
  check(continuity.positions != nullptr, "there is a table of positions");
  const auto left = stage.host->running();
  check(left.has_value(), "the keeper lists what runs");
  if (!stage.keeper->predecessor()) {
    check(left->empty(), "nothing runs before the first agent");
    const auto process =
        stage.spawn("echo $$; read -r line; echo again; sleep 0.2; echo late; exec sleep 1000", "go\n");
    check(stage.run_until([&] { return !stage.lines.empty(); }), "it runs");
    continuity.positions->write(*continuity.positions->slot_of("sh"), {.epoch = 5, .last = 42});
    std::raise(SIGKILL);
  }
  check(stage.keeper->predecessor()->how == "signal 9 (Killed)", "how the agent before has ended");
  check(left->size() == 1 && left->front().name == "sh", "its collector runs on");
  check(left->front().input_mark == mark_of_input("go\n"), "with the same input");
  check(continuity.positions->read().size() == 1 && continuity.positions->read()[0].second.last == 42,
        "its position");
  auto process = stage.host->adopt("sh", stage.callbacks());
  check(process.has_value(), "it can be taken over");
  check((*process)->pid() == left->front().pid, "as the same process");
  if (!stage.keeper->request({.kind = Kind::take, .name = "third"})) {
    check(stage.run_until([&] { return !stage.lines.empty() && stage.lines.back() == "late"; }),
          "with its output");
    daemoneye_keeper::Message mark{.kind = Kind::store, .name = "third"};
    mark.descriptors.emplace_back(::dup(STDERR_FILENO));
    check(stage.keeper->request(std::move(mark)).has_value(), "the store takes a descriptor");
    (*process)->signal(SIGTERM);
    std::raise(SIGKILL);
  }
  check(stage.run_until([&] { return stage.exit.has_value(); }), "an end without an agent is not lost");
  check(stage.exit->describe() == "signal 15 (Terminated)", "nor how it ended");
  check(stage.keeper->notify("STOPPING=1").has_value(), "the end in order is announced");
}

/// Leaves a collector to the keeper, which ends it.
void leaves_one() {
  Stage stage;
  check(stage.keeper->notify("READY=1").has_value(), "ready");
  const auto process = stage.spawn("exec sleep 1000");
  std::printf("%d\n", process->pid());
  std::fflush(stdout);
  check(stage.keeper->notify("STOPPING=1").has_value(), "stopping");
}

}  // namespace

int main(int argc, char** argv) {
  const std::map<std::string, void (*)()> scenarios{{"output_and_end", output_and_end},
                                                    {"signals", signals},
                                                    {"no_program", no_program},
                                                    {"refusals", refusals},
                                                    {"adoption", adoption},
                                                    {"leaves_one", leaves_one}};
  const auto found = scenarios.find(argc == 2 ? argv[1] : "");
  check(found != scenarios.end(), "a scenario is named");
  found->second();
  return 0;
}
