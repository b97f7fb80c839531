// Every mistake that a start would end with, found by --check-config.
#include "start_check.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "busrt_testing/certificates.hpp"
#include "config/load_config.hpp"
#include "temporary_directory.hpp"

namespace daemoneye_agent {
namespace {

using Lines = std::vector<std::string>;

class StartCheckTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name) const { return (root_.path() / name).string(); }
  [[nodiscard]] std::string write(const std::string& name, const std::string& text = {}) const {
    std::ofstream(file(name)) << text;
    return file(name);
  }
  /// With a state directory, a socket and a program that are all well, unless `text` says otherwise.
  [[nodiscard]] ConfigCheck check(const std::string& text, const std::string& procmond = "/bin/true") const {
    FlagValues flags;
    flags.config_file = "agent.toml";
    flags.state_dir = file("state");
    flags.bus = "ipc://" + file("bus.sock");
    auto loaded = load_config(flags, {}, text + "\n[collectors.procmond]\npath = \"" + procmond + "\"\n");
    EXPECT_TRUE(loaded) << loaded.error().front();
    if (state_dir) loaded->config.state_dir = {*state_dir, "agent.toml:9:9"};
    if (address) loaded->config.bus.address = {*address, "agent.toml:8:8"};
    return check_start(loaded->config);
  }
  [[nodiscard]] static std::string tls(const busrt::TlsFiles& files) {
    return "[bus]\nlisten = [\"tcp://127.0.0.1:7777\"]\ncertificate = \"" + *files.certificate +
           "\"\nkey = \"" + *files.key + "\"\nauthority = \"" + *files.authority + "\"\n";
  }

  const TemporaryDirectory root_;
  std::optional<std::string> state_dir, address;
};

TEST_F(StartCheckTest, FindsNothingWhereAStartWouldDoWellAndChangesNothing) {
  const auto found = check("");
  EXPECT_EQ(found.errors, Lines{});
  EXPECT_EQ(found.warnings, Lines{});
  EXPECT_TRUE(std::filesystem::is_empty(root_.path()));
}

TEST_F(StartCheckTest, NamesAccessRulesThatCannotBeReadAndEachOfTheirMistakes) {
  EXPECT_EQ(
      check("[bus]\naccess = \"/nosuch\"").errors,
      Lines{
          "agent.toml:2:10: bus.access: /nosuch: cannot read the access rules (No such file or directory)"});
  const std::string rules = write("rules.toml", "[[client]]\nname = 1\n[[client]]\nname = 2\n");
  const auto wrong = check("[bus]\naccess = \"" + rules + "\"").errors;
  ASSERT_EQ(wrong.size(), 2U);
  for (const std::string& line : wrong)
    EXPECT_TRUE(line.starts_with("agent.toml:2:10: bus.access: " + rules)) << line;
}

TEST_F(StartCheckTest, NamesEachCertificateFileThatCannotBeRead) {
  EXPECT_EQ(
      check(
          tls({.certificate = "/nosuch", .key = "/nosuch.key", .authority = "/nosuch.ca", .revocations = {}}))
          .errors,
      (Lines{"agent.toml:3:15: bus.certificate: /nosuch cannot be read: No such file or directory",
             "agent.toml:4:7: bus.key: /nosuch.key cannot be read: No such file or directory",
             "agent.toml:5:13: bus.authority: /nosuch.ca cannot be read: No such file or directory"}));
}

TEST_F(StartCheckTest, NamesACertificateFileThatHoldsNone) {
  busrt_testing::CertificateAuthority authority(root_.path(), "ca");
  auto files = authority.issue("agent", {.common_name = "agent"});
  EXPECT_EQ(check(tls(files)).errors, Lines{});
  const auto other = authority.issue("other", {.common_name = "other"});
  files.key = other.key;
  EXPECT_EQ(check(tls(files)).errors, Lines{"agent.toml:4:7: bus.key: " + *files.key +
                                            ": does not belong to the certificate " + *files.certificate});
  files.certificate = write("empty.pem", "nothing");
  const auto wrong = check(tls(files)).errors;
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_TRUE(wrong[0].starts_with("agent.toml:3:15: bus.certificate: " + *files.certificate + ": "))
      << wrong[0];
}

TEST_F(StartCheckTest, NamesTheProgramOfACollectorThatIsMissing) {
  EXPECT_EQ(
      check("[collectors.extra]\npath = \"/nosuch\"", "/nosuch/procmond").errors,
      (Lines{"agent.toml:4:8: collectors.procmond.path: \"/nosuch/procmond\" is no program that can be run",
             "agent.toml:2:8: collectors.extra.path: \"/nosuch\" is no program that can be run"}));
  const auto table = check("[collectors.no-such-program]").errors;
  ASSERT_EQ(table.size(), 1U);
  EXPECT_TRUE(
      table[0].starts_with("agent.toml:1:13: collectors.no-such-program: no program \"no-such-program\" in "))
      << table[0];
  EXPECT_TRUE(table[0].ends_with("collectors.no-such-program.path can name one")) << table[0];
}

TEST_F(StartCheckTest, DoesNotMissTheProgramOfADisabledCollector) {
  EXPECT_EQ(check("[collectors.extra]\npath = \"/nosuch\"\nenabled = false").errors, Lines{});
}

TEST_F(StartCheckTest, NamesDirectoriesThatCannotBeUsed) {
  const std::string plain = write("plain");
  state_dir = plain + "/state";
  address = "ipc://" + plain + "/bus.sock";
  EXPECT_EQ(check("").errors, (Lines{"agent.toml:9:9: state_dir: " + plain + " is no directory",
                                     "agent.toml:8:8: bus.address: " + plain + " is no directory"}));
  std::filesystem::create_directory(file("open"));
  ASSERT_EQ(::chmod(file("open").c_str(), 0777), 0);
  state_dir = file("open");
  address.reset();
  const auto wrong = check("").errors;
  ASSERT_EQ(wrong.size(), 1U);
  EXPECT_TRUE(wrong[0].starts_with("agent.toml:9:9: state_dir: ")) << wrong[0];
  EXPECT_NE(wrong[0].find("0777"), std::string::npos) << wrong[0];
}

TEST_F(StartCheckTest, NamesAFileAtTheBusAddressThatIsNoSocket) {
  address = "ipc://" + write("plain");
  EXPECT_EQ(check("").errors,
            Lines{"agent.toml:8:8: bus.address: the file " + file("plain") + " is there and is no socket"});
}

}  // namespace
}  // namespace daemoneye_agent
