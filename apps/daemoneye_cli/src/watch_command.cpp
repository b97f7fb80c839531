// `daemoneye watch`: live events until Ctrl-C, a count, or a reader that went away.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

#include "agent_client.hpp"
#include "agent_status.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/msgpack.hpp"
#include "busrt/protocol.hpp"
#include "busrt/topic_pattern.hpp"
#include "daemoneye/events/topics.hpp"
#include "event_row.hpp"
#include "genuine.hpp"
#include "output.hpp"
#include "watch_account.hpp"
#include "watch_pattern.hpp"

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

/// Patterns that get every event of every collector, so that a hole in the numbers means a loss.
bool gets_everything(const std::string& pattern) {
  return pattern == topics::every_event || pattern == "*" || pattern == "#";
}

/// The payload as one line of JSON, unchanged where it is one; what is no JSON is put into an object.
std::string as_json(std::string_view topic, std::string_view sender, std::string_view text) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(text, failed);
  if (!failed && text.find_first_of("\r\n") == std::string_view::npos) return std::string(text);
  if (!failed) return boost::json::serialize(value);
  return boost::json::serialize(boost::json::object{{"topic", busrt::base::printable(topic)},
                                                    {"sender", busrt::base::printable(sender)},
                                                    {"text", busrt::base::printable(text)}});
}

class Watch {
 public:
  explicit Watch(const Options& options)
      : options_(options),
        client_(client_config(options, "watch")),
        account_(gets_everything(options.pattern)),
        output_(STDOUT_FILENO, interrupted) {}

  int run() {
    if (const auto up = connect_within(options_, client_); !up) return fail_to_connect(options_, up.error());
    if (const auto heard = subscribe(); !heard) {
      if (interrupted()) return fail_to_connect(options_, heard.error());
      complain(fmt::format("cannot subscribe to {} at {}: {}", options_.pattern, options_.bus,
                           heard.error().describe()));
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
        complain(fmt::format("the connection to {} ended: {}", options_.bus, frame.error().describe()));
        code = exit_code::unreachable;
        account_.unknown("the bus is gone since " + local_time(now()));
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
      account_.unknown("the broker does not tell who leaves the bus: " + clients.error().describe());
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
      const std::string why = interrupted() ? "a signal ended the watch before the agent answered"
                                            : "no agent answers on this bus: " + status.error().describe();
      const std::string sentence = busrt::base::printable("what cannot be seen is unknown, because " + why);
      say(paint(screen, Colour::yellow, wrapped(sentence, screen, 2)));
      account_.unknown(why);
    } else {
      account_.status(*status, false, now());
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
      account_.status(*status, interrupted(), now());
      return;
    }
    // The signal that ends this program may have ended the agent as well.
    if (interrupted() && status.error().code != busrt::errc::timeout) return;
    account_.unknown("the agent did not answer at the end: " + status.error().describe());
  }

  void take(const busrt::Frame& frame) {
    if (frame.kind() != busrt::FrameKind::publish) return;
    if (frame.topic().starts_with(".broker/")) {
      take_from_broker(frame);
      return;
    }
    const auto genuine = judge(frame.topic(), frame.sender(), frame.text());
    if (!genuine) {
      notice(account_.refused(frame.sender(), genuine.error()));
      return;
    }
    if (genuine->event) notice(account_.event(*genuine->event));
    take_news(frame);
    const bool loss = genuine->event && genuine->event->is_loss();
    if (!loss && !busrt::topic_matches(options_.pattern, frame.topic())) return;
    if (options_.json) {
      output_.put(json_line(as_json(frame.topic(), frame.sender(), frame.text()), Screen::of_stdout()));
    } else if (genuine->event) {
      output_.put(format_event(*genuine->event, Screen::of_stdout()) + "\n");
    } else {
      output_.put(busrt::base::printable(std::string(frame.topic()) + " " + std::string(frame.text())) +
                  "\n");
    }
    ++shown_;
  }

  /// What the agent and the collectors say of themselves.
  void take_news(const busrt::Frame& frame) {
    constexpr std::string_view control = topics::collector_news, health = topics::health;
    const std::string_view topic = frame.topic();
    if (!topic.starts_with(control) && !topic.starts_with(health)) return;
    boost::system::error_code failed;
    const auto value = boost::json::parse(frame.text(), failed);
    const auto* object = failed ? nullptr : value.if_object();
    if (object == nullptr) {
      notice(account_.refused(frame.sender(), fmt::format("a message on {} that is no JSON object", topic)));
    } else if (topic.starts_with(control)) {
      notice(account_.collector_news(topic.substr(control.size()), *object, now()));
    } else {
      notice(account_.health(frame.sender(), *object, now()));
    }
  }

  /// `.broker/info`: {s: "reg" or "unreg", d: client}. `.broker/warn` comes to everybody.
  void take_from_broker(const busrt::Frame& frame) {
    if (frame.sender() != busrt::broker_name) return;
    const auto value = busrt::msgpack::decode(frame.payload());
    const auto* news = value ? value->if_object() : nullptr;
    if (news == nullptr) return;
    // `#` stands for what happens on the host; who wants the broker's own news says so.
    if (options_.pattern.starts_with(".broker/") && busrt::topic_matches(options_.pattern, frame.topic())) {
      const std::string topic = options_.json ? "" : busrt::base::printable(frame.topic()) + " ";
      output_.put(topic + json_line(boost::json::serialize(*news), Screen::of_stdout()));
      ++shown_;
    }
    const auto* subject = news->if_contains("s");
    const auto* client = news->if_contains("d");
    if (subject == nullptr || client == nullptr || !subject->is_string() || !client->is_string()) return;
    if (subject->get_string() == "unreg") notice(account_.left(client->get_string(), now()));
    if (subject->get_string() == "reg") notice(account_.joined(client->get_string()));
  }

  void print_summary() {
    const std::string line = busrt::base::printable(
        fmt::format("{} event{} shown; {}", shown_, shown_ == 1 ? "" : "s", account_.summary()));
    say(options_.json ? line : "\n" + wrapped(line, Screen::of_stdout(), 2));
    output_.flush();
    // `| head` is a quiet end. A signal is not: it may have ended the reader too, as in `| tee`.
    if (output_.reader_gone() && !options_.json && interrupted()) write_error(line + "\n");
    if (!output_.problem().empty() && !options_.json) write_error(line + "\n");
  }

  void notice(const WatchAccount::Notices& sentences) {
    for (const auto& sentence : sentences) {
      say(format_notice(sentence, options_.json ? Screen{} : Screen::of_stdout()));
    }
  }

  /// A line that is no event: among the rows, or on standard error when standard output is for programs.
  void say(const std::string& line) {
    if (options_.json) {
      write_error(line + "\n");
    } else {
      output_.put(line + "\n");
    }
  }
  [[nodiscard]] bool done() const { return options_.count != 0 && shown_ >= options_.count; }

  const Options& options_;
  busrt::BlockingClient client_;
  WatchAccount account_;
  Output output_;
  std::uint64_t shown_ = 0;
};

}  // namespace

int run_watch(const Options& options) {
  return Watch(options).run();
}

}  // namespace daemoneye_cli
