// Whose rules file is read.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "busrt/access.hpp"
#include "busrt_testing/test_address.hpp"

namespace busrt {
namespace {

TEST(AccessFile, that_others_may_write_is_refused) {
  const busrt_testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "access.toml";
  std::ofstream(path) << "[[client]]\nname = \"a\"\n";
  std::filesystem::permissions(path, std::filesystem::perms::others_write,
                               std::filesystem::perm_options::add);
  const auto rules = AccessRules::load(path);
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().code, errc::access);
  EXPECT_TRUE(rules.error().message.contains(path.string() + " belongs to uid")) << rules.error().message;
}

}  // namespace
}  // namespace busrt
