// The table of names: what is secret, and what only sounds so.
#include "secret_names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace procmond {
namespace {

TEST(SecretNames, KnowsTheUsualFlagsAndVariables) {
  for (const char* name : {"password",
                           "passwd",
                           "pass",
                           "passphrase",
                           "token",
                           "secret",
                           "api-key",
                           "apikey",
                           "api_key",
                           "access-key",
                           "auth",
                           "credentials",
                           "credential",
                           "private-key",
                           "secret-key",
                           "client-secret",
                           "auth-token",
                           "github-token",
                           "encryption-key",
                           "signing-key",
                           "master-key",
                           "storage-key",
                           "http-password",
                           "passin",
                           "PASSWORD",
                           "DB_PASSWORD",
                           "PGPASSWORD",
                           "MYSQL_PWD",
                           "DB_PASS",
                           "AWS_SECRET_ACCESS_KEY",
                           "AWS_SESSION_TOKEN",
                           "GITHUB_TOKEN",
                           "accessKey",
                           "apiKey",
                           "APIKey",
                           "clientSecret",
                           "userPassword",
                           "db.password",
                           "spring.datasource.password",
                           "X-Api-Key",
                           "Private-Token",
                           "Cookie",
                           "Set-Cookie",
                           "Proxy-Authorization",
                           "oauth2-bearer",
                           "jwt",
                           "psk",
                           "SSHPASS",
                           "storepass",
                           "dbpwd"}) {
    EXPECT_TRUE(is_secret_name(name)) << name;
  }
}

TEST(SecretNames, LeavesAloneWhatOnlySoundsSecret) {
  for (const char* name : {"token-count",
                           "max-tokens",
                           "tokens",
                           "password-file",
                           "passwordFile",
                           "password-stdin",
                           "secret-name",
                           "AWS_ACCESS_KEY_ID",
                           "accessKeyId",
                           "key",
                           "public-key",
                           "ssh-key",
                           "keyfile",
                           "keyboard",
                           "author",
                           "authentication-mode",
                           "PWD",
                           "OLDPWD",
                           "pwd",
                           "bypass",
                           "compass",
                           "no-password",
                           "no-auth",
                           "p",
                           "t",
                           "verbose",
                           "path",
                           "pass-through",
                           "passive",
                           "monkey",
                           "turkey",
                           "",
                           "-",
                           "_",
                           "."}) {
    EXPECT_FALSE(is_secret_name(name)) << name;
  }
}

TEST(SecretNames, AnEndlessNameIsNoName) {
  EXPECT_FALSE(is_secret_name(std::string(100'000, 'a') + "password"));
}

TEST(SecretNames, PwdIsADirectoryOrAPassword) {
  EXPECT_TRUE(is_secret_flag("pwd"));
  EXPECT_TRUE(is_secret_pair("Pwd", "x"));
  EXPECT_TRUE(is_secret_pair("MYSQL_PWD", "/x"));
  EXPECT_FALSE(is_secret_pair("PWD", "/root"));
  EXPECT_FALSE(is_secret_pair("OLDPWD", "/"));
}

}  // namespace
}  // namespace procmond
