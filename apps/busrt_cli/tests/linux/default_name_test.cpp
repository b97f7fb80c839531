// The name that the tool takes where none is given. Certificates are made here, which needs OpenSSL.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "busrt_testing/certificates.hpp"
#include "busrt_testing/test_address.hpp"
#include "options.hpp"

namespace busrt_cli {
namespace {

std::string name_of(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "busrt");
  arguments.emplace_back("listen");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  const Parsed parsed = parse_options(static_cast<int>(pointers.size()), pointers.data());
  return parsed.options ? parsed.options->name : std::string();
}

TEST(DefaultName, IsTheCertificatesWhereTheBrokerTakesNoOther) {
  const busrt_testing::TemporaryDirectory directory;
  busrt_testing::CertificateAuthority authority(directory.path(), "authority");
  const std::string alice = authority.issue("alice", {.common_name = "alice"}).certificate.value();
  const std::string nameless = authority.issue("nameless", {}).certificate.value();
  for (const char* address : {"tcp://h:1", "wss://h"}) {
    EXPECT_EQ(name_of({address, "--cert", alice}), "alice") << address;
    EXPECT_EQ(name_of({address, "--cert", alice, "-n", "bob"}), "bob") << address;
    EXPECT_TRUE(name_of({address}).starts_with("cli."));
    EXPECT_TRUE(name_of({address, "--cert", nameless}).starts_with("cli."));
    EXPECT_TRUE(name_of({address, "--cert", "/no/such/file"}).starts_with("cli."));
  }
}

}  // namespace
}  // namespace busrt_cli
