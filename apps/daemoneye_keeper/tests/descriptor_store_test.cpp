#include "descriptor_store.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>

namespace daemoneye_keeper {
namespace {

using busrt::base::UniqueFd;

struct Pipe {
  UniqueFd read, write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

bool at_end(const UniqueFd& read_end) {
  ::fcntl(read_end.get(), F_SETFL, O_NONBLOCK);
  char letter = 0;
  return ::read(read_end.get(), &letter, 1) == 0;
}

TEST(DescriptorStore, HandsOutDuplicatesAndClosesWhatIsDroppedOrReplaced) {
  DescriptorStore store;
  Pipe first = make_pipe();
  Pipe second = make_pipe();
  ASSERT_TRUE(store.put("ring", std::move(first.write)));
  {
    const auto copy = store.take("ring");
    ASSERT_TRUE(copy);
    EXPECT_EQ(::write(copy->get(), "", 0), 0);
  }
  EXPECT_FALSE(at_end(first.read)) << "the store still holds it";
  ASSERT_TRUE(store.put("ring", std::move(second.write)));
  EXPECT_TRUE(at_end(first.read));
  ASSERT_TRUE(store.drop("ring"));
  EXPECT_TRUE(at_end(second.read));
  EXPECT_FALSE(store.take("ring"));
  EXPECT_FALSE(store.drop("ring"));
}

TEST(DescriptorStore, IsFullAtItsBound) {
  DescriptorStore store;
  const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto copy = [&null] { return UniqueFd(::fcntl(null.get(), F_DUPFD_CLOEXEC, 0)); };
  for (std::size_t i = 0; i < max_stored_descriptors; ++i) ASSERT_TRUE(store.put(std::to_string(i), copy()));
  const auto refused = store.put("one more", copy());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, std::errc::no_space_on_device);
  EXPECT_TRUE(store.put("0", copy())) << "a name that it has is replaced";
}

}  // namespace
}  // namespace daemoneye_keeper
