// One form for all kinds: a fixed head, then name, text and arguments, each with its length.
#include "daemoneye_keeper/protocol/message.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace daemoneye_keeper {
namespace {

std::unexpected<busrt::base::Error> bad(std::string what) {
  return busrt::base::fail_errno(EBADMSG, "a message of the keeper's protocol: " + std::move(what));
}

class Writer {
 public:
  template <class Number>
    requires std::is_integral_v<Number>
  void number(Number value) {
    const auto* const first = reinterpret_cast<const std::byte*>(&value);
    bytes_.insert(bytes_.end(), first, first + sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    const auto* const first = reinterpret_cast<const std::byte*>(value.data());
    bytes_.insert(bytes_.end(), first, first + value.size());
  }
  [[nodiscard]] std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class Number>
    requires std::is_integral_v<Number>
  [[nodiscard]] bool number(Number& value) {
    if (rest_.size() < sizeof value) return false;
    std::memcpy(&value, rest_.data(), sizeof value);
    rest_ = rest_.subspan(sizeof value);
    return true;
  }
  [[nodiscard]] bool text(std::string& value) {
    std::uint32_t length = 0;
    if (!number(length) || rest_.size() < length) return false;
    value.assign(reinterpret_cast<const char*>(rest_.data()), length);
    rest_ = rest_.subspan(length);
    return true;
  }
  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

 private:
  std::span<const std::byte> rest_;
};

/// What exec and file names cannot hold.
bool has_zero(const std::string& text) {
  return text.find('\0') != std::string::npos;
}

/// Empty: the message keeps the limits.
std::string_view broken_limit(const Message& message) {
  if (message.name.size() > max_name_bytes || has_zero(message.name)) return "a name that is none";
  if (message.argv.size() > max_arguments) return "too many arguments";
  if (std::ranges::any_of(message.argv, has_zero)) return "an argument with a zero byte";
  return {};
}

}  // namespace

busrt::base::Result<std::vector<std::byte>> encode(const Message& message) {
  if (const auto broken = broken_limit(message); !broken.empty())
    return busrt::base::fail_errno(EINVAL, std::string(broken));
  Writer writer;
  writer.number(protocol_version);
  writer.number(static_cast<std::uint8_t>(message.kind));
  writer.number(message.serial);
  writer.number(message.number);
  writer.number(message.pid);
  writer.number(message.time);
  writer.text(message.name);
  writer.text(message.text);
  writer.number(static_cast<std::uint32_t>(message.argv.size()));
  for (const auto& argument : message.argv) writer.text(argument);
  auto bytes = writer.take();
  if (bytes.size() > max_message_bytes)
    return busrt::base::fail_errno(EMSGSIZE, "a message of the keeper's protocol");
  return bytes;
}

busrt::base::Result<Message> decode(std::span<const std::byte> bytes) {
  if (bytes.size() > max_message_bytes) return bad("too large");
  Reader reader(bytes);
  std::uint8_t version = 0;
  std::uint8_t kind = 0;
  if (!reader.number(version)) return bad("empty");
  if (version != protocol_version) {
    return busrt::base::fail_errno(EPROTONOSUPPORT, "version " + std::to_string(version) +
                                                        " of the keeper's protocol; this program has " +
                                                        std::to_string(protocol_version));
  }
  Message message;
  std::uint32_t arguments = 0;
  const bool whole = reader.number(kind) && reader.number(message.serial) && reader.number(message.number) &&
                     reader.number(message.pid) && reader.number(message.time) && reader.text(message.name) &&
                     reader.text(message.text) && reader.number(arguments);
  if (!whole) return bad("cut off");
  if (kind > last_kind) return bad("of an unknown kind");
  message.kind = static_cast<Kind>(kind);
  if (arguments > max_arguments) return bad("too many arguments");
  for (std::uint32_t i = 0; i < arguments; ++i) {
    if (!reader.text(message.argv.emplace_back())) return bad("cut off");
  }
  if (!reader.empty()) return bad("bytes left over");
  if (const auto broken = broken_limit(message); !broken.empty()) return bad(std::string(broken));
  return message;
}

std::size_t descriptors_of(Kind request) noexcept {
  return request == Kind::start || request == Kind::store ? 1 : 0;
}

std::string describe_end(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int number = WTERMSIG(wait_status);
    return "signal " + std::to_string(number) + " (" + ::strsignal(number) + ")";
  }
  return "exit code " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace daemoneye_keeper
