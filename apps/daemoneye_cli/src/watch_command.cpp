// `daemoneye watch`: live events until Ctrl-C, a count, or a reader that went away.
#include <fmt/format.h>
#include <unistd.h>

#include "agent_client.hpp"
#include "agent_status.hpp"
#include "busrt/base/printable.hpp"
#include "common/error_sentence.hpp"
#include "daemoneye/events/topics.hpp"
#include "event_row.hpp"
#include "output.hpp"
#include "watch_pattern.hpp"
#include "watch_view.hpp"

namespace daemoneye_cli {
namespace {

namespace topics = daemoneye::events::topics;

using namespace std::chrono_literals;

/// How soon Ctrl-C is seen while nothing happens.
constexpr std::chrono::milliseconds idle_wait = 100ms;
/// How long the head waits for a collector that is just starting, so that it can say what that one cannot
/// see.
constexpr std::chrono::milliseconds head_patience = 5s;
/// How long the end waits for the agent's word on its collectors.
constexpr std::chrono::milliseconds end_patience = 1s;

class Watch {
 public:
  explicit Watch(const Options& options)
      : options_(options),
        client_(client_config(options, "watch")),
        view_(options.pattern, options.json),
        output_(STDOUT_FILENO, interrupted) {}

  int run() {
    if (const auto up = connect_within(options_, client_); !up) return fail_to_connect(options_, up.error());
    if (const auto heard = subscribe(); !heard) {
      if (interrupted()) return fail_to_connect(options_, heard.error());
      complain(fmt::format("cannot subscribe to {} at {}: {}", options_.pattern, options_.bus,
                           program::sentence(heard.error())));
      return exit_code::unreachable;
    }
    if (const std::string doubt = pattern_doubt(options_.pattern); !doubt.empty()) complain(doubt);
    const bool agent_answered = print_head();
    int code = exit_code::ok;
    while (!interrupted() && !done() && output_.readable()) {
      // What has come in one go goes out in one write.
      auto frame = client_.receive(0ms);
      if (!frame && frame.error().code == busrt::errc::timeout) {
        output_.flush();
        frame = client_.receive(idle_wait);
      }
      if (frame) {
        take(*frame);
      } else if (frame.error().code != busrt::errc::timeout && !interrupted()) {
        // Ctrl-C in a terminal may reach the agent first; then the end of the connection is no news.
        complain(
            fmt::format("the connection to {} ended: {}", options_.bus, program::sentence(frame.error())));
        code = exit_code::unreachable;
        view_.account().unknown("the bus is gone since " + local_time(now()));
        break;
      }
    }
    // An agent that did not answer before the signal does not hold up the end.
    if (code == exit_code::ok && (agent_answered || !interrupted())) ask_at_the_end();
    print_summary();
    return exit_after(output_, code);
  }

 private:
  static std::chrono::system_clock::time_point now() { return std::chrono::system_clock::now(); }

  busrt::Result<> subscribe() {
    // Whatever is watched, losses, and collectors that come and go, are part of it.
    auto heard = subscribe_to(
        {options_.pattern, topics::every_loss, topics::every_collector_news, topics::every_health});
    if (!heard) return heard;
    // A broker may keep its own news to some clients; the watch goes on with less to say.
    if (const auto clients = subscribe_to({".broker/info"}); !clients && !interrupted())
      view_.account().unknown("the broker does not tell who leaves the bus: " +
                              program::sentence(clients.error()));
    return {};
  }

  busrt::Result<> subscribe_to(const busrt::Patterns& patterns) {
    auto pending = client_.async().subscribe(patterns, boost::asio::use_future);
    if (auto ended = wait_for(pending); !ended) return ended;
    return pending.get();
  }

  /// Returns whether the agent answered.
  bool print_head() {
    const Screen screen = options_.json ? Screen{} : Screen::of_stdout();
    say(wrapped(
        busrt::base::printable(fmt::format("watching {} on {}; Ctrl-C ends", options_.pattern, options_.bus)),
        screen, 2));
    busrt::BlockingRpcClient asker(client_config(options_, "head"));
    const auto up = connect_once(asker);
    auto status = up ? ask_status(asker) : busrt::Result<boost::json::object>(std::unexpected(up.error()));
    const auto deadline = std::chrono::steady_clock::now() + head_patience;
    while (status && is_settling(*status) && !interrupted() && output_.readable() &&
           std::chrono::steady_clock::now() < deadline) {
      pause_before_retry();
      status = ask_status(asker);
    }
    if (!status) {
      const std::string why = interrupted()
                                  ? "a signal ended the watch before the agent answered"
                                  : "no agent answers on this bus: " + program::sentence(status.error());
      const std::string sentence = busrt::base::printable("what cannot be seen is unknown, because " + why);
      say(paint(screen, Colour::yellow, wrapped(sentence, screen, 2)));
      view_.account().unknown(why);
    } else {
      view_.account().status(*status, false, now());
      for (const auto& line : describe_sight(*status, screen)) say(line);
    }
    if (!options_.json) say("\n" + event_heading(screen));
    output_.flush();
    return status.has_value();
  }

  /// A collector that hangs, or an agent that does, has sent nothing that would say so.
  void ask_at_the_end() {
    auto config = client_config(options_, "end");
    config.timeout = end_patience;
    busrt::BlockingRpcClient asker(std::move(config));
    const auto up = asker.connect();
    const auto status = up ? ask_status(asker, end_patience, EndedBy::output)
                           : busrt::Result<boost::json::object>(std::unexpected(up.error()));
    if (status) {
      view_.account().status(*status, interrupted(), now());
      return;
    }
    // The signal that ends this program may have ended the agent as well.
    if (interrupted() && status.error().code != busrt::errc::timeout) return;
    view_.account().unknown("the agent did not answer at the end: " + program::sentence(status.error()));
  }

  void take(const busrt::Frame& frame) {
    if (frame.kind() != busrt::FrameKind::publish) return;
    const Publication publication{frame.topic(), frame.sender(), frame.payload()};
    for (const Shown& shown : view_.take(publication, Screen::of_stdout(), now())) {
      // A notice is no row: for programs it goes to standard error.
      const bool row = shown.kind == Shown::Kind::row || !options_.json;
      row ? output_.put(shown.text) : write_error(shown.text);
    }
  }

  void print_summary() {
    const std::string line = view_.summary();
    say(options_.json ? line : "\n" + wrapped(line, Screen::of_stdout(), 2));
    output_.flush();
    // `| head` is a quiet end. A signal is not: it may have ended the reader too, as in `| tee`.
    if (output_.reader_gone() && !options_.json && interrupted()) write_error(line + "\n");
    if (!output_.problem().empty() && !options_.json) write_error(line + "\n");
  }

  /// A line that is no event: among the rows, or on standard error when standard output is for programs.
  void say(const std::string& line) {
    if (options_.json) {
      write_error(line + "\n");
    } else {
      output_.put(line + "\n");
    }
  }
  [[nodiscard]] bool done() const { return options_.count != 0 && view_.rows() >= options_.count; }

  const Options& options_;
  busrt::BlockingClient client_;
  WatchView view_;
  Output output_;
};

}  // namespace

int run_watch(const Options& options) {
  return Watch(options).run();
}

}  // namespace daemoneye_cli
