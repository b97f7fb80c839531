// Words and paths in command lines.
#include "text.hpp"

#include <gtest/gtest.h>

namespace procmond {
namespace {

TEST(Text, BaseNameIsTheLastComponent) {
  EXPECT_EQ(base_name("/usr/bin/mysql"), "mysql");
  EXPECT_EQ(base_name("mysql"), "mysql");
  EXPECT_EQ(base_name("a/"), "a/");
  EXPECT_EQ(base_name(""), "");
}

}  // namespace
}  // namespace procmond
