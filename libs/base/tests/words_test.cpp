// Words and paths in command lines.
#include "busrt/base/words.hpp"

#include <gtest/gtest.h>

namespace busrt::base {
namespace {

TEST(Text, BaseNameIsTheLastComponent) {
  EXPECT_EQ(base_name("/usr/bin/mysql"), "mysql");
  EXPECT_EQ(base_name("mysql"), "mysql");
  EXPECT_EQ(base_name("a/"), "a/");
  EXPECT_EQ(base_name(""), "");
}

}  // namespace
}  // namespace busrt::base
