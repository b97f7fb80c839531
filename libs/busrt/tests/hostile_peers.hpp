// What tests of misbehaving peers share: bytes for them to send, and others who must not notice.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ack_codes.hpp"
#include "busrt_testing/wire_client.hpp"
#include "wire/codec.hpp"

namespace busrt {

/// A pair of well-behaved clients that must not notice what happens beside them.
class Bystanders {
 public:
  Bystanders(busrt_testing::WireClient first, busrt_testing::WireClient second)
      : first_(std::move(first)), second_(std::move(second)) {
    EXPECT_EQ(second_.confirmed_topics(Op::subscribe, {"bystander/#"}), ok);
  }
  void check() {
    const std::string payload = std::to_string(++rounds_);
    ASSERT_EQ(first_.confirmed(Op::publish, "bystander/topic", payload), ok);
    ASSERT_EQ(second_.next_data().payload, payload);
  }

 private:
  busrt_testing::WireClient first_;
  busrt_testing::WireClient second_;
  int rounds_ = 0;
};

inline std::string handshake_bytes(std::string_view name) {
  std::string bytes("\xEB\x01\x00", 3);
  bytes += static_cast<char>(name.size());
  bytes += '\0';
  bytes += name;
  return bytes;
}

inline std::string frame_bytes(Op op, std::string_view body, QoS qos = QoS::processed) {
  std::string bytes(9, '\0');
  bytes[0] = 1;
  bytes[4] = static_cast<char>(static_cast<unsigned>(op) | static_cast<unsigned>(qos) << 6U);
  wire::store_u32(reinterpret_cast<std::byte*>(bytes.data() + 5), static_cast<std::uint32_t>(body.size()));
  return bytes + std::string(body);
}

/// What the broker says last to a peer that sends nothing but these bytes; none where it says nothing.
inline std::optional<errc> last_answer(busrt_testing::WireClient peer, std::string_view bytes) {
  peer.write_raw(bytes);
  std::optional<errc> last;
  for (auto answer = peer.read_raw(); !answer.empty(); answer = peer.read_raw()) {
    last = static_cast<errc>(answer.back());
  }
  return last;
}

}  // namespace busrt
