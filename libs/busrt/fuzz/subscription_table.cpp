// Fuzzes the subscription table and the exclusion set with a script of operations, against the reference
// matcher.
#include "routing/subscription_table.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "fuzz_check.hpp"
#include "routing/pattern.hpp"
#include "routing/pattern_set.hpp"
#include "routing/segments.hpp"

using namespace busrt;
using namespace busrt::routing;

namespace {

/// Reads the script: one byte of operation (low three bits) and subscriber (the next three), then a text up
/// to a newline.
class Script {
 public:
  explicit Script(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool more() const { return !rest_.empty(); }
  unsigned operation() {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string_view text() {
    const std::size_t end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return line;
  }

 private:
  std::string_view rest_;
};

/// The pattern without what is ignored after its rest wildcard.
std::string canonical(std::string_view pattern) {
  const Alphabet& alphabet = alphabet_of(notation_of(pattern));
  SegmentReader reader(pattern, alphabet.separator);
  std::string out;
  for (bool first = true; reader.more(); first = false) {
    const std::string_view segment = reader.next();
    if (!first) out += alphabet.separator;
    out += segment;
    if (alphabet.is_rest(segment)) break;
  }
  return out;
}

class Trial {
 public:
  void subscribe(SubscriberId id, std::string_view pattern) {
    const bool fine = pattern_problem(pattern) == nullptr;
    const bool expected = fine && model_[id].insert(canonical(pattern)).second;
    fuzz::check(table_.subscribe(id, pattern) == expected, "subscribe says whether anything changed");
  }
  void unsubscribe(SubscriberId id, std::string_view pattern) {
    const bool expected = model_[id].erase(canonical(pattern)) == 1;
    fuzz::check(table_.unsubscribe(id, pattern) == expected, "unsubscribe says whether anything changed");
  }
  void remove(SubscriberId id) {
    model_.erase(id);
    table_.remove(id);
  }
  void exclude(std::string_view pattern) {
    const bool fine = pattern_problem(pattern) == nullptr;
    const bool expected = fine && excluded_.insert(canonical(pattern)).second;
    fuzz::check(set_.insert(pattern) == expected, "insert says whether anything changed");
  }
  void unexclude(std::string_view pattern) {
    fuzz::check(set_.erase(pattern) == (excluded_.erase(canonical(pattern)) == 1),
                "erase says whether anything changed");
  }
  void match(std::string_view topic) const {
    std::vector<SubscriberId> expected;
    for (const auto& [id, patterns] : model_) {
      if (any_matches(patterns, topic)) expected.push_back(id);
    }
    std::vector<SubscriberId> out;
    table_.match(topic, out);
    fuzz::check(out == expected, "the table agrees with the reference matcher");
    fuzz::check(set_.matches(topic) == any_matches(excluded_, topic),
                "the set agrees with the reference matcher");
  }
  void finish() {
    std::size_t count = 0;
    for (const auto& [id, patterns] : model_) {
      fuzz::check(table_.patterns_of(id) == patterns.size(), "patterns_of counts the subscriber's patterns");
      count += patterns.size();
    }
    fuzz::check(table_.subscriptions() == count, "subscriptions counts them all");
    fuzz::check(set_.size() == excluded_.size(), "size counts the set");
    for (const auto& entry : model_) table_.remove(entry.first);
    fuzz::check(table_.subscriptions() == 0 && table_.nodes() == 0,
                "nothing is left after everybody has gone");
  }

 private:
  static bool any_matches(const std::set<std::string>& patterns, std::string_view topic) {
    for (const std::string& pattern : patterns) {
      if (pattern_matches(pattern, topic)) return true;
    }
    return false;
  }

  SubscriptionTable table_;
  std::map<SubscriberId, std::set<std::string>> model_;
  PatternSet set_;
  std::set<std::string> excluded_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script({reinterpret_cast<const char*>(data), size});
  Trial trial;
  while (script.more()) {
    const unsigned operation = script.operation();
    const SubscriberId id = operation >> 3U & 7U;
    const std::string_view text = script.text();
    switch (operation & 7U) {
      case 0:
      case 1:
        trial.subscribe(id, text);
        break;
      case 2:
        trial.unsubscribe(id, text);
        break;
      case 3:
        trial.remove(id);
        break;
      case 4:
        trial.exclude(text);
        break;
      case 5:
        trial.unexclude(text);
        break;
      default:
        trial.match(text);
    }
    trial.match(text);
  }
  trial.finish();
  return 0;
}
