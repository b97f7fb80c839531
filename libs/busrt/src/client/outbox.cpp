#include "client/outbox.hpp"

#include <algorithm>

namespace busrt::detail {

void Outbox::add(OutboxEntry entry) {
  ++count_;
  bytes_ += entry.bytes;
  earliest_ = std::min(earliest_, entry.deadline);
  if (!entry.sent) ++unsent_;
  const std::uint32_t op_id = entry.op_id;
  slots_.push_back(Slot{op_id, std::optional<OutboxEntry>(std::move(entry))});
}

std::optional<OutboxEntry> Outbox::take(std::uint32_t op_id) {
  if (slots_.empty()) return std::nullopt;
  // Ids ascend modulo 2^32, so their distance from the first is sorted.
  const std::uint32_t first = slots_.front().op_id;
  const std::uint32_t distance = op_id - first;
  auto found = slots_.begin();
  if (distance != 0) {
    found = std::lower_bound(
        slots_.begin(), slots_.end(), distance,
        [first](const Slot& slot, std::uint32_t wanted) { return slot.op_id - first < wanted; });
    if (found == slots_.end() || found->op_id != op_id) return std::nullopt;
  }
  return found->entry ? release(*found) : std::nullopt;
}

std::optional<OutboxEntry> Outbox::take_ticket(std::uint64_t ticket) {
  for (Slot& slot : slots_) {
    if (slot.entry && slot.entry->ticket == ticket) return release(slot);
  }
  return std::nullopt;
}

std::vector<OutboxEntry> Outbox::take_expired(TimePoint now) {
  std::vector<OutboxEntry> expired;
  if (count_ == 0 || now < earliest_) return expired;
  earliest_ = TimePoint::max();
  for (Slot& slot : slots_) {
    if (!slot.entry) continue;
    if (slot.entry->deadline > now) {
      earliest_ = std::min(earliest_, slot.entry->deadline);
      continue;
    }
    --count_;
    bytes_ -= slot.entry->bytes;
    expired.push_back(*std::exchange(slot.entry, std::nullopt));
  }
  trim();
  return expired;
}

std::vector<OutboxEntry> Outbox::take_all() {
  return take_expired(TimePoint::max());
}

std::vector<OutboxEntry> Outbox::connection_lost(std::uint64_t exposed) {
  std::vector<OutboxEntry> cut;
  for (std::size_t place = 0; place < slots_.size(); ++place) {
    Slot& slot = slots_[place];
    if (!slot.entry) continue;
    const bool under_way = place < slots_.size() - unsent_;
    if (under_way && slot.entry->position < exposed) ++slot.entry->cuts;
    const bool done_with = slot.entry->sent && !slot.entry->repeatable;
    if (!done_with && !cut_too_often(slot.entry->cuts)) continue;
    --count_;
    bytes_ -= slot.entry->bytes;
    cut.push_back(*std::exchange(slot.entry, std::nullopt));
  }
  unsent_ = slots_.size();
  trim();
  return cut;
}

OutboxEntry* Outbox::next_unsent() {
  if (unsent_ == 0 || one_goes_alone()) return nullptr;
  OutboxEntry& entry = first_unsent();
  return goes_alone(entry.cuts) && any_sent() ? nullptr : &entry;
}

void Outbox::mark_sent() {
  OutboxEntry& entry = first_unsent();
  entry.sent = true;
  if (!entry.repeatable) entry.frame.release();
  --unsent_;
  trim();
}

std::optional<OutboxEntry> Outbox::release(Slot& slot) {
  std::optional<OutboxEntry> entry = std::exchange(slot.entry, std::nullopt);
  --count_;
  bytes_ -= entry->bytes;
  trim();
  return entry;
}

void Outbox::trim() {
  while (!slots_.empty() && !slots_.front().entry) slots_.pop_front();
  unsent_ = std::min(unsent_, slots_.size());
  while (unsent_ != 0 && !slots_[slots_.size() - unsent_].entry) --unsent_;
  if (count_ == 0) earliest_ = TimePoint::max();
}

}  // namespace busrt::detail
