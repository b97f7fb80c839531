// A small state machine over tokens: the arguments themselves, and the words of an argument that is a
// command.
#include "masking.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <optional>
#include <utility>

#include "mask_text.hpp"
#include "secret_names.hpp"
#include "text.hpp"

namespace procmond {
namespace {

using namespace std::string_view_literals;

/// How deep commands inside arguments are followed: sh -c "su -c 'mysql -px'" is two.
constexpr int nesting = 4;

enum class Style {
  attached,          ///< -pSECRET; -p alone means something else
  attached_or_next,  ///< -pSECRET and -p SECRET
  user_and_secret,   ///< -u NAME:SECRET
};

struct ProgramRule {
  std::string_view program;
  std::string_view flag;
  Style style;
};

constexpr std::array rules = {
    ProgramRule{"mysql"sv, "-p"sv, Style::attached},
    ProgramRule{"mysqldump"sv, "-p"sv, Style::attached},
    ProgramRule{"mysqladmin"sv, "-p"sv, Style::attached},
    ProgramRule{"mysqlimport"sv, "-p"sv, Style::attached},
    ProgramRule{"mysqlcheck"sv, "-p"sv, Style::attached},
    ProgramRule{"mysqlshow"sv, "-p"sv, Style::attached},
    ProgramRule{"mysqlbinlog"sv, "-p"sv, Style::attached},
    ProgramRule{"mysqlslap"sv, "-p"sv, Style::attached},
    ProgramRule{"mariadb"sv, "-p"sv, Style::attached},
    ProgramRule{"mariadb-dump"sv, "-p"sv, Style::attached},
    ProgramRule{"mariadb-admin"sv, "-p"sv, Style::attached},
    ProgramRule{"mariadb-import"sv, "-p"sv, Style::attached},
    ProgramRule{"mariadb-check"sv, "-p"sv, Style::attached},
    ProgramRule{"mariadb-show"sv, "-p"sv, Style::attached},
    ProgramRule{"mariadb-binlog"sv, "-p"sv, Style::attached},
    ProgramRule{"sshpass"sv, "-p"sv, Style::attached_or_next},
    ProgramRule{"redis-cli"sv, "-a"sv, Style::attached_or_next},
    ProgramRule{"ldapsearch"sv, "-w"sv, Style::attached_or_next},
    ProgramRule{"ldapmodify"sv, "-w"sv, Style::attached_or_next},
    ProgramRule{"ldapadd"sv, "-w"sv, Style::attached_or_next},
    ProgramRule{"ldapdelete"sv, "-w"sv, Style::attached_or_next},
    ProgramRule{"ldapwhoami"sv, "-w"sv, Style::attached_or_next},
    ProgramRule{"ldappasswd"sv, "-w"sv, Style::attached_or_next},
    ProgramRule{"curl"sv, "-u"sv, Style::user_and_secret},
    ProgramRule{"curl"sv, "-U"sv, Style::user_and_secret},
    ProgramRule{"curl"sv, "--user"sv, Style::user_and_secret},
    ProgramRule{"curl"sv, "--proxy-user"sv, Style::user_and_secret},
};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool looks_like_long_option(std::string_view token) {
  return token.size() > 2 && token.starts_with("--") &&
         std::isalpha(static_cast<unsigned char>(token[2])) != 0;
}

std::string mask_after_colon(std::string_view value) {
  const std::size_t colon = value.find(':');
  if (colon == std::string_view::npos || colon + 1 == value.size()) return std::string(value);
  return std::string(value.substr(0, colon + 1)).append(masked);
}

class TokenMasker {
 public:
  explicit TokenMasker(int depth, std::string_view program = {}) : depth_(depth) { see_program(program); }

  std::string feed(std::string_view token) {
    const Next next = std::exchange(next_, Next::ordinary);
    if (next == Next::user_and_secret) return mask_after_colon(token);
    if (next == Next::secret && !looks_like_long_option(token))
      return std::string(token.empty() ? token : masked);
    if (token.starts_with('-') && token.size() > 1) {
      if (auto done = by_program(token)) return *std::move(done);
      if (auto done = by_name(token)) return *std::move(done);
    } else {
      see_program(token);
    }
    return inside(token);
  }

 private:
  enum class Next { ordinary, secret, user_and_secret };

  void see_program(std::string_view token) {
    const std::string_view name = base_name(token);
    const auto found = std::ranges::find(rules, name, &ProgramRule::program);
    if (found != rules.end()) program_ = found->program;
  }

  std::optional<std::string> by_program(std::string_view token) {
    for (const ProgramRule& rule : rules) {
      if (rule.program != program_ || !token.starts_with(rule.flag)) continue;
      const bool long_flag = rule.flag.starts_with("--");
      std::string_view rest = token.substr(rule.flag.size());
      if (rest.empty()) {
        if (rule.style == Style::attached) return std::nullopt;
        next_ = rule.style == Style::attached_or_next ? Next::secret : Next::user_and_secret;
        return std::string(token);
      }
      if (long_flag && !rest.starts_with('=')) continue;
      if (rule.style == Style::user_and_secret) return std::string(rule.flag).append(mask_after_colon(rest));
      return std::string(rule.flag).append(masked);
    }
    return std::nullopt;
  }

  std::optional<std::string> by_name(std::string_view token) {
    const std::size_t equals = token.find('=');
    const std::string_view flag = token.substr(0, equals);
    const std::size_t dashes = std::min(flag.find_first_not_of('-'), flag.size());
    const std::string_view name = flag.substr(dashes);
    const bool plain = std::ranges::none_of(name, is_blank);
    // One letter after one dash is never in the table, so short flags fall through here.
    if (!plain || !is_secret_name(name)) return std::nullopt;
    if (equals == std::string_view::npos) {
      next_ = Next::secret;
      return std::string(token);
    }
    if (equals + 1 == token.size()) return std::string(token);
    return std::string(flag).append("=").append(masked);
  }

  /// The rules that look inside a token, and the words of a token that is a command.
  [[nodiscard]] std::string inside(std::string_view token) const;

  int depth_;
  Next next_ = Next::ordinary;
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
