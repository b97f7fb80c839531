#include "busrt/base/suggestion.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace busrt::base {
namespace {

TEST(Suggestion, FindsSlipsAndNothingFurther) {
  const std::vector<std::string> words = {"address", "mode", "timeout_ms"};
  EXPECT_EQ(closest_word("adress", words), "address");
  EXPECT_EQ(closest_word("mdoe", words), "mode");
  EXPECT_EQ(closest_word("timeoutms", words), "timeout_ms");
  EXPECT_EQ(closest_word("colour", words), std::nullopt);
}

}  // namespace
}  // namespace busrt::base
