// Fuzzes the subscription table and the tree of client names with a script of operations, against the
// reference matcher and the bound of shape_tree.hpp.
#include "routing/subscription_table.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "busrt/limits.hpp"
#include "fuzz_check.hpp"
#include "routing/name_tree.hpp"
#include "routing/pattern.hpp"
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

/// Adds the shapes of a canonical pattern and of its fronts, spelled out; none where it has no wildcards.
void add_shapes(std::string_view pattern, std::set<std::string>& shapes) {
  const Notation notation = notation_of(pattern);
  const Alphabet& alphabet = alphabet_of(notation);
  SegmentReader reader(pattern, alphabet.separator);
  std::string shape = notation == Notation::dotted ? "." : "/";
  std::vector<std::string> fronts;
  bool wildcards = false;
  while (reader.more()) {
    const std::string_view segment = reader.next();
    const bool one = alphabet.is_one(segment);
    const bool rest = alphabet.is_rest(segment);
    shape += rest ? 'r' : one ? 'o' : 'w';
    wildcards = wildcards || one || rest;
    fronts.push_back(shape);
  }
  if (wildcards) shapes.insert(fronts.begin(), fronts.end());
}

std::size_t charged(const std::set<std::string>& shapes) {
  return static_cast<std::size_t>(std::ranges::count_if(
      shapes, [](const std::string& shape) { return shape.size() - 1 > limits::free_shape_segments; }));
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
  /// In steps, which must add up to the whole.
  void remove(SubscriberId id) {
    model_.erase(id);
    for (std::size_t steps = 2; !table_.remove_some(id, steps); steps = 2) {
      fuzz::check(steps == 0, "removing ends only where its steps do");
    }
  }
  void add_name(std::string_view name) {
    if (names_.emplace(name, next_name_).second) tree_.insert(name, next_name_++);
  }
  void remove_name(std::string_view name) {
    if (const auto found = names_.find(name); found != names_.end()) names_.erase(found);
    tree_.erase(name);
  }
  void match(std::string_view topic) const {
    std::vector<SubscriberId> expected;
    std::set<std::string> shapes;
    std::size_t found = 0;
    for (const auto& [id, patterns] : model_) {
      const auto matching = static_cast<std::size_t>(std::ranges::count_if(
          patterns, [topic](const std::string& pattern) { return pattern_matches(pattern, topic); }));
      if (matching != 0) expected.push_back(id);
      found += matching;
      std::set<std::string> own;
      for (const std::string& pattern : patterns) add_shapes(pattern, own);
      fuzz::check(table_.shapes_of(id) == charged(own), "shapes_of counts the subscriber's long shapes");
      shapes.merge(own);
    }
    std::vector<SubscriberId> out;
    const std::size_t steps = table_.match(topic, out);
    fuzz::check(out == expected, "the table agrees with the reference matcher");
    fuzz::check(table_.shapes() == charged(shapes), "shapes counts those of all subscribers");
    // Two roots, and the lookup of the whole topic.
    fuzz::check(steps <= shapes.size() + 3 + found, "a lookup visits one node for each shape at most");
  }
  void match_mask(std::string_view mask) const {
    std::set<SubscriberId> expected;
    for (const auto& [name, id] : names_) {
      if (mask_matches(mask, name)) expected.insert(id);
    }
    std::vector<SubscriberId> out;
    const std::size_t steps = tree_.match(mask, out);
    fuzz::check(out.size() == expected.size() && std::set(out.begin(), out.end()) == expected,
                "the tree agrees with the reference matcher");
    fuzz::check(steps <= 1 + names_.size() * 2 * limits::indexed_name_segments,
                "a mask visits so many nodes for each name at most");
  }
  void finish() {
    std::size_t count = 0;
    for (const auto& [id, patterns] : model_) {
      fuzz::check(table_.patterns_of(id) == patterns.size(), "patterns_of counts the subscriber's patterns");
      count += patterns.size();
    }
    fuzz::check(table_.subscriptions() == count, "subscriptions counts them all");
    for (const auto& entry : model_) table_.remove(entry.first);
    fuzz::check(table_.subscriptions() == 0 && table_.nodes() == 0 && table_.shapes() == 0,
                "nothing is left after everybody has gone");
    for (const auto& entry : names_) tree_.erase(entry.first);
    fuzz::check(tree_.nodes() == 0, "nothing is left of the names");
  }

 private:
  SubscriptionTable table_;
  std::map<SubscriberId, std::set<std::string>> model_;
  NameTree tree_;
  std::map<std::string, SubscriberId, std::less<>> names_;
  SubscriberId next_name_ = 0;
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
        trial.add_name(text);
        break;
      case 5:
        trial.remove_name(text);
        break;
      default:
        break;
    }
    trial.match(text);
    trial.match_mask(text);
  }
  trial.finish();
  return 0;
}
