// One typed value at a time out of the layers of configuration, with the mistakes collected on the way.
#pragma once

#include <toml++/toml.h>

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/load_config.hpp"

namespace daemoneye_agent {

/// Reads keys by their dotted path. What was never asked for is unknown, and check_unknown() says so.
class SettingReader {
 public:
  /// `file` names the parsed file in messages. All three must outlive the reader.
  SettingReader(const toml::table& table, std::string file, const Environment& environment);

  /// A flag's value for a key, before everything else.
  void set_flag(std::string path, std::string flag, const std::optional<std::string>& value);
  /// A shorter environment name for a key, beside the one made from its path.
  void set_short_name(std::string path, std::string variable);

  /// A variable that is read elsewhere, so no warning about it.
  void expect_variable(std::string variable) { variables_.insert(std::move(variable)); }

  [[nodiscard]] Setting<std::string> text(const std::string& path, std::string fallback);
  /// The path of a file that may be absent; an empty text is a mistake.
  [[nodiscard]] Setting<std::optional<std::string>> file(const std::string& path);
  [[nodiscard]] Setting<bool> boolean(const std::string& path, bool fallback);
  [[nodiscard]] Setting<std::uint64_t> number(const std::string& path, std::uint64_t fallback,
                                              std::uint64_t least, std::uint64_t most);
  /// The index of the word in `words`.
  [[nodiscard]] Setting<std::size_t> word(const std::string& path, std::size_t fallback,
                                          std::span<const std::string_view> words);
  [[nodiscard]] Setting<std::vector<std::string>> texts(const std::string& path);
  [[nodiscard]] Setting<boost::json::object> json_object(const std::string& path);
  struct Key {
    std::string name;
    std::string origin;  ///< its place in the file
  };
  /// The keys of a table; marks the table itself as known.
  [[nodiscard]] std::vector<Key> table_keys(const std::string& path);
  /// The same with the places of the values, for a table that json_object() takes whole.
  [[nodiscard]] std::vector<Key> table_members(const std::string& path);

  /// A number with a unit in its type, from a key that names the unit (`..._ms`, `..._s`).
  template <class Duration>
  [[nodiscard]] Setting<Duration> duration(const std::string& path, Duration fallback, Duration least,
                                           Duration most) {
    const auto count = [](Duration value) { return static_cast<std::uint64_t>(value.count()); };
    const auto read = number(path, count(fallback), count(least), count(most));
    return {Duration(static_cast<typename Duration::rep>(read.value)), read.origin};
  }

  /// A mistake in a value that was read well, found by the caller.
  void reject(const std::string& path, const std::string& origin, const std::string& sentence);

  /// Adds an error for each key of the file that nobody asked for and for each value that stands where a
  /// table should, and a warning for each DAEMONEYE_ variable that nobody asked for.
  void check_unknown();

  [[nodiscard]] std::vector<std::string>& errors() noexcept { return errors_; }
  [[nodiscard]] std::vector<std::string>& warnings() noexcept { return warnings_; }

 private:
  struct Raw {
    std::string text;    ///< from a flag or the environment
    std::string origin;  ///< empty: neither
  };
  [[nodiscard]] Raw raw(const std::string& path);
  [[nodiscard]] const toml::node* node(const std::string& path);
  [[nodiscard]] std::string place(const toml::node& at) const;
  [[nodiscard]] std::string place(toml::source_position at) const;
  void wrong(const toml::node& at, const std::string& path, std::string_view expected);
  void wrong(const Raw& found, const std::string& path, std::string_view expected);
  void reject_non_finite(const toml::node& found, const std::string& path);
  void check_unknown_in(const toml::table& table, const std::string& prefix);

  const toml::table& table_;
  std::string file_;
  const Environment& environment_;
  std::map<std::string, std::pair<std::string, std::string>> flags_;  ///< path -> flag, value
  std::map<std::string, std::string> short_names_;                    ///< path -> variable
  std::set<std::string> known_;                   ///< paths asked for, and tables above them
  std::set<std::string> tables_;                  ///< those of them that must be tables
  std::set<std::string> whole_;                   ///< tables taken whole: any key goes
  std::set<std::string, std::less<>> variables_;  ///< environment names asked for
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

}  // namespace daemoneye_agent
