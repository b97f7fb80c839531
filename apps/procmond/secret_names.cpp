// The words. A word that ends in one of `endings` counts as well, for names without separators (PGPASSWORD).
#include "secret_names.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

namespace procmond {
namespace {

using namespace std::string_view_literals;

constexpr std::array words = {"auth"sv,        "authorization"sv, "bearer"sv, "cookie"sv,   "credential"sv,
                              "credentials"sv, "jwt"sv,           "otp"sv,    "passcode"sv, "passin"sv,
                              "passout"sv,     "passwords"sv,     "pin"sv,    "psk"sv,      "secret"sv,
                              "secrets"sv,     "token"sv,         "userpwd"sv};
constexpr std::array endings = {"password"sv,  "passwd"sv,     "passphrase"sv, "pass"sv,
                                "secret"sv,    "token"sv,      "apikey"sv,     "accesskey"sv,
                                "secretkey"sv, "privatekey"sv, "authkey"sv};
/// What ends in `pass` and is no password; its whole words do.
constexpr std::array no_pass = {"bypass"sv,   "compass"sv, "encompass"sv, "multipass"sv,
                                "overpass"sv, "surpass"sv, "trespass"sv,  "underpass"sv};
/// `key` is secret only after one of these: a bare --key is usually the name of something.
constexpr std::array key_owners = {"access"sv, "account"sv, "api"sv,     "auth"sv,   "encryption"sv,
                                   "hmac"sv,   "master"sv,  "private"sv, "secret"sv, "session"sv,
                                   "shared"sv, "signing"sv, "storage"sv};

template <class Array>
bool is_one_of(const Array& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool is_upper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool is_lower(char c) {
  return std::islower(static_cast<unsigned char>(c)) != 0;
}

/// Whether a word begins at `i` because of its capital: accessKey, APIKey.
bool begins_word(std::string_view name, std::size_t i) {
  if (i == 0 || !is_upper(name[i])) return false;
  if (!is_upper(name[i - 1])) return true;
  return i + 1 < name.size() && is_lower(name[i + 1]);
}

/// Lower-case words of a name.
std::vector<std::string> split_words(std::string_view name) {
  std::vector<std::string> result(1);
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool separator = c == '-' || c == '_' || c == '.';
    if ((separator || begins_word(name, i)) && !result.back().empty()) result.emplace_back();
    if (!separator) result.back().push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  }
  if (result.back().empty() && result.size() > 1) result.pop_back();
  return result;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  if (name.empty() || name.size() > 256) return false;
  const std::vector<std::string> parts = split_words(name);
  const std::string& last = parts.back();
  if (parts.front() == "no" || is_one_of(no_pass, last)) return false;
  if (is_one_of(words, last)) return true;
  if (std::ranges::any_of(endings, [&last](std::string_view ending) { return last.ends_with(ending); }))
    return true;
  // MYSQL_PWD, dbpwd; a bare pwd and OLDPWD are directories.
  if (last.ends_with("pwd") && last != "oldpwd" && (parts.size() > 1 || last != "pwd"))
    return parts.size() < 2 || parts[parts.size() - 2] != "old";
  if (parts.size() < 2 || last != "key") return false;
  return is_one_of(key_owners, parts[parts.size() - 2]);
}

bool is_secret_flag(std::string_view name) {
  return name == "pwd" || is_secret_name(name);
}

bool is_secret_pair(std::string_view name, std::string_view value) {
  if (is_secret_name(name)) return true;
  constexpr std::string_view pwd = "pwd";
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::ranges::equal(name, pwd, same) && !value.starts_with('/');
}

}  // namespace procmond
