// A small state machine over tokens: the arguments themselves, and the words of an argument that is a
// command.
#include "masking.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <utility>

#include "busrt/base/words.hpp"
#include "mask_text.hpp"
#include "program_rules.hpp"
#include "secret_names.hpp"

namespace procmond {
namespace {

using busrt::base::base_name;
using busrt::base::is_blank;

/// How deep commands inside arguments are followed: sh -c "su -c 'mysql -px'" is two.
constexpr int nesting = 4;

bool looks_like_long_option(std::string_view token) {
  return token.size() > 2 && token.starts_with("--") &&
         std::isalpha(static_cast<unsigned char>(token[2])) != 0;
}

/// From the first separator to the end.
std::string mask_after(std::string_view value, char separator) {
  const std::size_t at = value.find(separator);
  if (at == std::string_view::npos || at + 1 == value.size()) return std::string(value);
  return std::string(value.substr(0, at + 1)).append(masked);
}

/// Between the first separator and the last @, which may be missing when `open_ended`.
std::string mask_before_host(std::string_view value, char separator, bool open_ended) {
  const std::size_t at = value.find(separator);
  const std::size_t sign = value.rfind('@');
  if (at == std::string_view::npos || at + 1 == value.size()) return std::string(value);
  if (sign == std::string_view::npos || sign < at) {
    return open_ended ? mask_after(value, separator) : std::string(value);
  }
  return std::string(value.substr(0, at + 1)).append(masked).append(value.substr(sign));
}

std::string mask_value(std::string_view value, SecretStyle style) {
  switch (style) {
    case SecretStyle::harmless:
      return std::string(value);
    case SecretStyle::after_colon:
      return mask_after(value, ':');
    case SecretStyle::after_percent:
      return mask_after(value, '%');
    case SecretStyle::after_comma:
      return mask_after(value, ',');
    case SecretStyle::userinfo:
      return mask_before_host(value, ':', false);
    case SecretStyle::logon:
      return mask_before_host(value, '/', true);
    default:
      return std::string(value.empty() ? value : masked);
  }
}

bool takes_next(SecretStyle style) {
  return style != SecretStyle::attached && style != SecretStyle::harmless;
}

class TokenMasker {
 public:
  explicit TokenMasker(int depth, std::string_view program = {}) : depth_(depth) { see_program(program); }

  std::string feed(std::string_view token) {
    const std::optional<SecretStyle> next = std::exchange(next_, std::nullopt);
    if (next && (*next != SecretStyle::next || !looks_like_long_option(token))) {
      // A proxy may be a URL, which has its own rule.
      if (*next != SecretStyle::userinfo || token.find("://") == std::string_view::npos) {
        return mask_value(token, *next);
      }
    }
    if (token.starts_with('-') && token.size() > 1) {
      if (auto done = by_program(token)) return *std::move(done);
      if (auto done = by_name(token)) return *std::move(done);
    } else {
      if (auto done = by_program(token)) return *std::move(done);
      see_program(token);
    }
    return inside(token);
  }

 private:
  void see_program(std::string_view token) {
    const std::string_view name = base_name(token);
    if (name.empty()) return;
    const auto found = std::ranges::find(program_rules(), name, &ProgramRule::program);
    if (found != program_rules().end()) program_ = found->program;
  }

  /// `-sSu...` as `-u...`, with what stood before in `bundle`.
  [[nodiscard]] std::string_view behind_switches(std::string_view token, std::string& bundle) const {
    const std::string_view switches = flags_without_value(program_);
    if (switches.empty() || token.size() < 3 || token[0] != '-' || token[1] == '-') return token;
    const std::size_t other = token.find_first_not_of(switches, 1);
    if (other == std::string_view::npos || other == 1) return token;
    bundle = token.substr(0, other);
    return token.substr(other);
  }

  std::optional<std::string> by_program(std::string_view token) {
    std::string bundle;
    const std::string_view behind = behind_switches(token, bundle);
    for (const ProgramRule& rule : program_rules()) {
      if (!rule.program.empty() && rule.program != program_) continue;
      if (rule.style == SecretStyle::logon) {
        const bool word = !token.empty() && token.find_first_of("-@/=") != 0;
        if (word && base_name(token) != program_ && token.find('/') != std::string_view::npos)
          return mask_value(token, rule.style);
        continue;
      }
      std::string_view flag = rule.flag;
      std::string_view found = token;
      if (!bundle.empty() && flag.size() == 2 && flag[0] == '-') {
        flag.remove_prefix(1);
        found = behind;
      }
      if (!found.starts_with(flag)) continue;
      if (auto done = by_rule(found, flag, rule.style)) {
        return found.data() == token.data() ? std::move(done) : bundle + *done;
      }
    }
    return std::nullopt;
  }

  /// `token` begins with `flag`. Nothing when it is another flag that only begins alike.
  std::optional<std::string> by_rule(std::string_view token, std::string_view flag, SecretStyle style) {
    const std::string_view rest = token.substr(flag.size());
    if (rest.empty()) {
      if (style == SecretStyle::attached) return std::nullopt;
      if (takes_next(style)) {
        const bool whole = style == SecretStyle::next || style == SecretStyle::attached_or_next;
        next_ = whole ? SecretStyle::next : style;
      }
      return std::string(token);
    }
    if (style == SecretStyle::next) return std::nullopt;
    const bool long_flag = flag.starts_with("--");
    if (long_flag && !rest.starts_with('=')) return std::nullopt;
    const std::string_view value = long_flag ? rest.substr(1) : rest;
    if (style == SecretStyle::userinfo && value.find("://") != std::string_view::npos) return std::nullopt;
    return std::string(token.substr(0, token.size() - value.size())).append(mask_value(value, style));
  }

  std::optional<std::string> by_name(std::string_view token) {
    const std::size_t equals = token.find('=');
    const std::string_view flag = token.substr(0, equals);
    const std::size_t dashes = std::min(flag.find_first_not_of('-'), flag.size());
    const std::string_view name = flag.substr(dashes);
    const bool plain = std::ranges::none_of(name, is_blank);
    // One letter after one dash is never in the table, so short flags fall through here.
    if (!plain || !is_secret_flag(name)) return std::nullopt;
    if (equals == std::string_view::npos) {
      next_ = SecretStyle::next;
      return std::string(token);
    }
    if (equals + 1 == token.size()) return std::string(token);
    return std::string(flag).append("=").append(masked);
  }

  /// The rules that look inside a token, and the words of a token that is a command.
  [[nodiscard]] std::string inside(std::string_view token) const;

  int depth_;
  std::optional<SecretStyle> next_;  ///< of the token that comes next
  std::string_view program_;
};

/// End of the word that begins at `from`: the next blank outside quotes.
std::size_t word_end(std::string_view text, std::size_t from) {
  char quote = 0;
  for (std::size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++i;
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (is_blank(c)) {
      return i;
    }
  }
  return text.size();
}

/// The words of a command, each masked, with the blanks between them as they were.
std::string mask_words(std::string_view text, int depth) {
  TokenMasker masker(depth);
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_blank(text[at])) {
      result.push_back(text[at++]);
      continue;
    }
    const std::size_t end = word_end(text, at);
    std::string_view word = text.substr(at, end - at);
    at = end;
    const bool quoted = word.size() >= 2 && word.front() == word.back() &&
                        (word.front() == '"' || word.front() == '\'') &&
                        word.find(word.front(), 1) == word.size() - 1;
    if (!quoted) {
      result.append(masker.feed(word));
      continue;
    }
    const char quote = word.front();
    result.push_back(quote);
    result.append(masker.feed(word.substr(1, word.size() - 2)));
    result.push_back(quote);
  }
  return result;
}

std::string TokenMasker::inside(std::string_view token) const {
  std::string text(token);
  mask_header(text);
  mask_authorization(text);
  mask_urls(text);
  mask_json_members(text);
  const bool command = std::ranges::any_of(text, is_blank);
  if (command && depth_ < nesting) text = mask_words(text, depth_ + 1);
  mask_pairs(text);
  return text;
}

}  // namespace

void mask_arguments(std::string_view program, std::vector<std::string>& args) {
  TokenMasker masker(0, program);
  for (std::string& arg : args) arg = masker.feed(arg);
}

}  // namespace procmond
