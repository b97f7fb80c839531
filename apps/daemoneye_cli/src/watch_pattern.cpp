// Whether a pattern can match is decided as in the broker: by topic_matches(), on topics in which the open
// segments (a collector's name, the id of a task) are filled with the pattern's own words.
#include "watch_pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "busrt/base/suggestion.hpp"
#include "busrt/topic_pattern.hpp"
#include "daemoneye/events/loss.hpp"
#include "daemoneye/events/schema.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye_cli {
namespace {

namespace topics = daemoneye::events::topics;
using Words = std::vector<std::string>;

Words split(std::string_view text) {
  Words words(1);
  for (const char letter : text) {
    if (letter == '.') {
      words.emplace_back();
    } else {
      words.back() += letter;
    }
  }
  return words;
}

std::string joined(const Words& words) {
  return fmt::format("{}", fmt::join(words, "."));
}

bool is_wildcard(std::string_view word) {
  return word == "?" || word == "*";
}

bool contains(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

Words root_words() {
  return {topics::roots.begin(), topics::roots.end()};
}

Words domain_words() {
  Words words;
  for (const auto* domain : daemoneye::events::domains()) words.emplace_back(domain->name);
  return words;
}

Words kind_words(const daemoneye::events::Table& domain) {
  Words words;
  for (const auto& kind : domain.kinds) words.emplace_back(kind.name);
  words.emplace_back(daemoneye::events::loss_kind);
  return words;
}

/// Every form of a topic; an empty word stands for a segment that is open.
std::vector<Words> known_topics() {
  std::vector<Words> known = {{"health", ""}, {"control", "", ""}, {"results", ""}, {"alerts", ""}};
  for (const auto* domain : daemoneye::events::domains()) {
    const std::string name(domain->name);
    known.push_back({"tasks", name, ""});
    for (const std::string& kind : kind_words(*domain)) known.push_back({"events", name, kind});
  }
  return known;
}

bool matches_known(std::string_view pattern) {
  const Words own = split(pattern);
  return std::ranges::any_of(known_topics(), [&](Words topic) {
    for (std::size_t i = 0; i < topic.size(); ++i) {
      if (topic[i].empty())
        topic[i] = i < own.size() && daemoneye::events::is_topic_word(own[i]) ? own[i] : "any";
    }
    return busrt::topic_matches(pattern, joined(topic));
  });
}

/// The pattern in the notation of DaemonEye's topics.
std::string dotted(std::string_view pattern) {
  std::string text(pattern);
  std::ranges::replace(text, '/', '.');
  std::ranges::replace(text, '+', '?');
  std::ranges::replace(text, '#', '*');
  return text;
}

/// A word that no topic has at its place, and the words that topics have there.
struct Mistake {
  std::string sentence;
  std::size_t place = 0;
  Words known;
};

/// The first such word of a dotted pattern.
std::optional<Mistake> find_mistake(const Words& words) {
  const std::string& root = words.front();
  if (is_wildcard(root)) return std::nullopt;
  if (!contains(root_words(), root))
    return Mistake{fmt::format("no topic of DaemonEye begins with \"{}\"", root), 0, root_words()};
  if ((root != "events" && root != "tasks") || words.size() < 2 || is_wildcard(words[1])) return std::nullopt;
  const auto* const domain = daemoneye::events::find_domain(words[1]);
  if (domain == nullptr)
    return Mistake{fmt::format("DaemonEye has no domain \"{}\"", words[1]), 1, domain_words()};
  if (root != "events" || words.size() < 3 || is_wildcard(words[2])) return std::nullopt;
  const Words kinds = kind_words(*domain);
  if (contains(kinds, words[2])) return std::nullopt;
  return Mistake{fmt::format("the domain {} has no events \"{}\"", domain->name, words[2]), 2, kinds};
}

/// The nearest pattern that matches; nothing where a word is too far from any that is known.
std::optional<std::string> nearest(Words words) {
  while (const auto mistake = find_mistake(words)) {
    const auto meant = busrt::base::closest_word(words[mistake->place], mistake->known);
    if (!meant) return std::nullopt;
    words[mistake->place] = *meant;
  }
  const std::string pattern = joined(words);
  for (const std::string& candidate : {pattern, pattern + ".*"}) {
    if (matches_known(candidate)) return candidate;
  }
  return std::nullopt;
}

}  // namespace

std::string pattern_problem(std::string_view pattern) {
  if (pattern.empty()) return "is empty";
  const char* const problem = busrt::topic_pattern_problem(pattern);
  return problem == nullptr ? std::string() : std::string("cannot be routed: ") + problem;
}

std::string pattern_doubt(std::string_view pattern) {
  if (pattern.starts_with(".broker/") || matches_known(pattern)) return {};
  const Words words = split(dotted(pattern));
  const auto mistake = find_mistake(words);
  std::string doubt = fmt::format("nothing may match \"{}\": ", pattern);
  if (mistake) {
    doubt += mistake->sentence;
  } else if (pattern.find_first_of("/+#") != std::string_view::npos) {
    doubt += "the topics of DaemonEye are written with dots, and the wildcards are ? and *";
  } else {
    doubt += "no topic of DaemonEye has this form";
  }
  if (const auto meant = nearest(words)) return doubt + fmt::format("; did you mean \"{}\"?", *meant);
  if (mistake) return doubt + fmt::format("; known here: {}", fmt::join(mistake->known, ", "));
  return doubt;
}

}  // namespace daemoneye_cli
