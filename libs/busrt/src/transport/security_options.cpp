#include "transport/security_options.hpp"

#include <algorithm>
#include <charconv>

#include "busrt/limits.hpp"

namespace busrt {

namespace {

using Scheme = Address::Scheme;

bool is_alphanumeric(char letter) noexcept {
  return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z');
}

char lower(char letter) noexcept {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string joined(std::span<const std::string> addresses) {
  std::string text;
  for (const std::string& each : addresses) text += (text.empty() ? "" : ", ") + each;
  return text;
}

}  // namespace

std::string_view to_string(SecurityOption option) noexcept {
  switch (option) {
    case SecurityOption::token:
      return "token";
    case SecurityOption::certificate:
      return "tls.certificate";
    case SecurityOption::key:
      return "tls.key";
    case SecurityOption::authority:
      return "tls.authority";
    case SecurityOption::server_name:
      return "server_name";
    case SecurityOption::websocket_origins:
      return "websocket_origins";
    case SecurityOption::insecure_tcp:
      return "insecure_tcp";
    case SecurityOption::max_connections_per_uid:
      return "max_connections_per_uid";
    case SecurityOption::revocations:
      return "tls.revocations";
  }
  return "unknown";
}

bool speaks_websocket(const Address& address) noexcept {
  return address.scheme == Scheme::websocket || address.scheme == Scheme::secure_websocket;
}

bool speaks_tls(const Address& address) noexcept {
  return address.scheme == Scheme::tls_tcp || address.scheme == Scheme::secure_websocket;
}

bool may_be_plain_network(const Address& address) noexcept {
  return address.scheme == Scheme::plain_tcp || address.scheme == Scheme::websocket ||
         address.scheme == Scheme::descriptor || address.scheme == Scheme::systemd;
}

bool may_know_users(const Address& address) noexcept {
  return address.scheme == Scheme::unix_socket || address.scheme == Scheme::descriptor ||
         address.scheme == Scheme::systemd;
}

const char* token_problem(std::string_view token) noexcept {
  if (token.empty()) return "is empty; without the option no token is asked for";
  if (token.size() > limits::max_token_bytes) return "is longer than 4096 bytes";
  const auto is_control = [](char letter) {
    const auto byte = static_cast<unsigned char>(letter);
    return byte < 0x20 || byte == 0x7F;
  };
  if (std::ranges::any_of(token, is_control)) {
    return "holds a control character, which no HTTP request carries";
  }
  // HTTP removes them from a field's value, so that no client's token would fit.
  if (token.front() == ' ' || token.back() == ' ') return "begins or ends with a space";
  return nullptr;
}

std::optional<std::string> normal_origin(std::string_view text) {
  std::string origin(text);
  std::ranges::transform(origin, origin.begin(), lower);
  const std::size_t mark = origin.find("://");
  if (mark == std::string::npos || mark == 0) return std::nullopt;
  const std::string scheme = origin.substr(0, mark);
  std::string_view host = std::string_view(origin).substr(mark + 3);
  const auto fits_scheme = [](char letter) {
    return is_alphanumeric(letter) || letter == '+' || letter == '-' || letter == '.';
  };
  const auto fits_host = [](char letter) {
    return is_alphanumeric(letter) || std::string_view("-._[]:").contains(letter);
  };
  if (!std::ranges::all_of(scheme, fits_scheme) || host.empty() || !std::ranges::all_of(host, fits_host)) {
    return std::nullopt;
  }
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return origin;
  const std::string_view digits = host.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port > 65535 || colon == 0) {
    return std::nullopt;
  }
  const bool own_port = (scheme == "http" && port == 80) || (scheme == "https" && port == 443);
  if (own_port) origin.resize(origin.size() - digits.size() - 1);
  return origin;
}

std::optional<SecurityMisuse> find_malformed(std::span<const GivenOption> given) {
  for (const GivenOption& each : given) {
    if (!each.is_text) continue;
    if (each.option == SecurityOption::token) {
      if (const char* problem = token_problem(each.text)) return SecurityMisuse{each.option, problem};
    } else if (each.option == SecurityOption::websocket_origins) {
      if (!normal_origin(each.text)) {
        return SecurityMisuse{each.option, "is \"" + std::string(each.text) +
                                               "\", expected SCHEME://HOST or SCHEME://HOST:PORT"};
      }
    } else if (each.text.empty()) {
      return SecurityMisuse{each.option, "is empty; leave the option out where it is not meant"};
    }
  }
  return std::nullopt;
}

std::optional<SecurityMisuse> find_unused(std::span<const GivenOption> given,
                                          std::span<const std::string> addresses,
                                          const std::filesystem::path& runtime_directory) {
  for (const GivenOption& each : given) {
    const bool used = std::ranges::any_of(addresses, [&](const std::string& text) {
      const auto address = Address::parse(text, runtime_directory);
      return !address || each.serves(*address);
    });
    if (used) continue;
    return SecurityMisuse{each.option,
                          "has no effect at " + joined(addresses) + ": it is for " + std::string(each.place)};
  }
  return std::nullopt;
}

}  // namespace busrt
