#include "sabotage.hpp"

#include <algorithm>
#include <cstddef>

namespace busrt::simulation {

void Sabotage::apply(const Tap& tap, std::uint64_t begin, std::vector<std::byte>& bytes) {
  if (done_) return;
  const auto& frames = tap.frames();
  for (std::size_t i = 0; i < frames.size() && !done_; ++i) {
    const SeenFrame& frame = frames[i];
    if (frame.begin < begin || frame.operation == 0) continue;
    const bool has_next = i + 1 < frames.size() && frames[i + 1].operation > frame.operation &&
                          frames[i + 1].sender == frame.sender && frames[i + 1].begin == frame.end;
    if (kind_ == Kind::swap && !has_next) continue;
    if (skip_ != 0) {
      --skip_;
      continue;
    }
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(frame.begin - begin);
    const auto last = bytes.begin() + static_cast<std::ptrdiff_t>(frame.end - begin);
    done_ = true;
    switch (kind_) {
      case Kind::drop:
        bytes.erase(first, last);
        break;
      case Kind::duplicate: {
        const std::vector<std::byte> copy(first, last);
        bytes.insert(last, copy.begin(), copy.end());
        break;
      }
      case Kind::swap:
        std::rotate(first, last, bytes.begin() + static_cast<std::ptrdiff_t>(frames[i + 1].end - begin));
        break;
      case Kind::alter:
        *(last - 1) ^= std::byte{1};
        break;
    }
  }
}

}  // namespace busrt::simulation
