// Each rule walks the text once; a rule that replaced something goes on behind its replacement.
#include "mask_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "busrt/base/words.hpp"
#include "masking.hpp"
#include "secret_names.hpp"

namespace procmond {
namespace {

using busrt::base::is_blank;

constexpr std::size_t npos = std::string::npos;
/// A user part of a URL as long as this is taken for a token (the shortest common ones have 20 bytes).
constexpr std::size_t token_bytes = 20;

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
}

/// Where the run of name characters that ends before `end` begins.
std::size_t name_begin(std::string_view text, std::size_t end) {
  while (end > 0 && is_name_char(text[end - 1])) --end;
  return end;
}

/// Whether what stands before an equals sign names a secret. A definition may stick to its one-letter flag:
/// -Dapi.key=x.
bool defines_secret(std::string_view name, std::string_view value) {
  const std::size_t dashes = std::min(name.find_first_not_of('-'), name.size());
  name.remove_prefix(dashes);
  return is_secret_pair(name, value) || (dashes == 1 && name.size() > 1 && is_secret_name(name.substr(1)));
}

/// Replaces [from, to) and returns where the text goes on behind it.
std::size_t replace(std::string& text, std::size_t from, std::size_t to) {
  if (from >= to) return from;
  text.replace(from, to - from, masked);
  return from + masked.size();
}

/// A word that says how a credential is written, and is none itself.
bool is_scheme(std::string_view word) {
  constexpr std::array<std::string_view, 8> schemes = {"basic",  "bearer",    "digest", "token",
                                                       "apikey", "negotiate", "ntlm",   "aws4-hmac-sha256"};
  std::string lower(word);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::ranges::find(schemes, lower) != schemes.end();
}

std::size_t find_ignoring_case(std::string_view text, std::string_view lower, std::size_t from) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(std::min(from, text.size()));
  const auto found = std::search(begin, text.end(), lower.begin(), lower.end(), same);
  return found == text.end() ? npos : static_cast<std::size_t>(found - text.begin());
}

}  // namespace

void mask_urls(std::string& text) {
  for (std::size_t at = text.find("://"); at != npos; at = text.find("://", at)) {
    const std::string_view view = text;
    const std::size_t scheme = name_begin(view, at);
    const bool web =
        view.substr(scheme, at - scheme) == "http" || view.substr(scheme, at - scheme) == "https";
    at += 3;
    const std::size_t end = std::min(view.find_first_of("/?# \t\r\n\"'", at), view.size());
    const std::size_t sign = view.substr(at, end - at).rfind('@');
    if (sign == npos) continue;
    const std::size_t colon = view.substr(at, sign).find(':');
    if (colon != npos) {
      at = replace(text, at + colon + 1, at + sign);
    } else if (web && sign >= token_bytes) {
      at = replace(text, at, at + sign);
    }
  }
}

void mask_authorization(std::string& text) {
  constexpr std::string_view name = "authorization:";
  for (std::size_t at = find_ignoring_case(text, name, 0); at != npos;
       at = find_ignoring_case(text, name, at)) {
    at += name.size();
    const std::size_t end = std::min(text.find_first_of("\"'\r\n", at), text.size());
    std::size_t value = at;
    while (value < end && is_blank(text[value])) ++value;
    const std::size_t scheme_end = text.find(' ', value);
    if (scheme_end < end && is_scheme(std::string_view(text).substr(value, scheme_end - value))) {
      value = scheme_end + 1;
    }
    at = replace(text, value, end);
  }
}

void mask_header(std::string& text) {
  std::size_t begin = 0;
  if (text.starts_with("-H")) begin = 2;
  if (text.starts_with("--header=")) begin = 9;
  if (begin < text.size() && (text[begin] == '"' || text[begin] == '\'')) ++begin;
  const std::size_t colon = text.find(':', begin);
  if (colon == npos || colon == begin || colon + 1 >= text.size()) return;
  const std::string_view name = std::string_view(text).substr(begin, colon - begin);
  if (!std::ranges::all_of(name, is_name_char) || !is_secret_name(name)) return;
  if (text.compare(colon, 3, "://") == 0) return;
  if (find_ignoring_case(name, "authorization", 0) != npos) {
    mask_authorization(text);
    return;
  }
  std::size_t value = colon + 1;
  while (value < text.size() && is_blank(text[value])) ++value;
  replace(text, value, text.size());
}

void mask_json_members(std::string& text) {
  for (std::size_t at = text.find(':'); at != npos; at = text.find(':', at)) {
    std::size_t close = at++;
    while (close > 0 && is_blank(text[close - 1])) --close;
    if (close == 0) continue;
    const char quote = text[--close];
    if (quote != '"' && quote != '\'') continue;
    // In a shell's double quotes JSON's own are escaped: \"password\": \"x\".
    const bool escaped = close > 0 && text[close - 1] == '\\';
    const std::size_t name_end = escaped ? close - 1 : close;
    const std::size_t name = name_begin(text, name_end);
    if (name == name_end || !is_secret_name(std::string_view(text).substr(name, name_end - name))) continue;
    std::size_t value = at;
    while (value < text.size() && is_blank(text[value])) ++value;
    if (escaped && value < text.size() && text[value] == '\\') ++value;
    if (value < text.size() && text[value] == quote) {
      std::size_t end = ++value;
      while (end < text.size() && (text[end] != quote || (!escaped && text[end - 1] == '\\'))) ++end;
      if (escaped && end < text.size() && end > value && text[end - 1] == '\\') --end;
      at = replace(text, value, end);
    } else {
      at = replace(text, value, std::min(text.find_first_of(",} \t\r\n", value), text.size()));
    }
  }
}

void mask_pairs(std::string& text) {
  for (std::size_t at = text.find('='); at != npos; at = text.find('=', at)) {
    const std::size_t name = name_begin(text, at);
    const bool secret =
        defines_secret(std::string_view(text).substr(name, at - name), std::string_view(text).substr(at + 1));
    ++at;
    if (!secret) continue;
    if (name == 0) {
      replace(text, at, text.size());
      return;
    }
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
      const std::size_t end = std::min(text.find(text[at], at + 1), text.size());
      at = replace(text, at + 1, end);
    } else {
      at = replace(text, at, std::min(text.find_first_of(",;&# \t\r\n\"'", at), text.size()));
    }
  }
}

}  // namespace procmond
