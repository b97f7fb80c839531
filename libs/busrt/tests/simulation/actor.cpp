#include "actor.hpp"

#include <utility>

#include "payload.hpp"

namespace busrt::simulation {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// The time that a program may take to come back.
constexpr Duration between_lives = 100ms;

}  // namespace

void Actor::start() {
  life_ = oracle_.new_life(name_);
  starts_at_ = operates_at_ = reads_at_ = Time::max();
  topics_pending_ = leaving_ = left_ = read_all_ = false;
  context_ = std::make_unique<boost::asio::io_context>(1);
  ClientConfig config;
  config.name = name_;
  config.endpoint = network_.door(life_);
  config.timeout = plan_.broker.timeout;
  config.queue_frames = own_.queue_frames;
  config.queue_bytes = own_.queue_bytes;
  config.outgoing_bytes = own_.outgoing_bytes;
  config.window_frames = own_.window_frames;
  config.window_bytes = own_.window_bytes;
  config.delivery_timeout = own_.delivery_timeout;
  config.reconnect.first_delay = milliseconds(20);
  config.reconnect.most_delay = milliseconds(500);
  config.reconnect.first_connect = std::chrono::hours(1);
  client_ = std::make_unique<Client>(context_->get_executor(), std::move(config));
  trace_.add("life {} begins", life_);
  client_->connect([this](const Result<>& connected) {
    if (!connected) {
      // Only what time does not mend ends this, or the end of the life itself.
      if (!leaving_) oracle_.violate("liveness", "a client cannot connect: " + connected.error().describe());
      return;
    }
    trace_.add("life {} is connected", life_);
    subscribe_first();
    read();
    if (!calm_) operates_at_ = Clock::now() + random_.around(own_.between_operations);
  });
}

bool Actor::poll() {
  if (!context_) return false;
  if (context_->stopped()) context_->restart();
  return context_->poll() != 0;
}

Standing Actor::standing() const {
  if (!client_) return {};
  const std::uint32_t wire = network_.latest_of(life_);
  return {client_->connected(), wire, client_->stats().connections,
          wire != 0 && network_.wire(wire).open_at_broker()};
}

// ---- talking ----

void Actor::act(Time now) {
  if (now >= starts_at_) start();
  if (client_ == nullptr) return;
  if (left_ && read_all_) {
    end_life();
    return;
  }
  if (now >= reads_at_) read();
  if (now >= operates_at_) {
    operates_at_ = now + random_.around(own_.between_operations) + 1us;
    const std::size_t burst = random_.chance(0.1) ? random_.between(1, own_.largest_burst) : 1;
    for (std::size_t i = 0; i < burst; ++i) operate();
  }
}

Time Actor::next() const {
  return std::min({operates_at_, reads_at_, starts_at_});
}

void Actor::operate() {
  if (random_.chance(own_.topic_operations)) {
    if (!topics_pending_) change_topics();
  } else {
    talk();
  }
}

SendOptions Actor::options(QoS qos) {
  SendOptions options(qos);
  if (random_.chance(0.1)) options.timeout = milliseconds(random_.between(20, 800));
  if (random_.chance(0.1)) options.when_full = WhenFull::refuse;
  return options;
}

void Actor::talk() {
  Operation operation;
  operation.life = life_;
  operation.qos =
      random_.pick({QoS::no, QoS::processed, QoS::processed, QoS::realtime, QoS::realtime_processed});
  operation.op = random_.pick({Op::publish, Op::publish, Op::publish, Op::publish, Op::publish_for,
                               Op::message, Op::message, Op::broadcast});
  const std::size_t largest = random_.chance(0.15) ? plan_.largest_payload : std::size_t{40};
  operation.size = random_.between(least_payload, std::max(largest, least_payload));
  switch (operation.op) {
    case Op::message:
      operation.target = random_.pick<std::string>(words_.names);
      break;
    case Op::broadcast:
      operation.target = random_.pick<std::string>(words_.masks);
      break;
    case Op::publish_for:
      operation.receiver = primary_name(random_.pick<std::string>(words_.names));
      [[fallthrough]];
    default:
      operation.target = random_.pick<std::string>(words_.topics);
      break;
  }
  if (!wants_ack(operation.qos) && operation.op != Op::publish_for && random_.chance(0.5)) {
    try_to_send(std::move(operation));
    return;
  }
  const SendOptions with = options(operation.qos);
  const Op op = operation.op;
  const std::string target = operation.target;
  const std::string receiver = operation.receiver;
  const std::size_t size = operation.size;
  const std::uint32_t number = oracle_.begin(std::move(operation));
  const auto payload = payload_of(number, size);
  auto done = [this, number](const Result<>& result) { oracle_.end(number, result); };
  switch (op) {
    case Op::message:
      client_->send(target, payload, with, std::move(done));
      break;
    case Op::broadcast:
      client_->broadcast(target, payload, with, std::move(done));
      break;
    case Op::publish_for:
      client_->publish_for(target, receiver, payload, with, std::move(done));
      break;
    default:
      client_->publish(target, payload, with, std::move(done));
      break;
  }
}

void Actor::try_to_send(Operation operation) {
  const Op op = operation.op;
  const QoS qos = operation.qos;
  const std::string target = operation.target;
  const std::size_t size = operation.size;
  const std::uint32_t number = oracle_.begin(std::move(operation));
  oracle_.end(number, client_->try_send(op, target, payload_of(number, size), qos));
}

// ---- topics ----

void Actor::subscribe_first() {
  std::vector<std::string> patterns;
  const std::size_t count = random_.between(1, 3);
  for (std::size_t i = 0; i < count; ++i) patterns.push_back(random_.pick<std::string>(words_.patterns));
  start_topics(Op::subscribe, std::move(patterns));
}

void Actor::change_topics() {
  std::vector<std::string> patterns{random_.pick<std::string>(words_.patterns)};
  if (random_.chance(0.3)) patterns.push_back(random_.pick<std::string>(words_.patterns));
  start_topics(random_.pick({Op::subscribe, Op::subscribe, Op::unsubscribe, Op::exclude, Op::unexclude}),
               std::move(patterns));
}

void Actor::start_topics(Op op, std::vector<std::string> patterns) {
  topics_pending_ = true;
  Operation operation;
  operation.life = life_;
  operation.op = op;
  operation.qos = QoS::processed;
  operation.patterns = patterns;
  const std::uint32_t number = oracle_.begin(std::move(operation));
  auto done = [this, number](const Result<>& result) {
    topics_pending_ = false;
    oracle_.end(number, result);
  };
  switch (op) {
    case Op::subscribe:
      client_->subscribe(patterns, std::move(done));
      break;
    case Op::unsubscribe:
      client_->unsubscribe(patterns, std::move(done));
      break;
    case Op::exclude:
      client_->exclude(patterns, std::move(done));
      break;
    default:
      client_->unexclude(patterns, std::move(done));
      break;
  }
}

// ---- reading ----

void Actor::read() {
  reads_at_ = Time::max();
  if (random_.chance(0.3)) {
    client_->receive_some([this](const Result<std::vector<Frame>>& frames) {
      if (frames) {
        for (const Frame& frame : *frames) oracle_.received(life_, frame);
      }
      took(frames ? frames->size() : 0, !frames);
    });
  } else {
    client_->receive([this](const Result<Frame>& frame) {
      if (frame) oracle_.received(life_, *frame);
      took(1, !frame);
    });
  }
}

void Actor::took(std::size_t frames, bool ended) {
  if (ended) {
    read_all_ = true;
    if (!leaving_)
      oracle_.violate("liveness", "a client that reconnects says that there is nothing to receive");
    return;
  }
  Duration pause{};
  if (!calm_) {
    for (std::size_t i = 0; i < frames; ++i) {
      pause += random_.around(own_.reading);
      if (random_.chance(own_.reader_stops)) pause += random_.around(own_.reader_stops_for);
    }
  }
  if (pause.count() == 0) {
    read();
  } else {
    reads_at_ = Clock::now() + pause;
  }
}

// ---- beginning and ending ----

void Actor::crash() {
  if (client_ == nullptr) return;
  trace_.add("life {} crashes", life_);
  oracle_.crashed(life_, client_->stats());
  // In the order of a program that is killed, as far as a test can: nothing of the client runs any more.
  if (random_.chance(0.5)) {
    context_.reset();
    client_.reset();
  } else {
    client_.reset();
    context_.reset();
  }
  operates_at_ = reads_at_ = Time::max();
  starts_at_ = Clock::now() + random_.around(between_lives);
}

void Actor::leave(milliseconds drain, bool for_good) {
  for_good_ |= for_good;
  if (client_ == nullptr || leaving_) return;
  trace_.add("life {} leaves", life_);
  leaving_ = true;
  operates_at_ = Time::max();
  oracle_.leaving(life_);
  const Standing before = standing();
  const bool reading = oracle_.life(life_).received != 0 || before.connections != 0;
  if (!reading) read_all_ = true;
  client_->disconnect(drain, [this, before](const Result<>& left) {
    trace_.add("life {} has left with {}", life_, left ? 0 : left.error().code.value());
    left_ = true;
    // Success says that the broker has handled every frame.
    if (left && before.connected && network_.latest_of(life_) == before.wire) {
      oracle_.fence(life_, UINT32_MAX, before.wire);
    }
  });
}

void Actor::end_life() {
  if (oracle_.life(life_).pending != 0) {
    oracle_.violate("liveness", "life " + std::to_string(life_) + " has left with " +
                                    std::to_string(oracle_.life(life_).pending) + " operations pending");
  }
  trace_.add("life {} ends", life_);
  oracle_.left(life_, client_->stats());
  client_.reset();
  context_.reset();
  operates_at_ = reads_at_ = Time::max();
  if (!for_good_) starts_at_ = Clock::now() + random_.around(between_lives);
}

void Actor::calm_down() {
  calm_ = true;
  operates_at_ = Time::max();
  paused_until_ = {};
  if (reads_at_ != Time::max()) reads_at_ = Clock::now();
}

bool Actor::settled() const {
  if (client_ == nullptr || leaving_) return false;
  const ClientStats stats = client_->stats();
  return client_->connected() && oracle_.life(life_).pending == 0 && stats.queued_frames == 0 &&
         stats.outgoing_bytes == 0;
}

std::string Actor::why_not_settled() const {
  if (client_ == nullptr) return name_ + " has not come back";
  const ClientStats stats = client_->stats();
  return name_ + (client_->connected() ? " is connected, " : " is not connected, ") +
         std::to_string(oracle_.life(life_).pending) + " operations are pending, " +
         std::to_string(stats.queued_frames) + " frames unread, " + std::to_string(stats.outgoing_bytes) +
         " bytes to write" + (leaving_ ? ", and it is leaving" : "");
}

}  // namespace busrt::simulation
