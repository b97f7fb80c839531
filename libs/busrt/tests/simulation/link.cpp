#include "link.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace busrt::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t read_bytes = 64U << 10;

}  // namespace

Link::Link(transport::InprocPipe& source, transport::InprocPipe& sink, Tap::Direction direction,
           const NetworkPlan& plan, Random& random, Sabotage* sabotage)
    : source_(source),
      sink_(sink),
      plan_(plan),
      random_(random),
      sabotage_(direction == Tap::Direction::deliveries ? sabotage : nullptr),
      delay_(random.around(plan.delay)),
      tap_(direction) {}

bool Link::step(Time now) {
  if (!void_ && !ended_ && sink_.closed()) lose_the_rest(now);
  bool moved = void_ ? swallow() : take_in(now);
  if (now >= stalled_until_) moved |= put_out(now);
  if (void_ && now >= reset_at_ && !source_.closed()) {
    source_.close();
    moved = true;
  }
  return moved;
}

bool Link::take_in(Time now) {
  static std::array<std::byte, read_bytes> scratch;
  bool moved = false;
  while (flying_bytes_ < plan_.flying_bytes) {
    // Before reading: what was written before the end counts.
    const bool closed = source_.closed();
    const std::size_t room = std::min(plan_.flying_bytes - flying_bytes_, read_bytes);
    const auto got = std::span(scratch).first(source_.read(std::span(scratch).first(room)));
    if (got.empty()) {
      drained_ = closed;
      if (closed && !std::exchange(ending_, true)) {
        ends_at_ = std::max(last_at_, now + delay_);
        moved = true;
      }
      return moved;
    }
    moved = true;
    std::vector<std::byte> bytes(got.begin(), got.end());
    const std::uint64_t begin = tap_.bytes();
    tap_.feed(bytes);
    if (sabotage_ != nullptr) sabotage_->apply(tap_, begin, bytes);
    split(std::move(bytes), now);
  }
  return moved;
}

void Link::split(std::vector<std::byte> bytes, Time now) {
  std::span<const std::byte> rest = bytes;
  while (!rest.empty()) {
    // Small pieces first, where frames are cut in their headers; then no more than that takes time.
    const std::size_t most = random_.chance(0.5) ? 12 : read_bytes;
    const std::size_t size = std::min({random_.between(1, plan_.largest_chunk), most, rest.size()});
    const std::size_t piece = rest.size() > 4096 ? std::min(rest.size(), size + 2048) : size;
    last_at_ = std::max(last_at_, now + delay_ + random_.around(plan_.jitter));
    flying_.push_back({last_at_, {rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(piece)}});
    flying_bytes_ += piece;
    rest = rest.subspan(piece);
  }
}

bool Link::put_out(Time now) {
  bool moved = false;
  while (!flying_.empty() && flying_.front().at <= now) {
    Chunk& chunk = flying_.front();
    const auto rest = std::span(chunk.bytes).subspan(chunk.done);
    const std::size_t taken = sink_.write(rest);
    delivered_ += taken;
    chunk.done += taken;
    flying_bytes_ -= taken;
    moved |= taken != 0;
    if (taken < rest.size()) {
      if (!sink_.closed()) return moved;
      lose_the_rest(now);
      return true;
    }
    flying_.pop_front();
  }
  if (ending_ && !ended_ && flying_.empty() && ends_at_ <= now) {
    ended_ = true;
    sink_.close();
    moved = true;
  }
  return moved;
}

bool Link::swallow() {
  bool moved = false;
  const bool closed = source_.closed();
  std::array<std::byte, 4096> lost;
  while (const std::size_t bytes = source_.read(lost)) {
    tap_.feed(std::span(lost).first(bytes));
    moved = true;
  }
  drained_ = closed;
  return moved;
}

/// The reader is gone: whoever writes learns of it, sooner or later.
void Link::lose_the_rest(Time now) {
  flying_.clear();
  flying_bytes_ = 0;
  if (!std::exchange(void_, true)) reset_at_ = now + (random_.chance(0.5) ? delay_ : random_.around(300ms));
}

void Link::cut(Time now) {
  if (std::exchange(void_, true)) return;
  std::size_t kept = random_.below(flying_bytes_ + 1);
  for (Chunk& chunk : flying_) {
    const std::size_t rest = std::min(chunk.bytes.size() - chunk.done, kept);
    kept -= rest;
    chunk.bytes.resize(chunk.done + rest);
  }
  flying_bytes_ = 0;
  std::erase_if(flying_, [](const Chunk& chunk) { return chunk.done == chunk.bytes.size(); });
  for (const Chunk& chunk : flying_) flying_bytes_ += chunk.bytes.size() - chunk.done;
  ending_ = true;
  ends_at_ = std::max(last_at_, now) + random_.around(50ms);
  reset_at_ = now + (random_.chance(0.5) ? random_.around(20ms) : random_.around(1s));
}

Time Link::next() const {
  Time next = Time::max();
  if (!flying_.empty()) next = std::max(flying_.front().at, stalled_until_);
  if (ending_ && !ended_ && flying_.empty()) next = std::min(next, std::max(ends_at_, stalled_until_));
  if (void_ && !source_.closed()) next = std::min(next, reset_at_);
  return next;
}

std::string Link::describe() const {
  return std::to_string(flying_bytes_) + " bytes under way" + (void_ ? ", cut" : "") +
         (ending_ ? ", the writer has ended" : "") + (sink_.closed() ? ", the reader has ended" : "") +
         (Clock::now() < stalled_until_ ? ", stalled" : "");
}

void Link::settle() {
  swallow();
  std::array<std::byte, 4096> rest;
  while (const std::size_t bytes = sink_.read(rest)) left_ += bytes;
}

}  // namespace busrt::simulation
