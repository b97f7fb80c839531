#include "ring.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace bench {

namespace {

constexpr unsigned ring_entries = 1024;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::size_t queues_bytes(const io_uring_params& parameters) {
  return std::max(parameters.sq_off.array + parameters.sq_entries * sizeof(unsigned),
                  parameters.cq_off.cqes + parameters.cq_entries * sizeof(io_uring_cqe));
}

}  // namespace

Mapping::Mapping(std::size_t bytes, int descriptor, std::uint64_t offset) : bytes_(bytes) {
  const int kind = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, kind | MAP_POPULATE, descriptor,
                        static_cast<off_t>(offset));
  if (memory == MAP_FAILED) fail("mmap");
  memory_ = static_cast<std::byte*>(memory);
}

Mapping::~Mapping() {
  ::munmap(memory_, bytes_);
}

RingSetup::RingSetup(unsigned flags) {
  parameters.flags = flags;
  descriptor = static_cast<int>(::syscall(__NR_io_uring_setup, ring_entries, &parameters));
  if (descriptor < 0) fail("io_uring_setup");
}

RingSetup::~RingSetup() {
  ::close(descriptor);
}

Ring::Ring(std::span<const int> sockets, unsigned flags)
    : setup_(flags),
      queues_(queues_bytes(setup_.parameters), setup_.descriptor, IORING_OFF_SQ_RING),
      operations_(setup_.parameters.sq_entries * sizeof(io_uring_sqe), setup_.descriptor, IORING_OFF_SQES),
      submission_tail_(queues_.at<unsigned>(setup_.parameters.sq_off.tail)),
      submission_flags_(queues_.at<unsigned>(setup_.parameters.sq_off.flags)),
      submission_mask_(setup_.parameters.sq_entries - 1),
      completion_head_(queues_.at<unsigned>(setup_.parameters.cq_off.head)),
      completion_tail_(queues_.at<unsigned>(setup_.parameters.cq_off.tail)),
      completion_mask_(setup_.parameters.cq_entries - 1),
      completions_(queues_.at<io_uring_cqe>(setup_.parameters.cq_off.cqes)) {
  auto* order = queues_.at<unsigned>(setup_.parameters.sq_off.array);
  for (unsigned i = 0; i < setup_.parameters.sq_entries; ++i) order[i] = i;
  register_resource(IORING_REGISTER_FILES, sockets.data(), static_cast<unsigned>(sockets.size()));
}

void Ring::register_resource(unsigned operation, const void* what, unsigned count) const {
  if (::syscall(__NR_io_uring_register, setup_.descriptor, operation, what, count) < 0) {
    fail("io_uring_register");
  }
}

io_uring_sqe& Ring::prepare(std::uint8_t operation, std::size_t socket, std::uint64_t tag) {
  if (unsubmitted_ > submission_mask_) submit();
  const unsigned tail = *submission_tail_;
  io_uring_sqe& entry = operations_.at<io_uring_sqe>(0)[tail & submission_mask_];
  entry = {};
  entry.opcode = operation;
  entry.flags = IOSQE_FIXED_FILE;
  entry.fd = static_cast<int>(socket);
  entry.user_data = tag;
  // The kernel reads entries when this thread enters it, so what the caller fills in after this is seen.
  std::atomic_ref(*submission_tail_).store(tail + 1, std::memory_order_release);
  ++unsubmitted_;
  return entry;
}

void Ring::enter(unsigned wait_for, unsigned flags) {
  const long submitted = ::syscall(__NR_io_uring_enter, setup_.descriptor, unsubmitted_, wait_for, flags,
                                   nullptr, std::size_t{0});
  if (submitted < 0 && errno != EINTR) fail("io_uring_enter");
  if (submitted > 0) unsubmitted_ -= static_cast<unsigned>(submitted);
}

void Ring::submit() {
  if (has_unsubmitted()) enter(0, 0);
}

void Ring::look() {
  const unsigned flags = std::atomic_ref(*submission_flags_).load(std::memory_order_relaxed);
  if (has_unsubmitted() || (flags & IORING_SQ_TASKRUN) != 0) enter(0, IORING_ENTER_GETEVENTS);
}

void Ring::wait() {
  enter(1, IORING_ENTER_GETEVENTS);
}

bool Ring::has_completions() const noexcept {
  return std::atomic_ref(*completion_tail_).load(std::memory_order_acquire) != *completion_head_;
}

ReceiveBuffers::ReceiveBuffers(const Ring& ring)
    : ring_(count * sizeof(io_uring_buf)), memory_(count * bytes_each) {
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<std::uintptr_t>(ring_.at<io_uring_buf>(0));
  registration.ring_entries = count;
  ring.register_resource(IORING_REGISTER_PBUF_RING, &registration, 1);
  for (unsigned i = 0; i < count; ++i) add(i);
}

void ReceiveBuffers::add(unsigned index) {
  auto* entries = ring_.at<io_uring_buf>(0);
  io_uring_buf& entry = entries[tail_ & (count - 1)];
  entry.addr = reinterpret_cast<std::uintptr_t>(memory_.at<std::byte>(index * bytes_each));
  entry.len = bytes_each;
  entry.bid = static_cast<std::uint16_t>(index);
  // The ring's tail lies in the reserved field of its first entry.
  std::atomic_ref(entries[0].resv).store(++tail_, std::memory_order_release);
}

std::span<const std::byte> ReceiveBuffers::received(const io_uring_cqe& completion) const {
  return {memory_.at<std::byte>(index_of(completion) * bytes_each), static_cast<std::size_t>(completion.res)};
}

void ReceiveBuffers::give_back(const io_uring_cqe& completion) {
  add(index_of(completion));
}

}  // namespace bench
