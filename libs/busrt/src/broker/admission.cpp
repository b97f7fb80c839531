#include "broker/admission.hpp"

#include <new>
#include <utility>
#include <vector>

namespace busrt::broker {

std::expected<AdmissionTicket, RefusalReason> Admission::admit(const transport::Peer& peer,
                                                               ConnectionCost cost) {
  if (peer.kind == transport::StreamKind::internal) {
    return std::make_shared<Admitted>(shared_from_this(), peer, cost);
  }
  {
    const std::lock_guard lock(mutex_);
    if (connections_ >= limit_) return refuse(RefusalReason::too_many);
    if (budget_.used() + cost.unregistered > budget_.limit()) return refuse(RefusalReason::over_memory);
    if (peer.uid) {
      std::size_t& own = of_uid_[*peer.uid];
      if (per_uid_ != 0 && own >= per_uid_) return refuse(RefusalReason::too_many_of_uid);
      ++own;
    }
    ++connections_;
  }
  try {
    return std::make_shared<Admitted>(shared_from_this(), peer, cost);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    release_locked(peer.uid);
    throw;
  }
}

void Admission::release_locked(std::optional<unsigned> uid) {
  --connections_;
  if (!uid) return;
  const auto own = of_uid_.find(*uid);
  if (--own->second == 0) of_uid_.erase(own);
}

std::unexpected<RefusalReason> Admission::refuse(RefusalReason reason) {
  ++refused_[static_cast<std::size_t>(reason)];
  return std::unexpected(reason);
}

void Admission::count(RefusalReason reason) {
  const std::lock_guard lock(mutex_);
  ++refused_[static_cast<std::size_t>(reason)];
}

std::uint64_t Admission::ending_bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const Admitted* each : ending_) bytes += each->account_->used();
  for (const Admitted* each : unregistered_) bytes += each->evicted_ ? each->account_->used() : 0;
  return bytes;
}

Admission::Eviction Admission::evict_unregistered(std::uint64_t wanted, bool even_too_few) {
  Eviction found;
  std::vector<std::function<void()>> ends;
  {
    const std::lock_guard lock(mutex_);
    std::uint64_t waiting = 0;
    for (const Admitted* each : unregistered_) waiting += each->evicted_ ? 0 : each->account_->used();
    if (!even_too_few && waiting < wanted) return found;
    for (Admitted* each : unregistered_) {
      if (found.bytes >= wanted) break;
      if (std::exchange(each->evicted_, true)) continue;
      found.bytes += each->account_->used();
      ++found.evicted;
      if (each->end_) ends.push_back(each->end_);
    }
  }
  for (const auto& end : ends) end();
  return found;
}

std::size_t Admission::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::array<std::uint64_t, refusal_reasons> Admission::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

Admitted::Admitted(std::shared_ptr<Admission> admission, const transport::Peer& peer, ConnectionCost cost)
    : admission_(std::move(admission)),
      account_(std::make_shared<MemoryAccount>(admission_->budget_)),
      cost_(cost),
      uid_(peer.uid),
      counted_(peer.kind != transport::StreamKind::internal) {
  if (counted_) {
    const std::lock_guard lock(admission_->mutex_);
    list_ = &admission_->unregistered_;
    in_list_ = list_->insert(list_->end(), this);
  }
  account_->set_connection(cost_.unregistered);
}

Admitted::~Admitted() {
  {
    const std::lock_guard lock(admission_->mutex_);
    leave_list_locked();
    if (counted_) admission_->release_locked(uid_);
  }
  account_->set_connection(0);
}

void Admitted::leave_list_locked() {
  if (list_ != nullptr) std::exchange(list_, nullptr)->erase(in_list_);
}

void Admitted::on_eviction(std::function<void()> end) {
  {
    const std::lock_guard lock(admission_->mutex_);
    if (!evicted_) {
      end_.swap(end);
      return;  // what it was told before goes after the lock
    }
  }
  end();
}

void Admitted::registered() {
  account_->set_connection(cost_.registered);
  const std::lock_guard lock(admission_->mutex_);
  leave_list_locked();
}

void Admitted::ending() {
  const std::lock_guard lock(admission_->mutex_);
  leave_list_locked();
  try {
    in_list_ = admission_->ending_.insert(admission_->ending_.end(), this);
    list_ = &admission_->ending_;
  } catch (const std::bad_alloc&) {
    // Then its memory does not count as being freed.
  }
}

}  // namespace busrt::broker
