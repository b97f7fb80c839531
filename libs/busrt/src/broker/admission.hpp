// Who may connect at all: a limit on connections in all and of one user, kept by tickets that live as long as
// the connections do.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "busrt/broker.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

class AdmissionTicket;

/// Thread-safe.
class Admission : public std::enable_shared_from_this<Admission> {
 public:
  /// `per_uid` 0: no limit.
  Admission(std::size_t connections, std::size_t per_uid) noexcept : limit_(connections), per_uid_(per_uid) {}

  /// In-process peers are the owner's own and never refused.
  [[nodiscard]] std::expected<AdmissionTicket, RefusalReason> admit(const transport::Peer& peer);

  /// A connection that was refused before it came here.
  void count(RefusalReason reason);

  [[nodiscard]] std::size_t connections() const;
  /// Refusals by RefusalReason so far.
  [[nodiscard]] std::array<std::uint64_t, refusal_reasons> refused() const;

 private:
  friend class AdmissionTicket;
  std::unexpected<RefusalReason> refuse(RefusalReason reason);
  void release(std::optional<unsigned> uid);

  const std::size_t limit_;
  const std::size_t per_uid_;
  mutable std::mutex mutex_;
  std::size_t connections_ = 0;
  std::unordered_map<unsigned, std::size_t> of_uid_;
  std::array<std::uint64_t, refusal_reasons> refused_{};
};

/// A place among the connections, given back when the ticket goes.
class AdmissionTicket {
 public:
  /// For peers that are not counted.
  AdmissionTicket() = default;
  AdmissionTicket(AdmissionTicket&&) noexcept = default;
  AdmissionTicket& operator=(AdmissionTicket&&) = delete;
  ~AdmissionTicket() {
    if (admission_) admission_->release(uid_);
  }

 private:
  friend class Admission;
  AdmissionTicket(std::shared_ptr<Admission> admission, std::optional<unsigned> uid) noexcept
      : admission_(std::move(admission)), uid_(uid) {}

  std::shared_ptr<Admission> admission_;
  std::optional<unsigned> uid_;
};

}  // namespace busrt::broker
