// Connection strings: the one place that knows which text names which transport. Broker and client both parse
// with it; nothing is opened here.
#include "busrt/address.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "transport/ipc_target.hpp"

namespace busrt {
namespace {

using Scheme = Address::Scheme;

constexpr unsigned http_port = 80;
constexpr unsigned https_port = 443;

/// What people may write; inproc:// is for programs that hold a broker.
constexpr std::string_view expected_of_brokers =
    "expected a socket path (/run/app/bus.sock), ipc://PATH, HOST:PORT, fifo:PATH, tcp://HOST:PORT, "
    "ws://HOST:PORT, wss://HOST:PORT, fd:N or systemd:NAME";
constexpr std::string_view expected_of_clients =
    "expected a socket path (/run/app/bus.sock), ipc://PATH, HOST:PORT, tcp://HOST:PORT, ws://HOST:PORT, "
    "wss://HOST:PORT or fd:N";

/// The text that is read, and what errors say was expected.
struct Whole {
  std::string_view text;
  std::string_view expectation;
};

std::unexpected<Error> refuse(const Whole& whole, std::string_view reason) {
  std::string message = "address '";
  message.append(whole.text).append("': ").append(reason);
  return fail(errc::bad_address, std::move(message));
}

std::unexpected<Error> refuse_with_expectation(const Whole& whole, const std::string& reason) {
  return refuse(whole, reason + ", " + std::string(whole.expectation));
}

/// SCHEME:/PATH, SCHEME:NAME.sock and SCHEME:NAME with a scheme that is none of ours. One letter is a drive
/// of Windows, and what begins with a digit was meant for a port.
std::string_view foreign_scheme(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon < 2) return {};
  const std::string_view scheme = text.substr(0, colon);
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.'; };
  if (std::isalpha(static_cast<unsigned char>(scheme.front())) == 0 || !std::ranges::all_of(scheme, fits))
    return {};
  const std::string_view rest = text.substr(colon + 1);
  const bool names =
      !rest.empty() && (rest.front() == '/' || std::isalpha(static_cast<unsigned char>(rest.front())) != 0);
  return names || looks_like_path(text) ? scheme : std::string_view();
}

/// Removes `prefix` from the front of `text`, if it stands there.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Result<Address> ipc_address(const Whole& whole, Target target) {
  if (!target) return refuse(whole, target.error());
  return Address{Scheme::unix_socket, *std::move(target), 0};
}

std::optional<unsigned> parse_port(std::string_view digits) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0 || port > 65535)
    return std::nullopt;
  return port;
}

bool is_descriptor(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} && end == digits.data() + digits.size() && number >= 0;
}

/// HOST:PORT or [IPV6]:PORT. `default_port` 0: the port has to be there.
Result<Address> parse_host_port(const Whole& whole, Scheme scheme, std::string_view text,
                                unsigned default_port) {
  std::string_view host = text;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return refuse(whole, "the IPv6 address lacks its closing bracket");
    host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':'))
      return refuse(whole, "expected a colon after the closing bracket");
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    rest = text.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos) {
      return refuse(whole, "more than one colon; write an IPv6 address in brackets, [::1]:7777");
    }
  }
  if (host.empty()) return refuse(whole, "the host is empty");
  if (host.find_first_of(" \t/\\") != std::string_view::npos) return refuse(whole, whole.expectation);
  if (rest.empty() && default_port != 0) return Address{scheme, std::string(host), default_port};
  if (rest.empty()) return refuse(whole, "the port is missing, expected HOST:PORT");
  const auto port = parse_port(rest.substr(1));
  if (!port) return refuse(whole, "the port has to be a number from 1 to 65535");
  return Address{scheme, std::string(host), *port};
}

Result<Address> parse_websocket(const Whole& whole, Scheme scheme, std::string_view text,
                                unsigned default_port) {
  const auto slash = text.find('/');
  if (slash != std::string_view::npos && slash + 1 != text.size()) {
    return refuse(whole, "a path after the host is not supported, expected HOST:PORT");
  }
  return parse_host_port(whole, scheme, text.substr(0, slash), default_port);
}

Result<Address> parse_scheme(const Whole& whole, std::string_view scheme, std::string_view rest,
                             const std::filesystem::path& runtime_directory) {
  if (scheme == "ipc") return ipc_address(whole, ipc_target(rest, runtime_directory));
  if (scheme == "tcp") return parse_host_port(whole, Scheme::tls_tcp, rest, 0);
  if (scheme == "ws") return parse_websocket(whole, Scheme::websocket, rest, http_port);
  if (scheme == "wss") return parse_websocket(whole, Scheme::secure_websocket, rest, https_port);
  if (scheme != "inproc") {
    return refuse_with_expectation(whole, "unknown scheme '" + std::string(scheme) + "://'");
  }
  if (rest.empty()) return refuse(whole, "the name is empty");
  return Address{Scheme::inproc, std::string(rest), 0};
}

Result<Address> parse_whole(const Whole& whole, const std::filesystem::path& runtime_directory) {
  const std::string_view text = whole.text;
  if (text.empty()) return refuse_with_expectation(whole, "empty");
  if (text.contains('\0')) return refuse({text.substr(0, text.find('\0')), {}}, "contains a zero byte");
  if (text.starts_with('~')) {
    return refuse(whole,
                  "~ is expanded by a shell, and only where it begins an unquoted word; write the path");
  }
  std::string_view rest = text;
  if (take_prefix(rest, "fifo:")) {
    if (rest.empty() || rest.ends_with('/')) return refuse(whole, "the path is missing, expected fifo:PATH");
    return Address{Scheme::fifo, std::string(rest), 0};
  }
  if (take_prefix(rest, "fd:")) {
    if (!is_descriptor(rest)) return refuse(whole, "expected fd:N with a descriptor's number");
    return Address{Scheme::descriptor, std::string(rest), 0};
  }
  if (take_prefix(rest, "systemd:")) return Address{Scheme::systemd, std::string(rest), 0};
  // A path may contain anything, so what begins with / is one whatever follows.
  if (!text.starts_with('/')) {
    if (const auto mark = text.find("://"); mark != std::string_view::npos) {
      return parse_scheme(whole, text.substr(0, mark), text.substr(mark + 3), runtime_directory);
    }
  }
  if (const auto scheme = foreign_scheme(text); !scheme.empty()) {
    return refuse_with_expectation(whole, "unknown scheme '" + std::string(scheme) + ":'");
  }
  if (looks_like_path(text)) return ipc_address(whole, path_target(text));
  if (!text.contains(':')) return refuse(whole, whole.expectation);
  return parse_host_port(whole, Scheme::plain_tcp, text, 0);
}

}  // namespace

Result<Address> Address::parse(std::string_view text, const std::filesystem::path& runtime_directory) {
  return parse_whole({text, expected_of_brokers}, runtime_directory);
}

Result<Address> Address::parse_for_client(std::string_view text,
                                          const std::filesystem::path& runtime_directory) {
  const Whole whole{text, expected_of_clients};
  auto address = parse_whole(whole, runtime_directory);
  if (!address) return address;
  switch (address->scheme) {
    case Scheme::fifo:
      return refuse_with_expectation(whole, "a fifo is for scripts, clients cannot connect to it");
    case Scheme::systemd:
      return refuse_with_expectation(whole, "only brokers take sockets from systemd");
    default:
      return address;
  }
}

}  // namespace busrt
