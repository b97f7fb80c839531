#include "broker/input_buffer.hpp"

#include <algorithm>

namespace busrt::broker {

std::span<std::byte> InputBuffer::prepare() {
  const std::size_t wanted = expected_ > bytes_.size() ? expected_ - bytes_.size() : limits::read_chunk_bytes;
  const std::size_t growth = std::max(bytes_.size(), copied_bytes);
  const std::size_t left = bytes_.tail_room() != 0 ? bytes_.tail_room() : growth;
  const std::size_t room = std::min({wanted, left, limits::read_chunk_bytes});
  return {bytes_.prepare(room), room};
}

void InputBuffer::keep(std::span<const std::byte> rest) {
  if (rest.empty()) {
    if (bytes_.capacity() != 0) bytes_.release();
    return;
  }
  bytes_.clear();
  bytes_.append(rest);
}

bool InputBuffer::charge() {
  const std::size_t now = bytes_.capacity();
  const bool grew = now > charged_;
  if (grew) {
    account_.add(now - charged_);
  } else {
    account_.subtract(charged_ - now);
  }
  charged_ = now;
  return grew;
}

}  // namespace busrt::broker
