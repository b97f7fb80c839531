// What --check-config prints is a configuration itself.
#include <gtest/gtest.h>

#include "config/load_config.hpp"

namespace daemoneye_agent {
namespace {

std::string without_comments(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    plain += line.substr(0, line.find(" # ")) + "\n";
    at = end + 1;
  }
  while (plain.find(" \n") != std::string::npos) plain.erase(plain.find(" \n"), 1);
  return plain;
}

TEST(PrintConfig, NamesTheOriginOfEachValue) {
  FlagValues flags;
  flags.config_file = "agent.toml";
  flags.state_dir = "/tmp/state";
  const auto loaded =
      load_config(flags, {{"DAEMONEYE_BUS", "ipc:///tmp/b.sock"}}, "[bus]\nqueue_frames = 1000\n");
  ASSERT_TRUE(loaded);
  const std::string text = print_config(loaded->config);
  const auto has = [&text](const std::string& key, const std::string& origin) {
    const auto at = text.find("\n" + key + " = ");
    const std::string line =
        at == std::string::npos && text.starts_with(key) ? text.substr(0, text.find('\n'))
        : at == std::string::npos                        ? ""
                                  : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    return line.ends_with("# " + origin);
  };
  EXPECT_TRUE(has("state_dir", "--state-dir")) << text;
  EXPECT_TRUE(has("address", "DAEMONEYE_BUS")) << text;
  EXPECT_TRUE(has("queue_frames", "agent.toml:2:16")) << text;
  EXPECT_TRUE(has("queue_bytes", "default")) << text;
}

TEST(PrintConfig, EscapesWhatCouldActOnATerminalAndCanBeReadBack) {
  // U+009B is a terminal's CSI, U+202E turns text around, and DEL is none of JSON's escapes.
  const std::string odd = "/opt/\\u009b2J\\u202e\\u007f";
  const auto first = load_config({}, {},
                                 "[collectors.netmond]\nenabled = false\npath = \"" + odd + "\"\nargs = [\"" +
                                     odd + "\"]\nsettings = { a = \"" + odd + "\", \"" + odd + "\" = 1 }\n");
  ASSERT_TRUE(first) << first.error().front();
  const std::string text = print_config(first->config);
  for (const char* raw : {"\xC2\x9B", "\xE2\x80\xAE", "\x7F"}) EXPECT_FALSE(text.contains(raw)) << text;
  const auto second = load_config({}, {}, text);
  ASSERT_TRUE(second) << second.error().front() << "\n" << text;
  EXPECT_EQ(second->config.collectors.front().path.value, first->config.collectors.front().path.value);
  EXPECT_EQ(second->config.collectors.front().args.value, first->config.collectors.front().args.value);
  EXPECT_EQ(second->config.collectors.front().settings.value,
            first->config.collectors.front().settings.value);
}

TEST(PrintConfig, CanBeReadBack) {
  const auto first = load_config({}, {}, R"(
[collectors.netmond]
enabled = false
path = "/opt/\"net\""
args = ["a b", "c\\d"]
settings = { a = 1, b = { c = [1.5, "x", false] } }
)");
  ASSERT_TRUE(first) << first.error().front();
  const std::string text = print_config(first->config);
  const auto second = load_config({}, {}, text);
  ASSERT_TRUE(second) << second.error().front() << "\n" << text;
  EXPECT_EQ(without_comments(print_config(second->config)), without_comments(text));
}

}  // namespace
}  // namespace daemoneye_agent
