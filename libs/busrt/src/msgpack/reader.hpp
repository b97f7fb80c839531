// Reads a MessagePack value token by token, without building a tree: for params whose form is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace busrt::msgpack {

/// Reads the tokens of one value in order. A call for a kind of token returns nothing, and reads nothing, if
/// the next token is of another kind. Not thread-safe.
class Reader {
 public:
  /// Returns a reader at the front of `value`; nothing unless the bytes are exactly one well-formed value,
  /// nested at most limits::max_msgpack_depth levels deep. The bytes must outlive the reader and its views.
  [[nodiscard]] static std::optional<Reader> of(std::span<const std::byte> value) noexcept;

  /// Reads the head of a map. Returns the number of its entries; a key and a value of each follow.
  [[nodiscard]] std::optional<std::uint32_t> map() noexcept;
  [[nodiscard]] std::optional<std::string_view> string() noexcept;
  [[nodiscard]] std::optional<std::uint64_t> unsigned_integer() noexcept;
  /// Returns whether the token was nil.
  [[nodiscard]] bool nil() noexcept;
  /// Reads over one value of any kind, with everything in it.
  void skip() noexcept;

 private:
  explicit Reader(const char* at) noexcept : at_(at) {}

  const char* at_;
};

}  // namespace busrt::msgpack
