#include "broker/admission.hpp"

namespace busrt::broker {

std::expected<AdmissionTicket, RefusalReason> Admission::admit(const transport::Peer& peer) {
  if (peer.kind == transport::StreamKind::internal) return AdmissionTicket();
  const std::lock_guard lock(mutex_);
  if (connections_ >= limit_) return refuse(RefusalReason::too_many);
  if (peer.uid) {
    std::size_t& own = of_uid_[*peer.uid];
    if (per_uid_ != 0 && own >= per_uid_) return refuse(RefusalReason::too_many_of_uid);
    ++own;
  }
  ++connections_;
  return AdmissionTicket(shared_from_this(), peer.uid);
}

std::unexpected<RefusalReason> Admission::refuse(RefusalReason reason) {
  ++refused_[static_cast<std::size_t>(reason)];
  return std::unexpected(reason);
}

void Admission::count(RefusalReason reason) {
  const std::lock_guard lock(mutex_);
  ++refused_[static_cast<std::size_t>(reason)];
}

void Admission::release(std::optional<unsigned> uid) {
  const std::lock_guard lock(mutex_);
  --connections_;
  if (!uid) return;
  const auto own = of_uid_.find(*uid);
  if (--own->second == 0) of_uid_.erase(own);
}

std::size_t Admission::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

std::array<std::uint64_t, refusal_reasons> Admission::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

}  // namespace busrt::broker
