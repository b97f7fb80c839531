#include "transport/inproc.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace busrt::transport {

InprocPipe::~InprocPipe() {
  if (meter_) meter_->subtract(charged_);
}

void InprocPipe::settle() {
  if (!meter_) return;
  const std::size_t held = bytes_.capacity();
  if (held == charged_) return;
  if (held > charged_) {
    meter_->add(held - charged_);
  } else {
    meter_->subtract(charged_ - held);
  }
  charged_ = held;
}

std::size_t InprocPipe::write(std::span<const std::byte> bytes) {
  std::shared_ptr<const std::function<void()>> wake;
  std::size_t count = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return 0;
    const bool was_empty = bytes_.empty();
    count = std::min(bytes.size(), capacity_ - std::min(capacity_, bytes_.size()));
    // Doubling would pass the bound.
    if (meter_ && bytes_.size() + count > capacity_ / 2) bytes_.reserve(capacity_);
    bytes_.append(bytes.first(count));
    settle();
    writer_waits_ = count < bytes.size();
    if (was_empty && count != 0) wake = readable_;
  }
  if (wake) (*wake)();
  return count;
}

void InprocPipe::wake_writer_if_waiting(std::unique_lock<std::mutex>& lock) {
  if (!writer_waits_) return;
  writer_waits_ = false;
  const auto wake = writable_;
  lock.unlock();
  if (wake) (*wake)();
}

bool InprocPipe::take(base::ByteBuffer& empty) {
  std::unique_lock lock(mutex_);
  if (bytes_.empty()) {
    if (meter_) bytes_.release();
    settle();
    return false;
  }
  std::swap(bytes_, empty);
  settle();
  wake_writer_if_waiting(lock);
  return true;
}

std::size_t InprocPipe::read(std::span<std::byte> room) {
  std::unique_lock lock(mutex_);
  const std::size_t count = std::min(room.size(), bytes_.size());
  if (count == 0) return 0;
  std::memcpy(room.data(), bytes_.data().data(), count);
  bytes_.consume(count);
  if (meter_ && bytes_.empty()) bytes_.release();
  settle();
  wake_writer_if_waiting(lock);
  return count;
}

void InprocPipe::close() {
  std::shared_ptr<const std::function<void()>> readable;
  std::shared_ptr<const std::function<void()>> writable;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
    readable = readable_;
    writable = writable_;
  }
  if (readable) (*readable)();
  if (writable) (*writable)();
}

bool InprocPipe::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void InprocPipe::on_readable(std::function<void()> callback) {
  auto shared = callback ? std::make_shared<const std::function<void()>>(std::move(callback)) : nullptr;
  bool pending = false;
  {
    const std::lock_guard lock(mutex_);
    readable_ = shared;
    pending = !bytes_.empty() || closed_;
  }
  if (pending && shared) (*shared)();
}

void InprocPipe::on_writable(std::function<void()> callback) {
  auto shared = callback ? std::make_shared<const std::function<void()>>(std::move(callback)) : nullptr;
  const std::lock_guard lock(mutex_);
  writable_ = std::move(shared);
}

}  // namespace busrt::transport
