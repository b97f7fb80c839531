#include "busrt/protocol.hpp"

#include <string>

#include "busrt/error.hpp"

namespace busrt {

std::string_view to_string(FrameKind kind) noexcept {
  switch (kind) {
    case FrameKind::nop:
      return "nop";
    case FrameKind::publish:
      return "publish";
    case FrameKind::message:
      return "message";
    case FrameKind::broadcast:
      return "broadcast";
    case FrameKind::ack:
      return "ack";
  }
  return "unknown";
}

std::string_view to_string(Op op) noexcept {
  switch (op) {
    case Op::nop:
      return "nop";
    case Op::publish:
      return "publish";
    case Op::subscribe:
      return "subscribe";
    case Op::unsubscribe:
      return "unsubscribe";
    case Op::exclude:
      return "exclude";
    case Op::unexclude:
      return "unexclude";
    case Op::publish_for:
      return "publish-for";
    case Op::message:
      return "message";
    case Op::broadcast:
      return "broadcast";
  }
  return "unknown";
}

namespace {
class Category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "busrt"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::ok:
        return "ok";
      case errc::not_registered:
        return "client not registered";
      case errc::data:
        return "invalid data";
      case errc::io:
        return "connection failed";
      case errc::other:
        return "other error";
      case errc::not_supported:
        return "not supported";
      case errc::busy:
        return "busy";
      case errc::not_delivered:
        return "not delivered";
      case errc::timeout:
        return "timed out";
      case errc::access:
        return "access denied";
      case errc::not_connected:
        return "not connected";
      case errc::would_block:
        return "a bounded buffer is full";
      case errc::too_large:
        return "over a size limit";
      case errc::closed:
        return "closed";
      case errc::bad_address:
        return "bad address";
      case errc::certificate_expired:
        return "certificate expired or not valid yet";
      case errc::certificate_name:
        return "certificate for another name";
      case errc::certificate_untrusted:
        return "certificate of an unknown authority";
      case errc::certificate_required:
        return "certificate required";
      case errc::certificate_revoked:
        return "certificate revoked, or no list to check it by";
      case errc::tls:
        return "TLS failed";
      case errc::not_sent:
        return "given up before it was sent";
    }
    return "unknown bus error " + std::to_string(value);
  }
};
}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

}  // namespace busrt
