// Wait statuses, and the fields of data.
#include "event_data.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "fake_host.hpp"

namespace procmond {
namespace {

boost::json::object read(EventData& data) {
  return boost::json::parse(data.take()).as_object();
}

TEST(WaitStatus, IsACodeOrASignal) {
  EXPECT_EQ(decode_wait_status(0).code, 0);
  EXPECT_EQ(decode_wait_status(255U << 8U).code, 255);
  EXPECT_FALSE(decode_wait_status(255U << 8U).signal);
  EXPECT_EQ(decode_wait_status(9).signal, 9);
  EXPECT_FALSE(decode_wait_status(9).code);
  EXPECT_FALSE(decode_wait_status(9).core_dumped);
  EXPECT_EQ(decode_wait_status(6U | 0x80U).signal, 6);
  EXPECT_TRUE(decode_wait_status(6U | 0x80U).core_dumped);
}

TEST(EventData, NamesEverythingThatIsMissing) {
  FakeHost host;
  Process process;
  process.pid = 5;
  EventData data(process, nullptr, host, ObservedBy::connector);
  data.add_exit(std::nullopt, std::nullopt);
  EXPECT_TRUE(data.is_incomplete());
  EXPECT_EQ(boost::json::serialize(read(data).at("incomplete")),
            R"(["start_time","ppid","uid","gid","comm","exe","args","cgroup","exit_code"])");
}

TEST(EventData, SaysThatArgumentsWereCut) {
  FakeHost host;
  Process process;
  process.image = std::make_shared<Image>(Image{"/bin/a", std::vector<std::string>{"a"}, true});
  EventData data(process, nullptr, host, ObservedBy::scan);
  EXPECT_EQ(read(data).at("args_truncated"), true);
}

}  // namespace
}  // namespace procmond
