#include "wire/handshake.hpp"

#include <algorithm>
#include <cstring>

#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"
#include "wire/names.hpp"

namespace busrt::wire {

namespace {

constexpr std::array<std::byte, 3> greeting{std::byte{greeting_byte}, std::byte{protocol_version & 0xFFU},
                                            std::byte{protocol_version >> 8U}};

/// What the u16 length of a name can say, in bytes.
constexpr std::size_t longest_wire_name = 0xFFFF;

void append_byte(base::ByteBuffer& out, errc code) {
  *out.prepare(1) = static_cast<std::byte>(code);
  out.commit(1);
}

/// Moves bytes from `input` into `into` until `want` are there; returns how many it took.
template <std::size_t N>
std::size_t gather(std::span<const std::byte> input, std::array<std::byte, N>& into, std::size_t& have,
                   std::size_t want) {
  const std::size_t count = std::min(input.size(), want - have);
  if (count != 0) std::memcpy(into.data() + have, input.data(), count);
  have += count;
  return count;
}

}  // namespace

void BrokerHandshake::begin(base::ByteBuffer& out) {
  out.append(std::span<const std::byte>(greeting));
}

void BrokerHandshake::reject(base::ByteBuffer& out, errc code, const char* why) {
  append_byte(out, code);
  state_ = State::rejected;
  reason_ = why;
}

std::size_t BrokerHandshake::feed(std::span<const std::byte> input, base::ByteBuffer& out) {
  std::size_t used = 0;
  while (used < input.size() && state_ != State::done && state_ != State::rejected) {
    const auto rest = input.subspan(used);
    switch (state_) {
      case State::greeting:
        used += gather(rest, small_, have_, greeting.size());
        if (small_[0] != greeting[0]) {
          reject(out, errc::not_supported, "the peer does not speak BUS/RT");
        } else if (have_ == greeting.size()) {
          if (small_ != greeting) {
            reject(out, errc::not_supported, "unsupported protocol version");
          } else {
            append_byte(out, errc::ok);
            state_ = State::name_length;
            have_ = 0;
          }
        }
        break;
      case State::name_length:
        used += gather(rest, small_, have_, 2);
        if (have_ == 2) {
          name_bytes_ = std::to_integer<std::size_t>(small_[0]) | std::to_integer<std::size_t>(small_[1])
                                                                      << 8U;
          if (name_bytes_ == 0) {
            reject(out, errc::data, "empty client name");
          } else if (name_bytes_ > limits::max_name_bytes) {
            reject(out, errc::data, "client name too long");
          } else {
            state_ = State::name;
          }
        }
        break;
      case State::name: {
        const std::size_t count = std::min(rest.size(), name_bytes_ - name_.size());
        name_.append(reinterpret_cast<const char*>(rest.data()), count);
        used += count;
        if (name_.size() == name_bytes_) {
          if (name_.front() == '.') {
            reject(out, errc::data, "reserved client name");
          } else if (!valid_name(name_)) {
            reject(out, errc::data, "client name is not valid");
          } else {
            state_ = State::done;
          }
        }
        break;
      }
      case State::done:
      case State::rejected:
        break;
    }
  }
  return used;
}

std::size_t ClientHandshake::feed(std::span<const std::byte> input, base::ByteBuffer& out) {
  std::size_t used = 0;
  while (used < input.size() && state_ != State::done && state_ != State::failed) {
    const auto rest = input.subspan(used);
    switch (state_) {
      case State::greeting:
        used += gather(rest, small_, have_, greeting.size());
        if (small_[0] != greeting[0] || (have_ == greeting.size() && small_ != greeting)) {
          state_ = State::failed;
          error_ = errc::not_supported;
        } else if (have_ == greeting.size()) {
          out.append(std::span<const std::byte>(greeting));
          state_ = State::greeting_answer;
        }
        break;
      case State::greeting_answer:
      case State::name_answer: {
        const auto code = static_cast<errc>(rest[0]);
        ++used;
        if (code != errc::ok) {
          state_ = State::failed;
          error_ = code;
        } else if (state_ == State::greeting_answer && name_.size() > longest_wire_name) {
          // Its length cannot be written; a shortened one would turn the end of the name into frames.
          state_ = State::failed;
          error_ = errc::data;
        } else if (state_ == State::greeting_answer) {
          std::byte* at = out.prepare(2 + name_.size());
          at[0] = static_cast<std::byte>(name_.size() & 0xFFU);
          at[1] = static_cast<std::byte>(name_.size() >> 8U);
          if (!name_.empty()) std::memcpy(at + 2, name_.data(), name_.size());
          out.commit(2 + name_.size());
          state_ = State::name_answer;
        } else {
          state_ = State::done;
        }
        break;
      }
      case State::done:
      case State::failed:
        break;
    }
  }
  return used;
}

}  // namespace busrt::wire
