// What must hold for every field of the schema.
#include "daemoneye/events/schema.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

#include "daemoneye/events/process_fields.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye::events {
namespace {

constexpr std::size_t longest_sentence = 120;

void expect_sentence(std::string_view sentence, const std::string& of) {
  EXPECT_TRUE(sentence.ends_with('.')) << of;
  EXPECT_LE(sentence.size(), longest_sentence) << of;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0 ||
           std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

template <class Check>
void for_each_field(Check check) {
  for (const Table* const table : tables()) {
    for (const Field* const field : table->fields) check(*table, *field);
  }
}

TEST(Schema, APathStandsOnceInATable) {
  for (const Table* const table : tables()) {
    std::set<std::string> paths;
    for (const Field* const field : table->fields)
      EXPECT_TRUE(paths.insert(field->path()).second) << field->path();
  }
}

TEST(Schema, ASigmaNameAndAnEcsNameStandOnceInATable) {
  for (const Table* const table : tables()) {
    std::set<std::string_view> sigma;
    std::set<std::string_view> ecs;
    for (const Field* const field : table->fields) {
      EXPECT_TRUE(field->sigma.empty() || sigma.insert(field->sigma).second) << field->path();
      EXPECT_TRUE(field->ecs.empty() || ecs.insert(field->ecs).second) << field->path();
    }
  }
}

TEST(Schema, EverySentenceIsShortAndEndsWithAFullStop) {
  for (const Table* const table : tables()) {
    expect_sentence(table->sentence, std::string(table->name));
    for (const Kind& kind : table->kinds) expect_sentence(kind.sentence, std::string(kind.name));
  }
  for_each_field([](const Table&, const Field& field) { expect_sentence(field.sentence, field.path()); });
}

TEST(Schema, NamesAreLowerCaseWordsThatStandInTopics) {
  for (const Table* const table : tables()) {
    EXPECT_TRUE(is_topic_word(table->name));
    for (const Kind& kind : table->kinds) EXPECT_TRUE(is_topic_word(kind.name)) << kind.name;
  }
  for_each_field([](const Table&, const Field& field) { EXPECT_TRUE(is_name(field.name)) << field.path(); });
}

TEST(Schema, AFieldNamesKindsOfItsOwnDomainAlone) {
  for_each_field([](const Table& table, const Field& field) {
    for (const auto kind : field.kinds) EXPECT_TRUE(has_kind(table, kind)) << field.path() << ' ' << kind;
  });
}

TEST(Schema, AMemberFollowsItsObjectInTheSameTable) {
  for_each_field([](const Table& table, const Field& field) {
    if (field.object == nullptr) return;
    EXPECT_EQ(field.object->type, Type::object) << field.path();
    const auto object = std::ranges::find(table.fields, field.object);
    const auto member = std::ranges::find(table.fields, &field);
    EXPECT_LT(object - table.fields.begin(), member - table.fields.begin()) << field.path();
  });
}

TEST(Schema, FieldsAreFoundByDomainPathAndSigmaName) {
  const Table* const domain = find_domain("process");
  ASSERT_EQ(domain, &process::table);
  EXPECT_EQ(find_field(*domain, "exe"), &process::exe);
  EXPECT_EQ(find_field(*domain, "process.pid"), &process::pid);
  EXPECT_EQ(find_field(*domain, "parent.pid"), &process::parent_pid);
  EXPECT_EQ(find_field(*domain, "pid"), nullptr);
  EXPECT_EQ(find_field(*domain, ".exe"), nullptr);
  EXPECT_EQ(find_field(*domain, ""), nullptr);
  EXPECT_EQ(find_by_sigma(*domain, "CommandLine"), &process::args);
  EXPECT_EQ(find_by_sigma(*domain, ""), nullptr);
  EXPECT_EQ(find_domain("alert"), nullptr);
  EXPECT_EQ(find_domain("unheard_of"), nullptr);
}

TEST(Schema, TheRulesOfSigmaFindTheirFields) {
  for (const auto* const name : {"Image", "TargetFilename", "User"}) {
    EXPECT_NE(find_by_sigma(*find_domain("filesystem"), name), nullptr) << name;
  }
  for (const auto* const name : {"Image", "DestinationIp", "DestinationPort", "SourceIp", "Initiated"}) {
    EXPECT_NE(find_by_sigma(*find_domain("network"), name), nullptr) << name;
  }
}

}  // namespace
}  // namespace daemoneye::events
