// Conversions and messages; the precedence itself is raw(), then node(), then the fallback.
#include "config/setting_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>
#include <sstream>

#include "busrt/base/suggestion.hpp"

namespace daemoneye_agent {
namespace {

std::string variable_of(std::string_view path) {
  std::string name = "DAEMONEYE_";
  for (const char letter : path) {
    name += letter >= 'a' && letter <= 'z'   ? static_cast<char>(letter - 'a' + 'A')
            : letter == '.' || letter == '-' ? '_'
                                             : letter;
  }
  return name;
}

std::string describe(const toml::node& found) {
  std::ostringstream type;
  type << found.type();
  if (found.is_table() || found.is_array())
    return fmt::format("{} {}", found.is_array() ? "an" : "a", type.str());
  std::ostringstream value;
  found.visit([&value](const auto& concrete) {
    if constexpr (toml::is_value<decltype(concrete)>) value << concrete;
  });
  std::string shown = value.str();
  if (!shown.empty() && shown.front() == '\'') {
    shown.front() = '"';
    shown.back() = '"';
  }
  return fmt::format("{} ({})", shown, type.str());
}

boost::json::value to_json(const toml::node& found);

boost::json::object to_json_object(const toml::table& table) {
  boost::json::object object;
  for (const auto& [key, value] : table) object[std::string(key.str())] = to_json(value);
  return object;
}

boost::json::value to_json(const toml::node& found) {
  if (const auto* table = found.as_table()) return to_json_object(*table);
  if (const auto* array = found.as_array()) {
    boost::json::array values;
    for (const auto& item : *array) values.push_back(to_json(item));
    return values;
  }
  if (const auto* text = found.as_string()) return boost::json::value(text->get());
  if (const auto* number = found.as_integer()) return boost::json::value(number->get());
  if (const auto* real = found.as_floating_point()) return boost::json::value(real->get());
  if (const auto* truth = found.as_boolean()) return boost::json::value(truth->get());
  // JSON has no dates; their TOML text is what a collector gets.
  std::ostringstream text;
  found.visit([&text](const auto& concrete) {
    if constexpr (toml::is_value<decltype(concrete)>) text << concrete;
  });
  return boost::json::value(text.str());
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

SettingReader::SettingReader(const toml::table& table, std::string file, const Environment& environment)
    : table_(table), file_(std::move(file)), environment_(environment) {}

void SettingReader::set_flag(std::string path, std::string flag, const std::optional<std::string>& value) {
  if (value) flags_.emplace(std::move(path), std::pair(std::move(flag), *value));
}

void SettingReader::set_short_name(std::string path, std::string variable) {
  short_names_.emplace(std::move(path), std::move(variable));
}

SettingReader::Raw SettingReader::raw(const std::string& path) {
  const std::string variable = variable_of(path);
  variables_.insert(variable);
  const auto short_name = short_names_.find(path);
  if (short_name != short_names_.end()) variables_.insert(short_name->second);
  if (const auto flag = flags_.find(path); flag != flags_.end())
    return {flag->second.second, flag->second.first};
  for (const std::string& name :
       {short_name == short_names_.end() ? variable : short_name->second, variable}) {
    if (const auto found = environment_.find(name); found != environment_.end()) return {found->second, name};
  }
  return {};
}

const toml::node* SettingReader::node(const std::string& path) {
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', dot + 1)) {
    known_.insert(path.substr(0, dot));
    tables_.insert(path.substr(0, dot));
  }
  known_.insert(path);
  return table_.at_path(path).node();
}

std::string SettingReader::place(toml::source_position at) const {
  return fmt::format("{}:{}:{}", file_, at.line, at.column);
}

std::string SettingReader::place(const toml::node& at) const {
  return place(at.source().begin);
}

void SettingReader::wrong(const toml::node& at, const std::string& path, std::string_view expected) {
  errors_.push_back(fmt::format("{}: {}: found {}, expected {}", place(at), path, describe(at), expected));
}

void SettingReader::wrong(const Raw& found, const std::string& path, std::string_view expected) {
  errors_.push_back(
      fmt::format("{}: {}: found \"{}\", expected {}", found.origin, path, found.text, expected));
}

void SettingReader::reject(const std::string& path, const std::string& origin, const std::string& sentence) {
  errors_.push_back(fmt::format("{}: {}: {}", origin, path, sentence));
}

// Each of these looks at the file's value first: one of a wrong type is a mistake also where a flag or the
// environment has the last word.

Setting<std::string> SettingReader::text(const std::string& path, std::string fallback) {
  Setting<std::string> read{std::move(fallback)};
  if (const auto* found = node(path)) {
    const auto* value = found->as_string();
    if (value == nullptr) {
      wrong(*found, path, "a string");
    } else if (value->get().find('\0') != std::string::npos) {
      // The system would take what stands before it.
      wrong(*found, path, "a string without NUL");
    } else {
      read = {value->get(), place(*found)};
    }
  }
  if (auto given = raw(path); !given.origin.empty()) return {std::move(given.text), std::move(given.origin)};
  return read;
}

Setting<std::optional<std::string>> SettingReader::file(const std::string& path) {
  constexpr std::string_view unset = "default";
  auto read = text(path, "");
  if (!read.value.empty()) return {std::move(read.value), std::move(read.origin)};
  if (read.origin != unset) {
    reject(path, read.origin, "found \"\", expected a file; leave the key out where none is meant");
  }
  return {};
}

Setting<bool> SettingReader::boolean(const std::string& path, bool fallback) {
  Setting<bool> read{fallback};
  if (const auto* found = node(path)) {
    if (const auto* value = found->as_boolean()) {
      read = {value->get(), place(*found)};
    } else {
      wrong(*found, path, "true or false");
    }
  }
  auto given = raw(path);
  if (given.origin.empty()) return read;
  if (given.text == "true" || given.text == "1") return {true, std::move(given.origin)};
  if (given.text == "false" || given.text == "0") return {false, std::move(given.origin)};
  wrong(given, path, "true or false");
  return {fallback};
}

Setting<std::uint64_t> SettingReader::number(const std::string& path, std::uint64_t fallback,
                                             std::uint64_t least, std::uint64_t most) {
  const std::string expected = fmt::format("an integer from {} to {}", least, most);
  Setting<std::uint64_t> read{fallback};
  if (const auto* found = node(path)) {
    const auto* value = found->as_integer();
    const bool positive = value != nullptr && value->get() >= 0;
    const std::uint64_t number = positive ? static_cast<std::uint64_t>(value->get()) : 0;
    if (positive && number >= least && number <= most) {
      read = {number, place(*found)};
    } else {
      wrong(*found, path, expected);
    }
  }
  auto given = raw(path);
  if (given.origin.empty()) return read;
  const auto value = parse_number(given.text);
  if (value && *value >= least && *value <= most) return {*value, std::move(given.origin)};
  wrong(given, path, expected);
  return {fallback};
}

Setting<std::size_t> SettingReader::word(const std::string& path, std::size_t fallback,
                                         std::span<const std::string_view> words) {
  const std::string expected = fmt::format("one of {}", fmt::join(words, ", "));
  const auto index_of = [words](std::string_view text) {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), text) - words.begin());
  };
  Setting<std::size_t> read{fallback};
  if (const auto* found = node(path)) {
    const auto* value = found->as_string();
    const std::size_t index = value == nullptr ? words.size() : index_of(value->get());
    if (index < words.size()) {
      read = {index, place(*found)};
    } else {
      wrong(*found, path, expected);
    }
  }
  auto given = raw(path);
  if (given.origin.empty()) return read;
  if (const auto index = index_of(given.text); index < words.size()) return {index, std::move(given.origin)};
  wrong(given, path, expected);
  return {fallback};
}

Setting<std::vector<std::string>> SettingReader::texts(const std::string& path) {
  const auto* found = node(path);
  if (found == nullptr) return {};
  const auto* array = found->as_array();
  if (array == nullptr) {
    wrong(*found, path, "an array of strings");
    return {};
  }
  Setting<std::vector<std::string>> read{{}, place(*found)};
  for (const auto& item : *array) {
    if (const auto* value = item.as_string()) {
      read.value.push_back(value->get());
    } else {
      wrong(item, path, "an array of strings");
    }
  }
  return read;
}

Setting<boost::json::object> SettingReader::json_object(const std::string& path) {
  whole_.insert(path);
  const auto* found = node(path);
  if (found == nullptr) return {};
  if (const auto* table = found->as_table()) {
    reject_non_finite(*table, path);
    return {to_json_object(*table), place(*found)};
  }
  wrong(*found, path, "a table");
  return {};
}

/// JSON has no infinity and no NaN.
void SettingReader::reject_non_finite(const toml::node& found, const std::string& path) {
  if (const auto* table = found.as_table()) {
    for (const auto& [key, value] : *table) reject_non_finite(value, path + "." + std::string(key.str()));
  } else if (const auto* array = found.as_array()) {
    for (const auto& item : *array) reject_non_finite(item, path);
  } else if (const auto* real = found.as_floating_point(); real != nullptr && !std::isfinite(real->get())) {
    wrong(found, path, "a finite number");
  }
}

std::vector<SettingReader::Key> SettingReader::table_keys(const std::string& path) {
  const auto* found = node(path);
  const auto* table = found == nullptr ? nullptr : found->as_table();
  if (table == nullptr) {
    // check_unknown() names what should have been a table, as it does for every other one.
    tables_.insert(path);
    return {};
  }
  std::vector<Key> keys;
  for (const auto& [key, value] : *table) {
    keys.push_back({std::string(key.str()), place(key.source().begin)});
  }
  return keys;
}

std::vector<SettingReader::Key> SettingReader::table_members(const std::string& path) {
  const auto* found = node(path);
  const auto* table = found == nullptr ? nullptr : found->as_table();
  if (table == nullptr) return {};
  std::vector<Key> members;
  for (const auto& [key, value] : *table) members.push_back({std::string(key.str()), place(value)});
  return members;
}

void SettingReader::check_unknown() {
  check_unknown_in(table_, "");
  const std::vector<std::string> variables(variables_.begin(), variables_.end());
  for (const auto& [name, value] : environment_) {
    if (!name.starts_with("DAEMONEYE_") || variables_.contains(name)) continue;
    const auto meant = busrt::base::closest_word(name, variables);
    warnings_.push_back(fmt::format("environment variable {} is not one of the agent's and has no effect{}",
                                    name, meant ? "; did you mean " + *meant + "?" : ""));
  }
}

void SettingReader::check_unknown_in(const toml::table& table, const std::string& prefix) {
  for (const auto& [key, value] : table) {
    const std::string path = prefix + std::string(key.str());
    // A quoted key with a dot in it, "bus.mode", only looks like the path of a setting.
    const bool plain = key.str().find('.') == std::string_view::npos;
    if (plain && whole_.contains(path)) continue;
    if (plain && tables_.contains(path)) {
      if (const auto* inner = value.as_table()) {
        check_unknown_in(*inner, path + ".");
      } else {
        wrong(value, path, "a table");
      }
      continue;
    }
    // A table in the place of one value was named when that was read.
    if (plain && known_.contains(path)) continue;
    std::vector<std::string> siblings;
    for (const std::string& known : known_) {
      if (known.starts_with(prefix) && known.find('.', prefix.size()) == std::string::npos) {
        siblings.push_back(known.substr(prefix.size()));
      }
    }
    const auto meant = busrt::base::closest_word(key.str(), siblings);
    const std::string help = meant ? fmt::format("did you mean {}?", prefix + *meant)
                                   : fmt::format("known here: {}", fmt::join(siblings, ", "));
    errors_.push_back(fmt::format("{}: {}: unknown key; {}", place(key.source().begin), path, help));
  }
}

}  // namespace daemoneye_agent
