// Fuzzes the rules file and what it decides. The input is a file, then a line `---`, then questions, one a
// line: a letter for the operation (c p s m b), the client's name, a blank, the target.
//
// Properties: a refused file is refused in sentences that name it; a taken one has lines for all it holds;
// remembered answers equal fresh ones; what a client may subscribe to (or broadcast to) contains nothing that
// is not granted.
#include <memory>
#include <string>
#include <vector>

#include "access/client_access.hpp"
#include "busrt/access.hpp"
#include "fuzz_check.hpp"
#include "routing/pattern.hpp"

using namespace busrt;

namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

AccessOperation operation_of(char letter) {
  switch (letter) {
    case 'p':
      return AccessOperation::publish;
    case 's':
      return AccessOperation::subscribe;
    case 'm':
      return AccessOperation::message;
    case 'b':
      return AccessOperation::broadcast;
    default:
      return AccessOperation::connect;
  }
}

struct Question {
  AccessOperation operation;
  std::string_view client, target;
};

std::vector<Question> read_questions(std::string_view text) {
  std::vector<Question> questions;
  while (!text.empty() && questions.size() < 64) {
    std::string_view line = take_line(text);
    if (line.empty()) continue;
    const AccessOperation operation = operation_of(line.front());
    line.remove_prefix(1);
    const std::size_t blank = line.find(' ');
    const std::string_view target = blank == std::string_view::npos ? "" : line.substr(blank + 1);
    questions.push_back({operation, line.substr(0, blank), target});
  }
  return questions;
}

bool granted(const std::vector<AccessGrant>& grants, std::string_view text,
             bool (*matches)(std::string_view, std::string_view) noexcept) {
  for (const AccessGrant& grant : grants) {
    if (matches(grant.pattern, text)) return true;
  }
  return false;
}

/// Everything that the admitted pattern or mask matches among the targets of the input must be granted.
void check_containment(const AccessEntry& entry, const Question& question,
                       const std::vector<Question>& questions) {
  const bool subscribes = question.operation == AccessOperation::subscribe;
  if (!subscribes && question.operation != AccessOperation::broadcast) return;
  if (question.target == ".broker/warn") return;
  const auto matches = subscribes ? &routing::pattern_matches : &routing::mask_matches;
  const auto& grants = subscribes ? entry.subscribe : entry.broadcast;
  for (const Question& other : questions) {
    if (!matches(question.target, other.target)) continue;
    fuzz::check(granted(grants, other.target, matches), "what an admitted pattern matches is granted");
  }
}

void check_question(const std::shared_ptr<const AccessRules>& rules, const Question& question,
                    const std::vector<Question>& questions) {
  AccessClient client;
  client.name = question.client;
  client.uid = 0;
  client.gid = 0;
  const AccessEntry* entry = applying_entry(*rules, client);
  const AccessDecision decision = decide(*rules, client, question.operation, question.target);
  fuzz::check(!decision.describe(*rules).empty(), "every decision has a sentence");
  if (entry == nullptr) {
    fuzz::check(!decision.allowed(), "who may not connect may do nothing");
    return;
  }
  if (decision.verdict == AccessVerdict::bad_target || question.operation == AccessOperation::connect) return;
  access::ClientAccess remembered(rules, *entry);
  for (int time = 0; time < 2; ++time) {
    fuzz::check(remembered.ask(question.operation, question.target).allowed == decision.allowed(),
                "a remembered answer is the decision");
  }
  if (decision.allowed()) check_containment(*entry, question, questions);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = text.find("\n---\n");
  auto parsed =
      AccessRules::parse(text.substr(0, cut == std::string_view::npos ? cut : cut + 1), "rules.toml");
  if (!parsed) {
    fuzz::check(parsed.error().message.starts_with("rules.toml:"), "a mistake names its file");
    return 0;
  }
  const auto rules = std::make_shared<const AccessRules>(std::move(*parsed));
  fuzz::check(!rules->entries.empty(), "rules that are taken let somebody in");
  for (const AccessEntry& entry : rules->entries) {
    fuzz::check(!entry.name.empty() && entry.line != 0, "every entry has a name and a line");
  }
  if (cut == std::string_view::npos) return 0;
  const std::vector<Question> questions = read_questions(text.substr(cut + 5));
  for (const Question& question : questions) check_question(rules, question, questions);
  return 0;
}
