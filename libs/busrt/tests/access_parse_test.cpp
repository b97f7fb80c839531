// The rules file: what each key becomes, and that every mistake is told with file, line and key.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "busrt/access.hpp"
#include "busrt/limits.hpp"
#include "busrt_testing/test_address.hpp"

namespace busrt {
namespace {

std::string mistakes(std::string_view text) {
  const auto rules = AccessRules::parse(text, "rules.toml");
  EXPECT_FALSE(rules) << "taken: " << text;
  return rules ? std::string() : rules.error().message;
}

TEST(AccessFile, every_key_becomes_data_with_its_line) {
  const auto rules = AccessRules::parse(R"(# comment
[[client]]
name = "collector.?"
hosts = ["local", "10.0.0.0/8"]
uid = 0
gid = [4, 27]
certificate = "collector"
publish = [
  "events.*",
  "health/#",
]
subscribe = ["tasks/+"]
message = ["agent"]
broadcast = ["collector.*"]

[[client]]
name = "*"
)",
                                        "rules.toml");
  ASSERT_TRUE(rules) << rules.error().message;
  ASSERT_EQ(rules->entries.size(), 2U);
  EXPECT_EQ(rules->file, "rules.toml");
  const AccessEntry& entry = rules->entries[0];
  EXPECT_EQ(entry.name, "collector.?");
  EXPECT_EQ(entry.line, 3U);
  EXPECT_TRUE(entry.local_host);
  ASSERT_EQ(entry.hosts.size(), 1U);
  EXPECT_TRUE(entry.hosts[0].contains("10.1.1.1"));
  EXPECT_EQ(entry.uids, std::vector<std::uint32_t>{0});
  EXPECT_EQ(entry.gids, (std::vector<std::uint32_t>{4, 27}));
  EXPECT_EQ(entry.certificates, std::vector<std::string>{"collector"});
  ASSERT_EQ(entry.publish.size(), 2U);
  EXPECT_EQ(entry.publish[0].pattern, "events.*");
  EXPECT_EQ(entry.publish[0].line, 9U);
  EXPECT_EQ(entry.publish[1].line, 10U);
  EXPECT_EQ(entry.subscribe.at(0).line, 12U);
  EXPECT_EQ(entry.message.at(0).pattern, "agent");
  EXPECT_EQ(entry.broadcast.at(0).pattern, "collector.*");
  EXPECT_EQ(rules->entries[1].line, 17U);
  EXPECT_TRUE(rules->entries[1].publish.empty());
}

struct Mistake {
  const char* text;
  const char* told;
};

TEST(AccessFile, a_mistake_is_told_with_file_line_and_key) {
  for (const auto& [text, told] : std::initializer_list<Mistake>{
           {"", "rules.toml: no [[client]]"},
           {"client = []", "rules.toml: no [[client]]"},
           {"[client]\nname = \"a\"", "rules.toml:1:1: client: found a table, expected [[client]]"},
           {"client = [1]", "rules.toml:1:11: client: found 1, expected a table"},
           {"[[clients]]\nname = \"a\"", "clients: unknown key; known here: [[client]]"},
           {"[[client]]\nname = \"a\"\npublishes = []", "rules.toml:3:1: client.publishes: unknown key"},
           {"[[client]]\nname = ", "rules.toml:2:"},
           {"[[client]]\nname = \"a\"\nuid = [0\xD2\x91]", "rules.toml:3:"},
           {"[[/client]]\nname = \"a\"", "rules.toml:1:"},
           {"[[client]]\npublish = []", "rules.toml:1:1: client.name: missing"},
           {"[[client]]\nname = 5", "rules.toml:2:8: client.name: found 5, expected a string"},
           {"[[client]]\nname = \"\"", "client.name: found \"\": expected a client mask"},
           {"[[client]]\nname = \".other\"", "reserved"},
           {"[[client]]\nname = \"a%%b\"", "client.name: found \"a%%b\": expected the name of a primary"},
           {"[[client]]\nname = \"a.#\"", "client masks have ? and *"},
           {"[[client]]\nname = \"*.a\"", "nothing may follow the wildcard *"},
           {"[[client]]\nname = \"a\"\nhosts = []", "rules.toml:3:9: client.hosts: found an empty array"},
           {"[[client]]\nname = \"a\"\nhosts = \"10.0.0.1/8\"",
            "client.hosts: found \"10.0.0.1/8\": the address"},
           {"[[client]]\nname = \"a\"\nhosts = [\"local\", 4]", "rules.toml:3:19: client.hosts: found 4"},
           {"[[client]]\nname = \"a\"\nuid = -1",
            "client.uid: found -1, expected a number from 0 to 4294967294"},
           {"[[client]]\nname = \"a\"\ngid = [\"wheel\"]", "client.gid: found \"wheel\", expected a number"},
           {"[[client]]\nname = \"a\"\nuid = 4294967295", "client.uid: found 4294967295"},
           {"[[client]]\nname = \"a\"\ncertificate = \"\"", "client.certificate: found \"\""},
           {"[[client]]\nname = \"a\"\npublish = \"#\"", "client.publish: found \"#\", expected an array"},
           {"[[client]]\nname = \"a\"\npublish = [1979-05-27]", "client.publish: found a date or time"},
           {"[[client]]\nname = \"a\"\nsubscribe = [\"a/*\"]",
            "client.subscribe: found \"a/*\": the segment *"},
           {"[[client]]\nname = \"a\"\nsubscribe = [\"events.#\"]", "found \"events.#\": the segment #"},
           {"[[client]]\nname = \"a\"\nsubscribe = [\"a.+.*\"]", "found \"a.+.*\": the segment +"},
           {"[[client]]\nname = \"a\"\nsubscribe = [\"a/#/b\"]", "nothing may follow the wildcard #"},
           {"[[client]]\nname = \"a\"\nmessage = [\"a/#\"]", "client.message: found \"a/#\": the segment #"},
           {"[[client]]\nname = \"*\"\n[[client]]\nname = \"a\"",
            "rules.toml:4:1: client.name: \"a\" is never reached: \"*\" in line 2 covers it"},
       }) {
    EXPECT_TRUE(mistakes(text).contains(told)) << text << "\n" << mistakes(text);
  }
}

TEST(AccessFile, all_mistakes_are_told_at_once) {
  const std::string told = mistakes("[[client]]\nname = 1\nuid = true\n[[client]]\nnaam = 2\n");
  EXPECT_EQ(std::ranges::count(told, '\n'), 3) << told;
}

TEST(AccessFile, alternatives_of_one_mask_may_stand_apart) {
  EXPECT_TRUE(AccessRules::parse(
      "[[client]]\nname='a'\nuid=0\n[[client]]\nname='*'\n[[client]]\nname='a'\nuid=1\n", "rules.toml"));
}

TEST(AccessFile, fifos_have_rules_under_the_name_by_which_they_go) {
  const auto rules = AccessRules::parse("[[client]]\nname = '.broker'\npublish = ['news/#']\n", "rules.toml");
  ASSERT_TRUE(rules) << rules.error().message;
  AccessClient fifo;
  fifo.name = ".broker";
  fifo.local = false;
  EXPECT_TRUE(decide(*rules, fifo, AccessOperation::publish, "news/today").allowed());
  EXPECT_FALSE(decide(*rules, fifo, AccessOperation::message, "somebody").allowed());
}

TEST(AccessFile, is_bounded_in_bytes_and_entries) {
  std::string text = "[[client]]\nname = 'a'\n#";
  text.append(limits::access_file_bytes, 'x');
  EXPECT_TRUE(mistakes(text).contains("rules.toml: longer than 1048576 bytes"));
  std::string many;
  for (std::size_t i = 0; i <= limits::access_entries; ++i) many += "[[client]]\nname='a'\n";
  EXPECT_TRUE(mistakes(many).contains("more than 4096 entries"));
}

TEST(AccessFile, is_loaded_from_its_path_and_a_failure_names_it) {
  const busrt_testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "access.toml";
  std::ofstream(path) << "[[client]]\nname = \"a\"\n";
  const auto rules = AccessRules::load(path);
  ASSERT_TRUE(rules) << rules.error().describe();
  EXPECT_EQ(rules->file, path.string());
  for (const std::filesystem::path& wrong : {path / "none", directory.path()}) {
    const auto missing = AccessRules::load(wrong);
    ASSERT_FALSE(missing) << wrong;
    EXPECT_TRUE(missing.error().message.contains(wrong.string())) << missing.error().message;
  }
}

}  // namespace
}  // namespace busrt
