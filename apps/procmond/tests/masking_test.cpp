// Masking as a table: a program, its arguments, and what is left of them.
#include "masking.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "arguments.hpp"
#include "limits.hpp"

namespace procmond {
namespace {

using Args = std::vector<std::string>;

struct Case {
  const char* program;
  Args args;
  Args expected;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    Args args = one.args;
    mask_arguments(one.program, args);
    EXPECT_EQ(args, one.expected) << one.program;
  }
}

TEST(Masking, HidesTheArgumentAfterASecretFlag) {
  check({
      {"tool", {"tool", "--password", "hunter2", "x"}, {"tool", "--password", "***", "x"}},
      {"tool", {"tool", "-password", "hunter2"}, {"tool", "-password", "***"}},
      {"tool", {"tool", "--token", "-starts-with-a-dash"}, {"tool", "--token", "***"}},
      {"tool", {"tool", "--api-key", "--verbose", "x"}, {"tool", "--api-key", "--verbose", "x"}},
      {"tool", {"tool", "--password", "--token", "abc"}, {"tool", "--password", "--token", "***"}},
      {"tool", {"tool", "--credentials", "a b c"}, {"tool", "--credentials", "***"}},
      {"tool", {"tool", "--password"}, {"tool", "--password"}},
      {"tool", {"tool", "--password", ""}, {"tool", "--password", ""}},
      {"openssl", {"openssl", "rsa", "-passin", "pass:x"}, {"openssl", "rsa", "-passin", "***"}},
  });
}

TEST(Masking, HidesValuesAfterAnEqualsSign) {
  check({
      {"tool", {"--password=hunter2"}, {"--password=***"}},
      {"tool", {"-token=x=y"}, {"-token=***"}},
      {"tool", {"--secret="}, {"--secret="}},
      {"env", {"env", "PASSWORD=a b&c;d", "sh"}, {"env", "PASSWORD=***", "sh"}},
      {"env", {"AWS_SECRET_ACCESS_KEY=x/y+z"}, {"AWS_SECRET_ACCESS_KEY=***"}},
      {"java", {"-Ddb.password=x", "-Dapi.key=x"}, {"-Ddb.password=***", "-Dapi.key=***"}},
      {"java", {"-Dname=y", "-Dtoken.count=5"}, {"-Dname=y", "-Dtoken.count=5"}},
      {"docker", {"--env=DB_PASSWORD=x", "-eTOKEN=y"}, {"--env=DB_PASSWORD=***", "-eTOKEN=***"}},
      {"mount", {"-o", "username=u,password=x,ro"}, {"-o", "username=u,password=***,ro"}},
      {"tool", {"Server=s;Uid=u;Password=x;Port=1"}, {"Server=s;Uid=u;Password=***;Port=1"}},
      {"curl", {"http://h/p?token=abc&x=1#f"}, {"http://h/p?token=***&x=1#f"}},
  });
}

TEST(Masking, HidesCredentialsInUrls) {
  check({
      {"git", {"https://user:pass@host/p"}, {"https://user:***@host/p"}},
      {"redis", {"redis://:pass@host:6379/0"}, {"redis://:***@host:6379/0"}},
      {"tool", {"amqp://u:p@ss@host"}, {"amqp://u:***@host"}},
      {"git", {"https://ghp_0123456789abcdef0123@github.com/x"}, {"https://***@github.com/x"}},
      {"git",
       {"ssh://git@host/x", "https://user@host", "http://h/a@b:c"},
       {"ssh://git@host/x", "https://user@host", "http://h/a@b:c"}},
      {"tool", {"--url=http://a:b@c http://d:e@f"}, {"--url=http://a:***@c http://d:***@f"}},
  });
}

TEST(Masking, HidesSecretHeaders) {
  check({
      {"curl", {"-H", "Authorization: Bearer abc.def"}, {"-H", "Authorization: Bearer ***"}},
      {"curl", {"-Hauthorization: abc def"}, {"-Hauthorization: ***"}},
      {"curl", {"--header=Authorization: Basic eDp5"}, {"--header=Authorization: Basic ***"}},
      {"curl", {"-H", "X-Api-Key: a\"b c"}, {"-H", "X-Api-Key: ***"}},
      {"curl", {"-H", "Cookie: a=b; c=d"}, {"-H", "Cookie: ***"}},
      {"curl", {"-H", "Content-Type: text/plain"}, {"-H", "Content-Type: text/plain"}},
  });
}

TEST(Masking, HidesSecretMembersOfJson) {
  check({
      {"curl",
       {"-d", R"({"user":"u","password":"a\"b","n":1})"},
       {"-d", R"({"user":"u","password":"***","n":1})"}},
      {"curl", {"-d", R"({"token" : 123, "a": 2})"}, {"-d", R"({"token" : ***, "a": 2})"}},
      {"sh", {"-c", R"(curl -d "{\"password\":\"x\"}" h)"}, {"-c", R"(curl -d "{\"password\":\"***\"}" h)"}},
  });
}

TEST(Masking, KnowsTheShortFlagsOfSomePrograms) {
  check({
      {"/usr/bin/mysql", {"mysql", "-uroot", "-psecret", "db"}, {"mysql", "-uroot", "-p***", "db"}},
      {"mariadb-dump", {"mariadb-dump", "-p", "db"}, {"mariadb-dump", "-p", "db"}},
      {"sudo", {"sudo", "mysqldump", "-psecret"}, {"sudo", "mysqldump", "-p***"}},
      {"ssh", {"ssh", "-p2222", "host", "-p", "22"}, {"ssh", "-p2222", "host", "-p", "22"}},
      {"sshpass", {"sshpass", "-p", "secret", "ssh"}, {"sshpass", "-p", "***", "ssh"}},
      {"sshpass", {"sshpass", "-psecret"}, {"sshpass", "-p***"}},
      {"redis-cli", {"redis-cli", "-a", "secret"}, {"redis-cli", "-a", "***"}},
      {"ldapsearch", {"ldapsearch", "-w", "secret"}, {"ldapsearch", "-w", "***"}},
      {"curl", {"curl", "-u", "me:secret", "h"}, {"curl", "-u", "me:***", "h"}},
      {"curl", {"curl", "-ume:secret", "--user", "me:s"}, {"curl", "-ume:***", "--user", "me:***"}},
      {"curl", {"curl", "--user=me:secret", "-u", "me"}, {"curl", "--user=me:***", "-u", "me"}},
      {"curl", {"curl", "-sSu", "me:secret", "h"}, {"curl", "-sSu", "me:***", "h"}},
      {"curl", {"curl", "-sSume:secret", "-fsSL", "h"}, {"curl", "-sSume:***", "-fsSL", "h"}},
      {"curl", {"curl", "-b", "sid=1", "-bsid=2"}, {"curl", "-b", "***", "-b***"}},
      {"curl", {"curl", "-x", "u:secret@p:1", "h"}, {"curl", "-x", "u:***@p:1", "h"}},
      {"curl", {"curl", "--proxy", "http://u:secret@p", "h"}, {"curl", "--proxy", "http://u:***@p", "h"}},
      {"curl", {"curl", "-E", "c.pem:secret", "--proxy=p:1"}, {"curl", "-E", "c.pem:***", "--proxy=p:1"}},
      {"http", {"http", "-a", "me:secret", "h"}, {"http", "-a", "me:***", "h"}},
      {"smbclient", {"smbclient", "-U", "D/me%secret"}, {"smbclient", "-U", "D/me%***"}},
      {"lftp", {"lftp", "-u", "me,secret"}, {"lftp", "-u", "me,***"}},
      {"mongosh", {"mongosh", "-p", "secret"}, {"mongosh", "-p", "***"}},
      {"sqlplus", {"sqlplus", "me/secret@db", "@run"}, {"sqlplus", "me/***@db", "@run"}},
      {"sqlplus", {"/opt/bin/sqlplus", "me/secret"}, {"/opt/bin/sqlplus", "me/***"}},
      {"7z", {"7z", "x", "-psecret", "-p"}, {"7z", "x", "-p***", "-p"}},
      {"xfreerdp", {"xfreerdp", "/u:me", "/p:secret"}, {"xfreerdp", "/u:me", "/p:***"}},
      {"openssl",
       {"openssl", "enc", "-k", "secret", "-keyform", "PEM"},
       {"openssl", "enc", "-k", "***", "-keyform", "PEM"}},
      {"nmcli",
       {"nmcli", "connect", "lan", "password", "secret"},
       {"nmcli", "connect", "lan", "password", "***"}},
      {"sort", {"sort", "-u", "a:b"}, {"sort", "-u", "a:b"}},
  });
}

TEST(Masking, KnowsFlagsWhoseNamesAreSecret) {
  for (const std::string flag : {"--pwd", "--bearer", "--oauth2-bearer", "--jwt", "--cookie", "--psk",
                                 "--otp", "-storepass", "--db-pwd"}) {
    check({{"tool", {flag, "S3CR3T"}, {flag, "***"}}, {"tool", {flag + "=S3CR3T"}, {flag + "=***"}}});
  }
  check({
      {"env", {"SSHPASS=x", "JWT=y", "DBPWD=z"}, {"SSHPASS=***", "JWT=***", "DBPWD=***"}},
      {"tool", {"Driver=x;UID=sa;PWD=secret;Port=1"}, {"Driver=x;UID=sa;PWD=***;Port=1"}},
      {"env", {"PWD=/root", "OLDPWD=/", "--cookie-jar", "f"}, {"PWD=/root", "OLDPWD=/", "--cookie-jar", "f"}},
  });
}

TEST(Masking, KnowsTheSecretBehindAUsersName) {
  check({
      {"tool", {"tool", "--user", "me:secret"}, {"tool", "--user", "me:***"}},
      {"tool", {"tool", "--proxy-user=me:secret"}, {"tool", "--proxy-user=me:***"}},
      {"wget", {"wget", "--user=me", "--username", "a:b"}, {"wget", "--user=me", "--username", "a:b"}},
      {"docker", {"docker", "run", "--user", "1000:1000"}, {"docker", "run", "--user", "1000:1000"}},
      {"docker",
       {"docker", "run", "i", "curl", "--user", "me:secret"},
       {"docker", "run", "i", "curl", "--user", "me:***"}},
      {"sh", {"sh", "-c", "curl -su me:secret h"}, {"sh", "-c", "curl -su me:*** h"}},
  });
}

TEST(Masking, LooksInsideCommandsThatAreOneArgument) {
  check({
      {"sh", {"sh", "-c", "tool --password hunter2 -v"}, {"sh", "-c", "tool --password *** -v"}},
      {"sh", {"-c", "PASSWORD=x tool"}, {"-c", "PASSWORD=***"}},
      {"sh", {"-c", "export A=b; PASSWORD='x y' tool"}, {"-c", "export A=b; PASSWORD=*** tool"}},
      {"sh", {"-c", "cd /tmp && mysql -psecret db"}, {"-c", "cd /tmp && mysql -p*** db"}},
      {"sh", {"-c", "tool --token 'a b' c"}, {"-c", "tool --token '***' c"}},
      {"sh", {"-c", "curl -H \"X-Api-Key: abc\" h"}, {"-c", "curl -H \"X-Api-Key: ***\" h"}},
      {"sh", {"-c", "su -c 'mysql -psecret'"}, {"-c", "su -c 'mysql -p***'"}},
      {"sh", {"-c", "curl -H 'Authorization: Bearer x' h"}, {"-c", "curl -H 'Authorization: Bearer ***' h"}},
  });
}

TEST(Masking, LeavesHarmlessArgumentsAlone) {
  check({
      {"tool", {"--token-count", "5"}, {"--token-count", "5"}},
      {"tool", {"--max-tokens=5", "--password-file", "/p"}, {"--max-tokens=5", "--password-file", "/p"}},
      {"tool", {"-p", "8080", "-t", "x"}, {"-p", "8080", "-t", "x"}},
      {"env", {"PWD=/root", "PATH=/bin", "KEY=x"}, {"PWD=/root", "PATH=/bin", "KEY=x"}},
      {"sh", {"-c", "echo  a\t'b c'\n\"d\""}, {"-c", "echo  a\t'b c'\n\"d\""}},
      {"tool",
       {"", "-", "--", "=", ":", "://", "@", "a=", "\"", "'"},
       {"", "-", "--", "=", ":", "://", "@", "a=", "\"", "'"}},
  });
}

TEST(Masking, NoSecretSurvivesWhateverStandsAroundIt) {
  const std::string secret = "S3CR3T";
  for (const std::string form :
       {"--password=@", "PASSWORD=@", "http://u:@@h", "x;token=@;y", "Authorization: @", "{\"secret\":\"@\"}",
        "-Dapi.key=@", "\"--token=@", "tool --secret @"}) {
    for (const std::string around : {"@", "sh -c '@'", "a @ b", "x=1 @", "\"@\""}) {
      std::string text = around;
      std::string inner = form;
      inner.replace(inner.find('@'), 1, secret);
      text.replace(text.find('@'), 1, inner);
      Args args = {text};
      mask_arguments("tool", args);
      EXPECT_EQ(args[0].find(secret), std::string::npos) << text << " -> " << args[0];
    }
  }
}

TEST(Arguments, AreBoundedInNumber) {
  const auto shown = present_arguments("tool", Args(limits::args_count + 1, "a"), false);
  EXPECT_EQ(shown.args.size(), limits::args_count);
  EXPECT_TRUE(shown.truncated);
  EXPECT_FALSE(present_arguments("tool", Args(limits::args_count, "a"), false).truncated);
}

TEST(Arguments, AreBoundedInBytesWithoutSplittingACharacter) {
  std::string text(limits::args_bytes - 1, 'a');
  const auto shown = present_arguments("tool", {text + "\xc3\xa9", "b"}, false);
  ASSERT_EQ(shown.args.size(), 1U);
  EXPECT_EQ(shown.args[0], text);
  EXPECT_TRUE(shown.truncated);
}

TEST(Arguments, AreMaskedBeforeTheyAreCut) {
  const std::string url = "http://user:" + std::string(limits::args_bytes * 2, 's') + "@host/";
  const auto shown = present_arguments("tool", {url}, false);
  EXPECT_EQ(shown.args, Args{"http://user:***@host/"});
  EXPECT_FALSE(shown.truncated);
}

TEST(Arguments, ShowInvalidBytes) {
  EXPECT_EQ(present_arguments("tool", {"a\xff"}, false).args, Args{"a\\xff"});
  EXPECT_TRUE(present_arguments("tool", {}, true).truncated);
}

}  // namespace
}  // namespace procmond
