// An io_uring by its system calls: as much of it as uring_floor needs, without liburing.
#pragma once

#include <linux/io_uring.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace bench {

/// Memory shared with the kernel; unmapped at the end.
class Mapping {
 public:
  /// Anonymous memory, or with `descriptor` the part of an io_uring at `offset`.
  explicit Mapping(std::size_t bytes, int descriptor = -1, std::uint64_t offset = 0);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  template <class Value>
  [[nodiscard]] Value* at(std::size_t offset) const noexcept {
    return reinterpret_cast<Value*>(memory_ + offset);
  }

 private:
  std::byte* memory_;
  std::size_t bytes_;
};

/// The descriptor and the parameters of an io_uring that the kernel has set up.
struct RingSetup {
  explicit RingSetup(unsigned flags);
  ~RingSetup();
  RingSetup(const RingSetup&) = delete;
  RingSetup& operator=(const RingSetup&) = delete;
  io_uring_params parameters{};
  int descriptor = -1;
};

/// Belongs to one thread. Its operations name sockets by their place in `sockets`, which are registered.
class Ring {
 public:
  Ring(std::span<const int> sockets, unsigned flags);

  /// The next operation, to be filled in further; it is submitted with the next call that enters the kernel.
  [[nodiscard]] io_uring_sqe& prepare(std::uint8_t operation, std::size_t socket, std::uint64_t tag);
  [[nodiscard]] bool has_unsubmitted() const noexcept { return unsubmitted_ != 0; }
  void submit();
  /// Submits and fetches completions without sleeping; enters the kernel only where there is something to do.
  void look();
  /// Submits and sleeps until there is a completion.
  void wait();

  [[nodiscard]] bool has_completions() const noexcept;
  template <class Handle>
  void take_completions(Handle&& handle) {
    const unsigned tail = std::atomic_ref(*completion_tail_).load(std::memory_order_acquire);
    unsigned head = *completion_head_;
    for (; head != tail; ++head) handle(completions_[head & completion_mask_]);
    std::atomic_ref(*completion_head_).store(head, std::memory_order_release);
  }

  void register_resource(unsigned operation, const void* what, unsigned count) const;

 private:
  void enter(unsigned wait_for, unsigned flags);

  RingSetup setup_;
  Mapping queues_;
  Mapping operations_;
  unsigned* submission_tail_;
  unsigned* submission_flags_;
  unsigned submission_mask_;
  unsigned* completion_head_;
  unsigned* completion_tail_;
  unsigned completion_mask_;
  io_uring_cqe* completions_;
  unsigned unsubmitted_ = 0;
};

/// Buffers that the kernel takes for what arrives on any socket ("provided buffer ring", group 0).
class ReceiveBuffers {
 public:
  explicit ReceiveBuffers(const Ring& ring);
  [[nodiscard]] std::span<const std::byte> received(const io_uring_cqe& completion) const;
  /// Makes the completion's buffer the kernel's again.
  void give_back(const io_uring_cqe& completion);

 private:
  static constexpr unsigned count = 256;  // a power of two
  static constexpr std::size_t bytes_each = 4096;
  static unsigned index_of(const io_uring_cqe& completion) noexcept {
    return completion.flags >> IORING_CQE_BUFFER_SHIFT;
  }
  void add(unsigned index);

  Mapping ring_;
  Mapping memory_;
  std::uint16_t tail_ = 0;
};

}  // namespace bench
