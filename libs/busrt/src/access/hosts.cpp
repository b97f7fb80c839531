// Numeric addresses and their prefixes, by hand: no resolver and no socket header belongs in this room, and
// what the system's parsers take besides (octal, short forms) has no place in a rule.
#include <algorithm>
#include <charconv>
#include <string>

#include "busrt/access.hpp"

namespace busrt {

namespace {

using Bytes = std::array<std::uint8_t, 16>;

constexpr std::size_t v4_offset = 12;  ///< where an IPv4 address lies within its mapped form
constexpr unsigned v4_prefix_offset = 96;

/// Takes a number that is at most `most` from the front; false where there is none, or one with a leading
/// zero in decimal, which others read as octal.
bool take_number(std::string_view& text, unsigned& number, unsigned most, int base) {
  const std::size_t longest = base == 16 ? 4 : 3;
  const std::string_view head = text.substr(0, longest);
  const auto [end, problem] = std::from_chars(head.data(), head.data() + head.size(), number, base);
  if (problem != std::errc{} || number > most) return false;
  const auto digits = static_cast<std::size_t>(end - head.data());
  if (base == 10 && digits > 1 && text.front() == '0') return false;
  text.remove_prefix(digits);
  return true;
}

bool parse_v4(std::string_view text, std::uint8_t* into) {
  for (int part = 0; part < 4; ++part) {
    if (part != 0) {
      if (!text.starts_with('.')) return false;
      text.remove_prefix(1);
    }
    unsigned number = 0;
    if (!take_number(text, number, 255, 10)) return false;
    *into++ = static_cast<std::uint8_t>(number);
  }
  return text.empty();
}

/// Groups from the left until the text or a "::" ends; returns how many bytes they fill, or nothing.
std::optional<std::size_t> parse_groups(std::string_view text, std::array<std::uint8_t, 16>& into) {
  std::size_t filled = 0;
  while (!text.empty()) {
    if (filled != 0) {
      if (!text.starts_with(':')) return std::nullopt;
      text.remove_prefix(1);
    }
    if (text.find(':') == std::string_view::npos && text.find('.') != std::string_view::npos) {
      if (filled > v4_offset || !parse_v4(text, into.data() + filled)) return std::nullopt;
      return filled + 4;
    }
    unsigned number = 0;
    if (filled == into.size() || !take_number(text, number, 0xFFFF, 16)) return std::nullopt;
    into[filled++] = static_cast<std::uint8_t>(number >> 8U);
    into[filled++] = static_cast<std::uint8_t>(number & 0xFFU);
  }
  return filled;
}

std::optional<Bytes> parse_v6(std::string_view text) {
  Bytes address{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto filled = parse_groups(text, address);
    return filled == address.size() ? std::optional(address) : std::nullopt;
  }
  Bytes tail{};
  // An IPv4 address may stand at the end alone.
  if (text.substr(0, gap).find('.') != std::string_view::npos) return std::nullopt;
  const auto before = parse_groups(text.substr(0, gap), address);
  const auto after = parse_groups(text.substr(gap + 2), tail);
  // "::" stands for at least one group.
  if (!before || !after || *before + *after > address.size() - 2) return std::nullopt;
  std::copy_n(tail.begin(), *after, address.end() - static_cast<std::ptrdiff_t>(*after));
  return address;
}

std::optional<Bytes> parse_address(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  Bytes address{};
  address[10] = 0xFF;
  address[11] = 0xFF;
  return parse_v4(text, address.data() + v4_offset) ? std::optional(address) : std::nullopt;
}

/// The bits of byte `at` that a prefix of `bits` bits covers.
std::uint8_t covered(unsigned bits, std::size_t at) noexcept {
  const auto before = static_cast<unsigned>(at) * 8;
  if (bits <= before) return 0;
  const unsigned inside = std::min(bits - before, 8U);
  return static_cast<std::uint8_t>(0xFFU << (8 - inside));
}

}  // namespace

Result<AccessHosts> AccessHosts::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return fail(errc::data, "expected an IPv4 or IPv6 address, or one with /BITS");
  AccessHosts hosts{.address = *address};
  if (slash == std::string_view::npos) return hosts;
  const bool v6 = text.find(':') != std::string_view::npos;
  const unsigned most = v6 ? 128 : 32;
  std::string_view rest = text.substr(slash + 1);
  unsigned bits = 0;
  if (!take_number(rest, bits, most, 10) || !rest.empty()) {
    return fail(errc::data, v6 ? "expected /0 to /128 after an IPv6 address"
                               : "expected /0 to /32 after an IPv4 address");
  }
  hosts.prefix_bits = v6 ? bits : bits + v4_prefix_offset;
  for (std::size_t at = 0; at < hosts.address.size(); ++at) {
    if ((hosts.address[at] & ~covered(hosts.prefix_bits, at)) != 0) {
      return fail(errc::data, "the address has bits after its prefix of /" + std::to_string(bits) +
                                  "; write the network's own address, or leave the prefix out for one host");
    }
  }
  return hosts;
}

bool AccessHosts::contains(std::string_view host) const noexcept {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto other = parse_address(host.substr(0, host.find('%')));
  if (!other) return false;
  for (std::size_t at = 0; at < address.size(); ++at) {
    if (((address[at] ^ (*other)[at]) & covered(prefix_bits, at)) != 0) return false;
  }
  return true;
}

}  // namespace busrt
