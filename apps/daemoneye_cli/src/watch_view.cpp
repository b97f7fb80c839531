#include "watch_view.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

#include "busrt/base/json_fields.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/frame.hpp"
#include "busrt/msgpack.hpp"
#include "busrt/protocol.hpp"
#include "busrt/topic_pattern.hpp"
#include "daemoneye/events/topics.hpp"
#include "event_row.hpp"
#include "genuine.hpp"

namespace daemoneye_cli {
namespace {

namespace topics = daemoneye::events::topics;

/// Patterns that get every event of every collector, so that a hole in the numbers means a loss.
bool gets_everything(std::string_view pattern) {
  return pattern == topics::every_event || pattern == "*" || pattern == "#";
}

/// The payload as one line of JSON, unchanged where it is one; what is no JSON is put into an object.
std::string as_json(const Publication& publication, std::string_view text) {
  boost::system::error_code failed;
  const auto value = boost::json::parse(text, failed);
  if (!failed && text.find_first_of("\r\n") == std::string_view::npos) return std::string(text);
  if (!failed) return boost::json::serialize(value);
  return boost::json::serialize(boost::json::object{{"topic", busrt::base::printable(publication.topic)},
                                                    {"sender", busrt::base::printable(publication.sender)},
                                                    {"text", busrt::base::printable(text)}});
}

}  // namespace

WatchView::WatchView(std::string pattern, bool json)
    : pattern_(std::move(pattern)), json_(json), account_(gets_everything(pattern_)) {}

std::vector<Shown> WatchView::take(const Publication& publication, const Screen& screen, Time now) {
  std::vector<Shown> shown;
  const Frame frame{publication, busrt::as_text(publication.payload), screen, now, shown};
  if (publication.topic.starts_with(".broker/")) {
    take_from_broker(frame);
  } else {
    take_event(frame);
  }
  return shown;
}

void WatchView::take_event(const Frame& frame) {
  const Publication& publication = frame.publication;
  const auto genuine = judge(publication.topic, publication.sender, frame.text);
  if (!genuine) {
    show_notices(frame, account_.refused(publication.sender, genuine.error()));
    return;
  }
  if (genuine->event) show_notices(frame, account_.event(*genuine->event));
  take_news(frame);
  const bool loss = genuine->event && genuine->event->is_loss();
  if (!loss && !busrt::topic_matches(pattern_, publication.topic)) return;
  if (json_) {
    show_row(frame, json_line(as_json(publication, frame.text), frame.screen));
  } else if (genuine->event) {
    show_row(frame, format_event(*genuine->event, frame.screen) + "\n");
  } else {
    show_row(frame, busrt::base::printable(fmt::format("{} {}", publication.topic, frame.text)) + "\n");
  }
}

void WatchView::take_news(const Frame& frame) {
  constexpr std::string_view control = topics::collector_news, health = topics::health;
  const std::string_view topic = frame.publication.topic, sender = frame.publication.sender;
  if (!topic.starts_with(control) && !topic.starts_with(health)) return;
  boost::system::error_code failed;
  const auto value = boost::json::parse(frame.text, failed);
  const auto* object = failed ? nullptr : value.if_object();
  if (object == nullptr) {
    show_notices(frame,
                 account_.refused(sender, fmt::format("a message on {} that is no JSON object", topic)));
  } else if (topic.starts_with(control)) {
    show_notices(frame, account_.collector_news(topic.substr(control.size()), *object, frame.now));
  } else {
    show_notices(frame, account_.health(sender, *object, frame.now));
  }
}

void WatchView::take_from_broker(const Frame& frame) {
  const Publication& publication = frame.publication;
  if (publication.sender != busrt::broker_name) return;
  const auto value = busrt::msgpack::decode(publication.payload);
  const auto* news = value ? value->if_object() : nullptr;
  if (news == nullptr) return;
  // `#` stands for what happens on the host; who wants the broker's own news says so.
  if (pattern_.starts_with(".broker/") && busrt::topic_matches(pattern_, publication.topic)) {
    const std::string topic = json_ ? "" : busrt::base::printable(publication.topic) + " ";
    show_row(frame, topic + json_line(boost::json::serialize(*news), frame.screen));
  }
  const std::string_view subject = busrt::base::string_at(*news, "s");
  const std::string_view client = busrt::base::string_at(*news, "d");
  if (client.empty()) return;
  if (subject == "unreg") show_notices(frame, account_.left(client, frame.now));
  if (subject == "reg") show_notices(frame, account_.joined(client));
}

void WatchView::show_row(const Frame& frame, std::string text) {
  frame.shown.push_back({Shown::Kind::row, std::move(text)});
  ++rows_;
}

void WatchView::show_notices(const Frame& frame, const WatchAccount::Notices& sentences) const {
  for (const auto& sentence : sentences) {
    const Screen& screen = json_ ? Screen{} : frame.screen;
    frame.shown.push_back({Shown::Kind::notice, format_notice(sentence, screen) + "\n"});
  }
}

std::string WatchView::summary() const {
  return busrt::base::printable(
      fmt::format("{} event{} shown; {}", rows_, rows_ == 1 ? "" : "s", account_.summary()));
}

}  // namespace daemoneye_cli
