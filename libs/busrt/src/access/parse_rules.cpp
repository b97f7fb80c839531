// The rules file: the only place that knows TOML. Every mistake is reported, not just the first.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
// toml++ 3.3 asserts that a table's name begins like a key before it reports one that does not (`[[/`). A
// mistake in a file must not end the process; without the assertion the error that follows it is what comes.
#define TOML_ASSERT(expression) static_cast<void>(0)
#include <toml++/toml.h>

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "access/grant_check.hpp"
#include "busrt/access.hpp"
#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"
#include "routing/containment.hpp"

namespace busrt {

namespace {

constexpr std::array<std::string_view, 9> entry_keys = {
    "name", "hosts", "uid", "gid", "certificate", "publish", "subscribe", "message", "broadcast"};

std::string describe(const toml::node& found) {
  if (const auto* text = found.as_string()) return "\"" + text->get() + "\"";
  if (const auto* number = found.as_integer()) return std::to_string(number->get());
  if (const auto* truth = found.as_boolean()) return truth->get() ? "true" : "false";
  if (found.is_floating_point()) return "a floating-point number";
  if (found.is_table()) return "a table";
  if (found.is_array()) return "an array";
  return "a date or time";
}

std::size_t line_of(const toml::node& at) {
  return at.source().begin.line;
}

class RulesReader {
 public:
  explicit RulesReader(std::string file) : file_(std::move(file)) { rules_.file = file_; }

  Result<AccessRules> read(const toml::table& root) {
    for (const auto& [key, value] : root) {
      if (key.str() != "client") unknown(key, {}, "[[client]]");
    }
    const toml::node* clients = root.get("client");
    const toml::array* entries = clients == nullptr ? nullptr : clients->as_array();
    if (clients != nullptr && entries == nullptr) {
      wrong(*clients, "client", "found " + describe(*clients) + ", expected [[client]]");
    } else if (entries == nullptr || entries->empty()) {
      // Most likely a file that is still being written; obeying it would shut everybody out.
      errors_.push_back(file_ + ": no [[client]]: nobody could connect");
    } else if (entries->size() > limits::access_entries) {
      wrong(*entries, "client", "more than " + std::to_string(limits::access_entries) + " entries");
    } else {
      for (const toml::node& entry : *entries) read_entry(entry);
      find_unreachable();
    }
    if (errors_.empty()) return std::move(rules_);
    std::string all;
    for (const std::string& error : errors_) all += (all.empty() ? "" : "\n") + error;
    return fail(errc::data, std::move(all));
  }

 private:
  void wrong(toml::source_position at, std::string_view key, const std::string& sentence) {
    errors_.push_back(file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
                      std::string(key) + ": " + sentence);
  }
  void wrong(const toml::node& at, std::string_view key, const std::string& sentence) {
    wrong(at.source().begin, key, sentence);
  }
  void unknown(const toml::key& key, std::string_view prefix, std::string_view known) {
    wrong(key.source().begin, std::string(prefix) + std::string(key.str()),
          "unknown key; known here: " + std::string(known));
  }

  void read_entry(const toml::node& node) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      wrong(node, "client", "found " + describe(node) + ", expected a table");
      return;
    }
    for (const auto& [key, value] : *table) {
      if (std::ranges::find(entry_keys, key.str()) != entry_keys.end()) continue;
      std::string known;
      for (const std::string_view one : entry_keys) known += (known.empty() ? "" : ", ") + std::string(one);
      unknown(key, "client.", known);
    }
    AccessEntry entry;
    read_name(*table, entry);
    read_hosts(*table, entry);
    read_ids(*table, "uid", entry.uids);
    read_ids(*table, "gid", entry.gids);
    read_certificates(*table, entry);
    read_grants(*table, "publish", access::pattern_mistake, entry.publish);
    read_grants(*table, "subscribe", access::pattern_mistake, entry.subscribe);
    read_grants(*table, "message", access::mask_mistake, entry.message);
    read_grants(*table, "broadcast", access::mask_mistake, entry.broadcast);
    rules_.entries.push_back(std::move(entry));
  }

  void read_name(const toml::table& table, AccessEntry& entry) {
    entry.line = line_of(table);
    const toml::node* name = table.get("name");
    if (name == nullptr) {
      wrong(table, "client.name", "missing: every [[client]] needs a name or a mask of names");
      return;
    }
    entry.line = line_of(*name);
    const auto* text = name->as_string();
    if (text == nullptr) {
      wrong(*name, "client.name", "found " + describe(*name) + ", expected a string");
      return;
    }
    entry.name = text->get();
    if (const auto mistake = access::mask_mistake(entry.name)) {
      wrong(*name, "client.name", "found " + describe(*name) + ": " + *mistake);
    } else if (entry.name.front() == '.' && entry.name != broker_name) {
      wrong(*name, "client.name",
            "found " + describe(*name) +
                ": names that begin with a dot are reserved, all but .broker, "
                "by which fifos go");
    }
  }

  /// Calls `read(node)` for the value, or for each one of the array, of a demand. An empty array could be
  /// read as "no demand" and as "nobody", so it is neither.
  template <class Read>
  void read_demand(const toml::table& table, std::string_view key, Read read) {
    const toml::node* found = table.get(key);
    if (found == nullptr) return;
    const toml::array* values = found->as_array();
    if (values == nullptr) {
      read(*found);
      return;
    }
    if (values->empty()) {
      wrong(*found, "client." + std::string(key),
            "found an empty array; leave the key out to demand nothing");
    }
    for (const toml::node& value : *values) read(value);
  }

  void read_hosts(const toml::table& table, AccessEntry& entry) {
    read_demand(table, "hosts", [this, &entry](const toml::node& value) {
      const auto* text = value.as_string();
      if (text == nullptr) {
        wrong(value, "client.hosts", "found " + describe(value) + ", expected a string");
        return;
      }
      if (text->get() == "local") {
        entry.local_host = true;
        return;
      }
      auto hosts = AccessHosts::parse(text->get());
      if (hosts) {
        entry.hosts.push_back(*hosts);
      } else {
        wrong(value, "client.hosts",
              "found " + describe(value) + ": " + hosts.error().message + ", or \"local\"");
      }
    });
  }

  void read_ids(const toml::table& table, std::string_view key, std::vector<std::uint32_t>& ids) {
    read_demand(table, key, [this, key, &ids](const toml::node& value) {
      // The largest number is the system's word for "no id".
      constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max() - 1;
      const auto* number = value.as_integer();
      if (number == nullptr || number->get() < 0 || number->get() > most) {
        wrong(value, "client." + std::string(key),
              "found " + describe(value) + ", expected a number from 0 to " + std::to_string(most));
        return;
      }
      ids.push_back(static_cast<std::uint32_t>(number->get()));
    });
  }

  void read_certificates(const toml::table& table, AccessEntry& entry) {
    read_demand(table, "certificate", [this, &entry](const toml::node& value) {
      const auto* text = value.as_string();
      if (text == nullptr || text->get().empty()) {
        wrong(value, "client.certificate",
              "found " + describe(value) + ", expected the name in a certificate");
        return;
      }
      entry.certificates.push_back(text->get());
    });
  }

  using Mistake = std::optional<std::string> (*)(std::string_view);
  void read_grants(const toml::table& table, std::string_view key, Mistake mistake,
                   std::vector<AccessGrant>& grants) {
    const std::string path = "client." + std::string(key);
    const toml::node* found = table.get(key);
    if (found == nullptr) return;
    const toml::array* values = found->as_array();
    if (values == nullptr) {
      wrong(*found, path, "found " + describe(*found) + ", expected an array of strings");
      return;
    }
    for (const toml::node& value : *values) {
      const auto* text = value.as_string();
      if (text == nullptr) {
        wrong(value, path, "found " + describe(value) + ", expected a string");
      } else if (const auto problem = mistake(text->get())) {
        wrong(value, path, "found " + describe(value) + ": " + *problem);
      } else {
        grants.push_back({text->get(), line_of(value)});
      }
    }
  }

  /// An entry behind a wider mask decides nothing, which its author surely did not mean.
  void find_unreachable() {
    const std::span<const AccessEntry> entries = rules_.entries;
    for (std::size_t later = 1; later < entries.size(); ++later) {
      for (const AccessEntry& earlier : entries.first(later)) {
        if (earlier.name == entries[later].name) break;  // an alternative: reached when the first one is
        if (!routing::mask_contains(earlier.name, entries[later].name)) continue;
        wrong({static_cast<toml::source_index>(entries[later].line), 1}, "client.name",
              "\"" + entries[later].name + "\" is never reached: \"" + earlier.name + "\" in line " +
                  std::to_string(earlier.line) + " covers it; put this one before it");
        break;
      }
    }
  }

  std::string file_;
  AccessRules rules_;
  std::vector<std::string> errors_;
};

}  // namespace

Result<AccessRules> AccessRules::parse(std::string_view text, std::string file) {
  if (text.size() > limits::access_file_bytes) {
    return fail(errc::too_large,
                file + ": longer than " + std::to_string(limits::access_file_bytes) + " bytes");
  }
  const toml::parse_result parsed = toml::parse(text);
  if (parsed.failed()) {
    const toml::parse_error& error = parsed.error();
    const toml::source_position at = error.source().begin;
    return fail(errc::data, file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
                                std::string(error.description()));
  }
  return RulesReader(std::move(file)).read(parsed.table());
}

}  // namespace busrt
