#include "faults/stage.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <functional>
#include <future>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <utility>

#include "faults/injector.hpp"

namespace busrt_faults {

using namespace std::chrono_literals;
using busrt::BlockingClient;

namespace {

constexpr const char* round_topic = "fault/round";
constexpr std::chrono::milliseconds short_timeout = 400ms;

void must(const busrt::Result<>& result, const char* what) {
  if (!result) throw std::runtime_error(std::string(what) + ": " + result.error().describe());
}

}  // namespace

busrt::BrokerConfig quick_broker() {
  busrt::BrokerConfig config;
  config.timeout = sanitized ? 5s : 2s;
  // A sixteenth of it is the pause after which a listener tries again.
  config.stall_limit = 160ms;
  return config;
}

void make_quick(busrt::ClientConfig& config) {
  config.timeout = sanitized ? 5s : 2s;
  config.delivery_timeout = patience;
  config.reconnect.first_delay = 1ms;
  config.reconnect.most_delay = 20ms;
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

Stage::Stage(busrt::Way way, bool anybody, std::size_t shards)
    : way_(way), anybody_(anybody), transport_(way) {
  set_role(Role::victim);
  auto config = quick_broker();
  config.shards = shards;
  // A WebSocket whose upgrade found no memory ends with its deadline.
  if (anybody) config.timeout = short_timeout;
  config.log = [this](busrt::base::LogLevel, std::string_view line) {
    const std::lock_guard lock(mutex_);
    log_.emplace_back(line);
  };
  transport_.prepare(config);
  broker_ = std::make_unique<busrt::Broker>(std::move(config));
  transport_.listen(*broker_);

  victim_ = transport_.client("victim", *broker_);
  newcomer_ = transport_.client("newcomer", *broker_);
  auto looking_on = transport_.client("bystander", *broker_);
  for (auto* each : {&victim_, &newcomer_, &looking_on}) {
    make_quick(*each);
    if (anybody) each->timeout = short_timeout;
  }
  newcomer_.reconnect.enabled = false;
  looking_on.reconnect.enabled = anybody;

  bystander_.emplace(looking_on);
  std::promise<void> marked;
  boost::asio::post(bystander_->async().get_executor(), [&marked] {
    set_role(Role::exempt);
    marked.set_value();
  });
  marked.get_future().wait();
  // The broker's threads take their role with their first call that is looked at.
  start_counting();
  must(bystander_->connect(), "bystander: connect");
  must(bystander_->subscribe({topics}), "bystander: subscribe");
  // A newcomer for each shard; what is allocated once is there afterwards.
  std::vector<std::string> problems;
  for (std::size_t i = 0; i < shards; ++i) {
    check_newcomer(problems);
    static_cast<void>(eventually([this] { return broker_->clients().size() == 1; }));
  }
  stop();
  if (!problems.empty()) throw std::runtime_error(problems.front());
  if (!eventually([this] { return broker_->clients().size() == 1 && broker_->stats().connections <= 1; })) {
    throw std::runtime_error("the newcomer does not go");
  }
  // Closing lags behind the count of connections.
  std::size_t before = 0;
  std::uint64_t memory = 0;
  for (int same = 0; same < 20;) {
    std::this_thread::sleep_for(2ms);
    const auto stats = broker_->stats();
    const std::size_t now = open_descriptors();
    same = now == before && memory == stats.memory_bytes ? same + 1 : 0;
    before = now;
    memory = stats.memory_bytes;
  }
  const auto stats = broker_->stats();
  descriptors_ = open_descriptors();
  described_ = describe_descriptors();
  memory_ = stats.memory_bytes;
  clients_ = stats.clients;
  connections_ = stats.connections;
}

Stage::~Stage() {
  stop();
}

busrt::ClientConfig Stage::victim(bool reconnecting) const {
  auto config = victim_;
  config.reconnect.enabled = reconnecting;
  if (reconnecting) config.reconnect.first_connect = patience;
  return config;
}

std::vector<std::string> Stage::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

std::uint64_t Stage::lost_frames() const {
  const auto stats = broker_->stats();
  return std::accumulate(std::begin(stats.lost), std::end(stats.lost), std::uint64_t{0});
}

void Stage::begin() {
  {
    const std::lock_guard lock(mutex_);
    log_.clear();
  }
  ++round_;
  lost_before_ = lost_frames();
  bystanders_connections_ = bystander_->stats().connections;
  protect_open_connections();
}

bool Stage::quiet() const {
  const auto stats = broker_->stats();
  return stats.clients == clients_ && stats.connections == connections_ && stats.memory_bytes == memory_ &&
         open_descriptors() == descriptors_;
}

void Stage::wait_until_quiet(std::vector<std::string>& problems) const {
  if (eventually([this] { return quiet(); })) return;
  const auto stats = broker_->stats();
  const auto compare = [&problems](const char* what, std::uint64_t before, std::uint64_t now) {
    if (before != now) {
      problems.push_back(std::string(what) + ": " + std::to_string(before) + " before, " +
                         std::to_string(now) + " after");
    }
  };
  compare("registered clients", clients_, stats.clients);
  compare("connections", connections_, stats.connections);
  compare("bytes that peers hold", memory_, stats.memory_bytes);
  const std::size_t reported = problems.size();
  compare("open descriptors", descriptors_, open_descriptors());
  if (problems.size() != reported) {
    problems.push_back("before: " + described_);
    problems.push_back("after: " + describe_descriptors());
  }
}

/// Everything that the bystander has received when a frame of its own has come back. Frames of another shard
/// may come behind that one: it waits for them until the books are `complete`.
std::optional<Stage::Seen> Stage::collect(std::vector<std::string>& problems,
                                          const std::function<bool(const Seen&)>& complete) {
  // Two marks, one after the other: a shard that reads the first one has then run the mail of other shards.
  Seen seen;
  for (const char* const which : {"first", "second"}) {
    const std::string mark = std::to_string(round_) + "/" + std::to_string(problems.size()) + "/" + which;
    if (const auto sent = bystander_->publish(round_topic, busrt::as_bytes(mark)); !sent) {
      problems.push_back("the bystander cannot publish: " + sent.error().describe());
      return std::nullopt;
    }
    if (!take_until(mark, seen, problems)) return std::nullopt;
  }
  while (!complete(seen)) {
    const auto frame = bystander_->receive(patience);
    if (!frame) break;  // what is missing is reported below
    note(*frame, seen);
  }
  return seen;
}

void Stage::note(const busrt::Frame& frame, Seen& seen) {
  if (frame.topic() == processed_topic) seen.processed.emplace_back(frame.text());
  if (frame.topic() == realtime_topic) seen.realtime.emplace_back(frame.text());
}

bool Stage::take_until(const std::string& mark, Seen& seen, std::vector<std::string>& problems) {
  for (;;) {
    const auto frame = bystander_->receive(patience);
    if (!frame) {
      problems.push_back("the bystander cannot receive: " + frame.error().describe());
      return false;
    }
    note(*frame, seen);
    if (frame->topic() == round_topic && frame->text() == mark) return true;
  }
}

void Stage::check_books(const Report& report, std::vector<std::string>& problems) {
  const auto complete = [&](const Seen& so_far) {
    if (bystander_->stats().connections != bystanders_connections_) return true;
    for (std::size_t i = 0; i < processed_frames; ++i) {
      if (report.confirmed[i] && std::ranges::count(so_far.processed, std::to_string(i)) == 0) return false;
    }
    return !report.whole || so_far.realtime.size() >= report.realtime_accepted;
  };
  const auto seen = collect(problems, complete);
  // What was sent while it was away is not for it.
  if (!seen || bystander_->stats().connections != bystanders_connections_) return;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < processed_frames; ++i) {
    if (!report.confirmed[i]) continue;
    expected.push_back(std::to_string(i));
    if (std::ranges::count(seen->processed, expected.back()) == 0) {
      problems.push_back("publication " + expected.back() + " was confirmed and has not arrived");
    }
  }
  if (!std::ranges::is_sorted(seen->processed)) problems.emplace_back("publications arrived out of order");
  const std::size_t most = report.realtime_accepted;
  if (seen->realtime.size() > most) problems.emplace_back("more realtime frames arrived than were sent");
  if (seen->processed.size() > processed_frames + report.stats.resent) {
    problems.emplace_back("more publications arrived than were sent");
  }
  if (!report.whole) return;
  // Nothing was cut, so nothing may be missing anywhere.
  if (seen->processed != expected) problems.emplace_back("the bystander has not exactly what was confirmed");
  if (seen->realtime.size() != most) problems.emplace_back("realtime frames are missing");
  if (report.own_frames != expected.size() + most) {
    problems.push_back("the victim has " + std::to_string(report.own_frames) + " of its " +
                       std::to_string(expected.size() + most) + " frames");
  }
  // A WebSocket that ends for another reason while a message is written tells of the message as cut, written
  // or not, so the broker may count one that has arrived.
  const bool may_count_more = way_ == busrt::Way::websocket || way_ == busrt::Way::secure_websocket;
  if (!may_count_more && lost_frames() != lost_before_)
    problems.emplace_back("the broker counts losses, and nothing was lost");
}

void Stage::check_newcomer(std::vector<std::string>& problems) {
  BlockingClient newcomer(newcomer_);
  const auto step = [&problems](const char* what, const busrt::Result<>& result) {
    if (!result)
      problems.push_back(std::string("a newcomer cannot ") + what + ": " + result.error().describe());
    return result.has_value();
  };
  if (!step("connect", newcomer.connect())) return;
  if (!step("subscribe", newcomer.subscribe({"new"}))) return;
  if (!step("publish", newcomer.publish("new", busrt::as_bytes("x")))) return;
  if (const auto frame = newcomer.receive(patience); !frame) {
    problems.push_back("a newcomer cannot receive: " + frame.error().describe());
  }
  step("disconnect", newcomer.disconnect());
}

void Stage::check_broker(std::vector<std::string>& problems) {
  check_newcomer(problems);
  wait_until_quiet(problems);
}

void Stage::check(const Report& report, std::vector<std::string>& problems) {
  wait_until_quiet(problems);
  if (anybody_) static_cast<void>(bystander_->wait_connected(patience));
  if (!bystander_->connected()) problems.emplace_back("the bystander is no longer connected");
  check_books(report, problems);
  check_broker(problems);
}

}  // namespace busrt_faults
