// SipHash-1-3 (Aumasson and Bernstein), written from its paper. See keyed_hash.hpp.
#include "routing/keyed_hash.hpp"

#include <bit>
#include <cstring>
#include <random>

namespace busrt::routing {

namespace {

struct Key {
  std::uint64_t k0;
  std::uint64_t k1;
};

Key draw_key() {
  std::random_device source;
  const auto word = [&source] { return std::uint64_t{source()} << 32U | source(); };
  const std::uint64_t k0 = word();
  return {k0, word()};
}

const Key& process_key() noexcept {
  static const Key key = draw_key();
  return key;
}

struct State {
  std::uint64_t v0, v1, v2, v3;

  explicit State(const Key& key) noexcept
      : v0(key.k0 ^ 0x736F6D6570736575U),
        v1(key.k1 ^ 0x646F72616E646F6DU),
        v2(key.k0 ^ 0x6C7967656E657261U),
        v3(key.k1 ^ 0x7465646279746573U) {}

  void round() noexcept {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t keyed_hash(std::string_view text) noexcept {
  State state(process_key());
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    state.absorb(word);
  }
  std::uint64_t last = 0;
  if (left != 0) std::memcpy(&last, at, left);
  state.absorb(last ^ std::uint64_t{text.size()} << 56U);
  state.v2 ^= 0xFFU;
  state.round();
  state.round();
  state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace busrt::routing
