// Numbers, bounds, losses and retries of what a collector publishes.

#include "runtime/outbox.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "daemoneye/events/topics.hpp"

namespace daemoneye::collector {
namespace {

/// Longest detail of a loss record in bytes: loss records are not held back by the queue's limits.
constexpr std::size_t detail_bytes = 512;

std::size_t resume_mark(std::size_t limit) {
  return limit / limits::resume_denominator * limits::resume_numerator +
         limit % limits::resume_denominator * limits::resume_numerator / limits::resume_denominator;
}

/// Joins a loss to one of the same cause. Unknown stays unknown: a sum with an unknown part would be a wrong
/// number.
void merge(events::Loss& into, const events::Loss& loss) {
  if (into.count && loss.count) {
    *into.count += *loss.count;
  } else {
    into.count.reset();
  }
  into.detail = loss.detail;
}

}  // namespace

Outbox::Outbox(OutboxConfig config) : config_(std::move(config)) {}

Outbox::Added Outbox::add(std::string_view domain, Observation observation) {
  if (!events::is_topic_word(observation.kind) || observation.kind == events::loss_kind) {
    return shed(domain, cause_malformed,
                fmt::format("the source gave an event of kind \"{}\"", observation.kind.substr(0, 64)),
                observation.time);
  }
  // Before the work of encoding: under overload most events end here.
  if (!has_room(0)) return shed(domain, cause_queue_full, {}, observation.time);
  Record record;
  record.domain = domain;
  events::EventHead head;
  head.seq = seq_ + 1;
  head.time = observation.time;
  head.kind = observation.kind;
  head.correlation_id = observation.correlation_id;
  if (observation.text.empty()) observation.text = events::encode_data(observation.data);
  encode(record, head, observation.text);
  if (record.payload.size() > config_.event_bytes) {
    return shed(domain, cause_too_large,
                fmt::format("{} of {} bytes, the limit is {}", record.topic, record.payload.size(),
                            config_.event_bytes),
                observation.time);
  }
  if (!has_room(sizeof(Record) + record.topic.size() + record.payload.size())) {
    return shed(domain, cause_queue_full, {}, observation.time);
  }
  shedding_ = false;
  append(std::move(record));
  return Added::queued;
}

void Outbox::add_loss(std::string_view domain, events::Loss loss,
                      std::chrono::system_clock::time_point time) {
  if (loss.cause.size() > events::word_bytes) loss.cause.resize(events::word_bytes);
  if (loss.detail.size() > detail_bytes) loss.detail.resize(detail_bytes);
  losses_.add(loss.cause, loss.count);
  if (Record* const open = open_loss(domain, loss); open != nullptr) {
    merge(*open->loss, loss);
    return;
  }
  Record record;
  record.domain = domain;
  record.time = time;
  record.loss = std::move(loss);
  append(std::move(record));
}

std::optional<Outbox::Publication> Outbox::next() {
  while (next_ < records_.size() && records_[next_].state != State::waiting) ++next_;
  if (next_ == records_.size()) return std::nullopt;
  if (last_granted_ && records_[next_].seq > *last_granted_) return std::nullopt;
  Record& record = records_[next_++];
  if (record.payload.empty()) {
    events::EventHead head;
    head.seq = record.seq;
    head.time = record.time;
    head.kind = events::loss_kind;
    encode(record, head, events::encode_data(events::loss_data(*record.loss)));
    charge(record);
  }
  record.state = State::sent;
  if (!std::exchange(record.ever_sent, true)) ++published_;
  return Publication{record.seq, record.topic, record.payload};
}

void Outbox::confirm(std::uint64_t seq) {
  Record* const record = find(seq);
  if (record == nullptr || is_settled(*record)) return;
  if (!std::exchange(record->ever_confirmed, true)) ++confirmed_;
  settle(*record, State::accepted);
}

void Outbox::commit(std::uint64_t seq, std::optional<std::uint64_t> credit) {
  commits_ = true;
  committed_ = std::max(committed_, std::min(seq, seq_));
  last_granted_.reset();
  if (credit && *credit <= std::numeric_limits<std::uint64_t>::max() - committed_) {
    last_granted_ = committed_ + *credit;
  }
  // What an earlier connection had brought there need not be sent again.
  for (std::size_t i = settled_; i < records_.size() && records_[i].seq <= committed_; ++i) {
    Record& record = records_[i];
    if (record.state != State::waiting || !record.ever_sent) continue;
    if (!std::exchange(record.ever_confirmed, true)) ++confirmed_;
    record.state = State::accepted;
  }
  trim();
}

void Outbox::refuse(std::uint64_t seq, std::string_view reason) {
  Record* const record = find(seq);
  if (record == nullptr || is_settled(*record)) return;
  if (record->loss) {
    ++refused_;
    settle(*record, State::given_up);
    return;
  }
  losses_.add(cause_refused, 1);
  record->payload.clear();
  record->loss = events::Loss{1, std::string(cause_refused),
                              fmt::format("{}: {}", record->topic, reason.substr(0, detail_bytes))};
  make_wait(*record);
}

void Outbox::send_again(std::uint64_t seq) {
  Record* const record = find(seq);
  if (record != nullptr && record->state == State::sent) make_wait(*record);
}

void Outbox::make_wait(Record& record) {
  record.state = State::waiting;
  next_ = std::min(next_, static_cast<std::size_t>(record.seq - records_.front().seq));
}

void Outbox::rewind_accepted() {
  for (auto& record : records_) {
    // Before the first commit an accepted record leaves as soon as those before it do.
    if (commits_ && record.state == State::accepted) record.state = State::waiting;
  }
  next_ = settled_ = 0;
  last_granted_.reset();
  trim();
}

bool Outbox::has_room(std::size_t bytes) const noexcept {
  if (shedding_) {
    return records_.size() <= resume_mark(config_.frames) && bytes_ + bytes <= resume_mark(config_.bytes);
  }
  return records_.size() < config_.frames && bytes_ + bytes <= config_.bytes;
}

Outbox::Added Outbox::shed(std::string_view domain, std::string_view cause, std::string detail,
                           std::chrono::system_clock::time_point time) {
  const bool full = cause == cause_queue_full;
  if (full) {
    detail =
        fmt::format("the queue to the bus was full ({} events or {} bytes)", config_.frames, config_.bytes);
  }
  add_loss(domain, events::Loss{1, std::string(cause), std::move(detail)}, time);
  return full && !std::exchange(shedding_, true) ? Added::shed_first : Added::shed;
}

void Outbox::append(Record record) {
  record.seq = ++seq_;
  charge(record);
  records_.push_back(std::move(record));
}

Outbox::Record* Outbox::find(std::uint64_t seq) {
  if (records_.empty() || seq < records_.front().seq || seq > seq_) return nullptr;
  // The numbers have no holes, so a record's place is its distance from the front.
  return &records_[static_cast<std::size_t>(seq - records_.front().seq)];
}

void Outbox::encode(Record& record, events::EventHead head, std::string_view data) const {
  head.collector = config_.collector;
  head.epoch = config_.epoch;
  head.domain = record.domain;
  record.topic = events::topics::of_event(head.domain, head.kind);
  record.payload = events::encode_event(head, data);
}

void Outbox::settle(Record& record, State state) {
  record.state = state;
  trim();
}

void Outbox::trim() {
  while (settled_ < records_.size() && is_settled(records_[settled_])) ++settled_;
  while (settled_ != 0 && (!commits_ || records_.front().seq <= committed_)) {
    bytes_ -= records_.front().charged;
    records_.pop_front();
    --settled_;
    if (next_ != 0) --next_;
  }
}

Outbox::Record* Outbox::open_loss(std::string_view domain, events::Loss& loss) {
  const auto is_open = [](const Record& record) {
    return record.loss && !record.ever_sent && record.payload.empty();
  };
  std::size_t open = 0;
  while (open < records_.size() && is_open(records_[records_.size() - 1 - open])) ++open;
  const auto same = [&]() -> Record* {
    for (std::size_t i = records_.size() - open; i < records_.size(); ++i) {
      Record& record = records_[i];
      const bool both_known = record.loss->count.has_value() == loss.count.has_value();
      if (record.domain == domain && record.loss->cause == loss.cause && both_known) return &record;
    }
    return nullptr;
  };
  Record* found = same();
  // The last two places of a run are kept for what has no place of its own: known counts and unknown ones.
  if (found == nullptr && open + 2 >= limits::loss_causes) {
    loss.cause = "other";
    found = same();
  }
  return found;
}

void Outbox::charge(Record& record) {
  bytes_ -= record.charged;
  record.charged = sizeof(Record) + record.topic.size() + record.payload.size();
  bytes_ += record.charged;
}

}  // namespace daemoneye::collector
