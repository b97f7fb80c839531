// What of a broken connection's bytes counts as a lost frame.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "broker/frame_tally.hpp"
#include "busrt/base/byte_buffer.hpp"
#include "wire/codec.hpp"

namespace busrt::broker {
namespace {

/// A handshake's answers, then frames, acks and nops in turn; tells where each data frame ends.
class Stream {
 public:
  Stream() {
    bytes_.append(std::string_view("\xEB\x01\x00\x01\x01", 5));
    for (const std::size_t payload : {3U, 0U, 500U, 7U}) {
      wire::append_ack(bytes_, 1, 1);
      const std::size_t prefix = wire::delivery_prefix_bytes(FrameKind::publish, "me", "t");
      std::byte* at = bytes_.prepare(prefix + payload);
      std::byte* end = wire::write_delivery_prefix(at, FrameKind::publish, false, "me", "t", payload);
      std::fill_n(end, payload, std::byte{0x2});
      bytes_.commit(prefix + payload);
      ends_.push_back(bytes_.size());
      wire::append_nop(bytes_);
    }
  }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_.data(); }
  [[nodiscard]] std::uint64_t ends_between(std::size_t from, std::size_t to) const {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(ends_, [&](std::size_t end) { return from < end && end <= to; }));
  }

 private:
  busrt::base::ByteBuffer bytes_;
  std::vector<std::size_t> ends_;
};

TEST(FrameTally, a_frame_counts_where_its_last_byte_is_lost_wherever_the_stream_is_cut) {
  const Stream stream;
  const auto all = stream.bytes();
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    for (std::size_t end = cut; end <= all.size(); end += 13) {
      FrameTally tally;
      tally.sent(all.first(cut));
      ASSERT_EQ(tally.lost(all.subspan(cut, end - cut)), stream.ends_between(cut, end)) << cut << " " << end;
    }
  }
}

TEST(FrameTally, pieces_of_any_length_count_the_same) {
  const Stream stream;
  for (std::size_t piece = 1; piece < 50; ++piece) {
    FrameTally tally;
    std::uint64_t lost = 0;
    for (auto rest = stream.bytes(); !rest.empty();) {
      const auto step = std::min(piece, rest.size());
      lost += tally.lost(rest.first(step));
      rest = rest.subspan(step);
    }
    EXPECT_EQ(lost, 4U);
  }
}

}  // namespace
}  // namespace busrt::broker
