// MessagePack through msgpuck, which has no allocator and no opinion: it checks, it reads and writes one
// token at a time.
#include <msgpuck.h>

#include <boost/json/serialize.hpp>
#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "busrt/base/utf8.hpp"
#include "busrt/limits.hpp"
#include "busrt/msgpack.hpp"
#include "msgpack/value_size.hpp"

namespace busrt::msgpack {

namespace {

namespace json = boost::json;

/// Longest encoding of a number or of a header.
constexpr std::size_t max_token_bytes = 9;

class Encoder {
 public:
  std::vector<std::byte> take() && { return std::move(out_); }

  void value(const json::value& value) {
    switch (value.kind()) {
      case json::kind::null:
        token(mp_encode_nil);
        break;
      case json::kind::bool_:
        token(mp_encode_bool, value.get_bool());
        break;
      case json::kind::int64:
        // msgpuck's mp_encode_int is for negative numbers alone.
        if (value.get_int64() < 0) {
          token(mp_encode_int, value.get_int64());
        } else {
          token(mp_encode_uint, static_cast<std::uint64_t>(value.get_int64()));
        }
        break;
      case json::kind::uint64:
        token(mp_encode_uint, value.get_uint64());
        break;
      case json::kind::double_:
        token(mp_encode_double, value.get_double());
        break;
      case json::kind::string:
        text(value.get_string());
        break;
      case json::kind::array:
        token(mp_encode_array, static_cast<std::uint32_t>(value.get_array().size()));
        for (const json::value& element : value.get_array()) this->value(element);
        break;
      case json::kind::object:
        token(mp_encode_map, static_cast<std::uint32_t>(value.get_object().size()));
        for (const auto& member : value.get_object()) {
          text(member.key());
          this->value(member.value());
        }
        break;
    }
  }

 private:
  template <class Encode, class... Args>
  void token(Encode encode, Args... args) {
    char buffer[max_token_bytes];
    const char* const end = encode(buffer, args...);
    append(buffer, static_cast<std::size_t>(end - buffer));
  }
  void text(std::string_view text) {
    token(mp_encode_strl, static_cast<std::uint32_t>(text.size()));
    append(text.data(), text.size());
  }
  void append(const char* data, std::size_t size) {
    const auto* const bytes = reinterpret_cast<const std::byte*>(data);
    out_.insert(out_.end(), bytes, bytes + size);
  }

  std::vector<std::byte> out_;
};

/// Reads what value_size() has found to be complete, so no length needs to be looked at again. False:
/// refused, see why().
class Decoder {
 public:
  explicit Decoder(const char* at) : at_(at) {}

  [[nodiscard]] const char* why() const noexcept { return why_; }

  bool value(json::value& out, std::size_t depth) {
    switch (mp_typeof(*at_)) {
      case MP_NIL:
        mp_decode_nil(&at_);
        out = nullptr;
        return true;
      case MP_BOOL:
        out = mp_decode_bool(&at_);
        return true;
      case MP_UINT:
        out = mp_decode_uint(&at_);
        return true;
      case MP_INT:
        out = mp_decode_int(&at_);
        return true;
      case MP_FLOAT:
        out = static_cast<double>(mp_decode_float(&at_));
        return true;
      case MP_DOUBLE:
        out = mp_decode_double(&at_);
        return true;
      case MP_STR:
        return string(out);
      case MP_BIN: {
        std::uint32_t length = 0;
        const char* const data = mp_decode_bin(&at_, &length);
        out = byte_array(data, length);
        return true;
      }
      case MP_ARRAY:
        return array(out, depth);
      case MP_MAP:
        return map(out, depth);
      case MP_EXT:
        extension(out);
        return true;
    }
    return refuse("a type that MessagePack does not have");
  }

 private:
  bool refuse(const char* why) {
    why_ = why;
    return false;
  }

  bool string(json::value& out) {
    std::uint32_t length = 0;
    const char* const data = mp_decode_str(&at_, &length);
    const std::string_view text(data, length);
    if (!base::valid_utf8(text)) return refuse("a string that is not UTF-8");
    out = json::string(text);
    return true;
  }

  bool array(json::value& out, std::size_t depth) {
    if (depth >= limits::max_msgpack_depth) return refuse("nested too deeply");
    const std::uint32_t count = mp_decode_array(&at_);
    json::array& elements = out.emplace_array();
    // Every element has a byte at least, and value_size() has seen it.
    elements.resize(count);
    for (json::value& element : elements) {
      if (!value(element, depth + 1)) return false;
    }
    return true;
  }

  bool map(json::value& out, std::size_t depth) {
    if (depth >= limits::max_msgpack_depth) return refuse("nested too deeply");
    const std::uint32_t count = mp_decode_map(&at_);
    json::object& members = out.emplace_object();
    for (std::uint32_t i = 0; i < count; ++i) {
      json::value key;
      if (!value(key, depth + 1)) return false;
      json::value& member = members[key.is_string() ? std::string(key.get_string()) : json::serialize(key)];
      if (!value(member, depth + 1)) return false;
    }
    return true;
  }

  static json::array byte_array(const char* data, std::size_t length) {
    json::array bytes;
    bytes.reserve(length);
    for (std::size_t i = 0; i < length; ++i) bytes.emplace_back(static_cast<unsigned char>(data[i]));
    return bytes;
  }

  /// msgpuck skips extensions but does not read them.
  void extension(json::value& out) {
    const auto tag = static_cast<unsigned char>(*at_++);
    std::size_t length = 0;
    if (tag >= 0xD4U) {
      length = std::size_t{1} << (tag - 0xD4U);
    } else {
      const std::size_t width = std::size_t{1} << (tag - 0xC7U);
      for (std::size_t i = 0; i < width; ++i) length = length << 8U | static_cast<unsigned char>(*at_++);
    }
    const auto type = static_cast<signed char>(*at_++);
    out = {{"type", type}, {"data", byte_array(at_, length)}};
    at_ += length;
  }

  const char* at_;
  const char* why_ = nullptr;
};

}  // namespace

std::vector<std::byte> encode(const json::value& value) {
  Encoder encoder;
  encoder.value(value);
  return std::move(encoder).take();
}

Result<json::value> decode(std::span<const std::byte> bytes) {
  if (bytes.empty()) return fail(errc::data, "MessagePack: no value");
  const auto size = value_size(bytes, limits::max_msgpack_depth);
  if (!size) return fail(errc::data, "MessagePack: malformed, cut short or nested too deeply");
  if (*size != bytes.size()) {
    return fail(errc::data,
                "MessagePack: " + std::to_string(bytes.size() - *size) + " bytes after the value");
  }
  const auto* const begin = reinterpret_cast<const char*>(bytes.data());
  try {
    json::value value;
    Decoder decoder(begin);
    if (!decoder.value(value, 0)) return fail(errc::data, std::string("MessagePack: ") + decoder.why());
    return value;
  } catch (const std::bad_alloc&) {
    return fail(errc::too_large, "MessagePack: not enough memory for the value");
  }
}

}  // namespace busrt::msgpack
