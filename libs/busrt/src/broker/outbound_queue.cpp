#include "broker/outbound_queue.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "wire/codec.hpp"

namespace busrt::broker {

base::ByteBuffer ChunkPool::take() {
  if (spare_.empty()) return base::ByteBuffer(chunk_bytes);
  base::ByteBuffer chunk = std::move(spare_.back());
  spare_.pop_back();
  return chunk;
}

void ChunkPool::give(base::ByteBuffer chunk) {
  if (chunk.capacity() != chunk_bytes || spare_.size() >= max_spare) return;
  chunk.clear();
  spare_.push_back(std::move(chunk));
}

OutboundQueue::~OutboundQueue() {
  for (; head_ < segments_.size(); ++head_) release(segments_[head_]);
}

void OutboundQueue::release(Segment& segment) {
  if (segment.shared.bytes) {
    if (segment.frames != 0) account_.subtract_shared(segment.shared.size);
    segment.shared = {};
  } else {
    account_.subtract(segment.chunk.capacity());
    pool_.give(std::move(segment.chunk));
  }
}

OutboundQueue::Segment& OutboundQueue::tail_with_room(std::size_t size) {
  if (head_ != segments_.size()) {
    Segment& last = segments_.back();
    if (!last.shared.bytes && last.chunk.tail_room() >= size) return last;
  }
  // Memory first: an empty segment must not stay behind.
  base::ByteBuffer chunk = size <= ChunkPool::chunk_bytes ? pool_.take() : base::ByteBuffer(size);
  Segment& fresh = segments_.emplace_back();
  fresh.chunk = std::move(chunk);
  account_.add(fresh.chunk.capacity());
  return fresh;
}

std::byte* OutboundQueue::append(std::size_t size) {
  Segment& segment = tail_with_room(size);
  std::byte* at = segment.chunk.prepare(size);
  segment.chunk.commit(size);
  ++segment.frames;
  return at;
}

void OutboundQueue::append(std::span<const std::byte> frames_bytes, std::size_t frames) {
  Segment& segment = tail_with_room(frames_bytes.size());
  segment.chunk.append(frames_bytes);
  segment.frames += frames;
}

void OutboundQueue::append(const SharedFrame& frame) {
  Segment& segment = segments_.emplace_back();
  segment.shared = frame;
  segment.frames = 1;
  account_.add_shared(frame.size);
}

void OutboundQueue::append_raw(std::span<const std::byte> bytes) {
  // A segment of its own: abandon() walks the frames of a chunk and must not meet anything else there.
  auto copy = std::make_shared_for_overwrite<std::byte[]>(bytes.size());
  std::memcpy(copy.get(), bytes.data(), bytes.size());
  Segment& segment = segments_.emplace_back();
  segment.shared = {std::move(copy), bytes.size()};
}

void OutboundQueue::advance(std::size_t bytes, Flushed& into) {
  into.bytes += bytes;
  while (bytes != 0) {
    Segment& segment = segments_[head_];
    const std::size_t step = std::min(bytes, segment.bytes().size() - segment.written);
    segment.written += step;
    bytes -= step;
    if (segment.frames != 0) into.frame_bytes += step;
    if (segment.written < segment.bytes().size()) return;
    into.frames += segment.frames;
    release(segment);
    ++head_;
  }
  if (empty()) {
    segments_.clear();
    head_ = 0;
    // An idle connection keeps no more than a few segments' worth of memory.
    if (segments_.capacity() > 16) segments_.shrink_to_fit();
  } else if (head_ > 64 && head_ * 2 > segments_.size()) {
    segments_.erase(segments_.begin(), segments_.begin() + static_cast<std::ptrdiff_t>(head_));
    head_ = 0;
  }
}

OutboundQueue::Flushed OutboundQueue::flush(transport::Stream& stream) {
  Flushed result;
  while (!empty()) {
    std::array<transport::Part, transport::Stream::max_parts> parts;
    std::size_t count = 0;
    std::size_t offered = 0;
    for (std::size_t i = head_; i < segments_.size() && count < parts.size(); ++i) {
      const auto rest = segments_[i].bytes().subspan(segments_[i].written);
      if (rest.empty()) continue;
      parts[count++] = rest;
      offered += rest.size();
    }
    const auto written = stream.write(std::span(parts.data(), count));
    if (written.status != transport::IoResult::Status::ok) {
      result.status = written.status;
      result.error = written.error;
      return result;
    }
    advance(written.bytes, result);
    if (written.bytes < offered) {
      // A short write means that the socket is full: asking again would only be told so.
      result.status = transport::IoResult::Status::would_block;
      return result;
    }
  }
  return result;
}

std::size_t OutboundQueue::abandon() {
  std::size_t lost = 0;
  for (; head_ < segments_.size(); ++head_) {
    Segment& segment = segments_[head_];
    const auto bytes = segment.bytes();
    for (std::size_t at = 0; segment.frames != 0 && at + wire::delivery_header_bytes <= bytes.size();) {
      const auto kind = static_cast<FrameKind>(bytes[at]);
      const bool bare = kind == FrameKind::ack || kind == FrameKind::nop;
      at += wire::delivery_header_bytes + (bare ? 0 : wire::load_u32(bytes.data() + at + 1));
      if (!bare && at > segment.written) ++lost;
    }
    release(segment);
  }
  segments_.clear();
  head_ = 0;
  return lost;
}

}  // namespace busrt::broker
