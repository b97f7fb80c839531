// `daemoneye watch`: live events until Ctrl-C, a count, or a reader that went away.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "agent_client.hpp"
#include "agent_status.hpp"
#include "event_row.hpp"
#include "sequence_watch.hpp"

namespace daemoneye_cli {
namespace {

using namespace std::chrono_literals;

/// How soon Ctrl-C is seen while nothing happens.
constexpr std::chrono::milliseconds idle_wait = 100ms;
/// How long the head waits for a collector that is just starting, so that it can say what that one cannot
/// see.
constexpr std::chrono::milliseconds head_patience = 5s;

/// Patterns that get every event of every collector, so that a hole in the numbers means a loss.
bool gets_everything(const std::string& pattern) {
  return pattern == "events.*" || pattern == "*" || pattern == "#";
}

/// A remark for a pattern that no topic of DaemonEye matches, or nothing.
std::string doubt_about(const std::string& pattern) {
  constexpr std::array<std::string_view, 10> roots = {"events", "control", "tasks", "results", "health",
                                                      "alerts", "?",       "*",     "+",       "#"};
  const std::string root = pattern.substr(0, pattern.find_first_of("./"));
  if (pattern.starts_with(".broker/") || std::ranges::find(roots, root) != roots.end()) return {};
  return fmt::format(
      "no topic of DaemonEye begins with \"{}\"; they begin with events, control, tasks, results, "
      "health or alerts, as in events.process.*",
      root);
}

class Watch {
 public:
  explicit Watch(const Options& options)
      : options_(options),
        client_(client_config(options, "watch")),
        sequence_(gets_everything(options.pattern)),
        remarks_(options.json ? stderr : stdout) {}

  int run() {
    if (const auto up = begin(); !up) return fail_to_connect(options_, up.error());
    print_head();
    int code = exit_code::ok;
    while (!interrupted() && !done() && readable_) {
      // What has come in one go goes out in one write.
      auto frame = client_.receive(0ms);
      if (!frame && frame.error().code == busrt::errc::timeout) {
        flush();
        frame = client_.receive(idle_wait);
      }
      if (frame) {
        show(*frame);
      } else if (frame.error().code != busrt::errc::timeout && !interrupted()) {
        // Ctrl-C in a terminal may reach the agent first; then the end of the connection is no news.
        fmt::print(stderr, "daemoneye: the connection to {} ended: {}\n", options_.bus,
                   frame.error().describe());
        code = exit_code::unreachable;
        break;
      }
    }
    flush();
    if (readable_) {
      say(fmt::format("{}{} event{} shown; {}", options_.json ? "" : "\n", shown_, shown_ == 1 ? "" : "s",
                      sequence_.summary()));
    }
    return code;
  }

 private:
  busrt::Result<> begin() {
    auto up = connect_within(options_, [this] { return client_.connect(); });
    if (!up) return up;
    // Whatever is watched, losses are part of it.
    return client_.subscribe({options_.pattern, "events.?.loss"});
  }

  void print_head() {
    const Screen screen = options_.json ? Screen{} : Screen::of_stdout();
    say(fmt::format("watching {} on {}; Ctrl-C ends", options_.pattern, options_.bus));
    if (const std::string doubt = doubt_about(options_.pattern); !doubt.empty()) {
      say(paint(screen, Colour::yellow, doubt));
    }
    busrt::BlockingRpcClient asker(client_config(options_, "head"));
    auto up = asker.connect();
    auto status = up ? ask_status(asker) : busrt::Result<boost::json::object>(std::unexpected(up.error()));
    const auto deadline = std::chrono::steady_clock::now() + head_patience;
    while (status && is_settling(*status) && !interrupted() && std::chrono::steady_clock::now() < deadline) {
      pause_before_retry();
      status = ask_status(asker);
    }
    if (!status) {
      const std::string why = status.error().describe();
      say(paint(screen, Colour::yellow,
                "what cannot be seen is unknown, because no agent answers on this bus: " + why));
    } else {
      for (const auto& line : describe_sight(*status, screen)) say(line);
    }
    if (!options_.json) say("\n" + event_heading(screen));
    if (std::fflush(remarks_) != 0 && !options_.json) readable_ = false;
  }

  void show(const busrt::Frame& frame) {
    // The broker sends its own warnings to everybody.
    if (frame.kind() != busrt::FrameKind::publish || frame.topic().starts_with(".broker/")) return;
    const auto event = collector_core::decode_event(frame.text());
    if (event) {
      const auto hole = sequence_.take(*event);
      if (hole) say(format_notice(*hole, options_.json ? Screen{} : Screen::of_stdout()));
    }
    if (options_.json) {
      put(std::string(frame.text()) + "\n");
    } else if (event) {
      put(format_event(*event, Screen::of_stdout()) + "\n");
    } else {
      put(harmless(std::string(frame.topic()) + " " + std::string(frame.text())) + "\n");
    }
    ++shown_;
  }

  /// A line that is no event: among the rows, or on standard error when standard output is for programs.
  void say(const std::string& line) {
    if (options_.json) {
      std::fputs((line + "\n").c_str(), stderr);
    } else {
      put(line + "\n");
    }
  }
  void put(const std::string& text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) readable_ = false;
  }
  /// A reader that has gone (`| head`) is a way to end, not an error.
  void flush() {
    if (std::fflush(stdout) != 0) readable_ = false;
  }
  [[nodiscard]] bool done() const { return options_.count != 0 && shown_ >= options_.count; }

  const Options& options_;
  busrt::BlockingClient client_;
  SequenceWatch sequence_;
  std::FILE* remarks_;
  std::uint64_t shown_ = 0;
  bool readable_ = true;
};

}  // namespace

int run_watch(const Options& options) {
  return Watch(options).run();
}

}  // namespace daemoneye_cli
