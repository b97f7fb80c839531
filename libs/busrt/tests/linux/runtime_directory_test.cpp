// A bare ipc://NAME: where it lies, and whom broker and client trust with that place.
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "broker_fixture.hpp"
#include "busrt/address.hpp"
#include "busrt/blocking_client.hpp"

namespace busrt {
namespace {

constexpr uid_t stranger = 54321;

class RuntimeDirectory : public testing::Test {
 protected:
  [[nodiscard]] BrokerConfig broker() const {
    BrokerConfig config;
    config.runtime_directory = place;
    return config;
  }
  [[nodiscard]] Result<> connect(const std::string& address) const {
    ClientConfig config{.name = "client", .address = address};
    config.runtime_directory = place;
    config.reconnect.enabled = false;
    BlockingClient client(std::move(config));
    return client.connect();
  }
  void expect_refusal(const Result<>& done, const std::string& owner, const std::string& mode) const {
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, errc::access) << done.error().describe();
    for (const std::string& part : {place.string(), owner, mode}) {
      EXPECT_NE(done.error().message.find(part), std::string::npos) << done.error().message;
    }
  }

  const TemporaryDirectory above;
  const std::filesystem::path place = above.path() / "app";
};

TEST_F(RuntimeDirectory, BrokerAndClientMeetThereByABareName) {
  Broker broker_here(broker());
  const auto bound = broker_here.listen("ipc://bus");
  ASSERT_TRUE(bound) << bound.error().describe();
  EXPECT_TRUE(std::filesystem::is_socket(place / "bus"));
  EXPECT_EQ(std::filesystem::status(place).permissions(), std::filesystem::perms::owner_all);
  const auto up = connect("ipc://bus");
  EXPECT_TRUE(up) << up.error().describe();
}

TEST_F(RuntimeDirectory, ABareNameIsRefusedByAProgramThatNamesNone) {
  Broker nowhere;
  const auto bound = nowhere.listen("ipc://bus");
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, errc::bad_address);
  BlockingClient client({.name = "client", .address = "ipc://bus"});
  const auto up = client.connect();
  ASSERT_FALSE(up);
  EXPECT_EQ(up.error().code, errc::bad_address);
  EXPECT_NE(up.error().message.find("expected ipc:///PATH/bus"), std::string::npos) << up.error().message;
}

TEST_F(RuntimeDirectory, OneThatOthersMayWriteIsRefusedByBrokerAndClient) {
  Broker first(broker());
  ASSERT_TRUE(first.listen("ipc://bus"));
  const std::string owner = "uid " + std::to_string(::geteuid());
  for (const auto& [mode, text] : {std::pair{0777U, "0777"}, {0770U, "0770"}, {01777U, "1777"}}) {
    ASSERT_EQ(::chmod(place.c_str(), mode), 0);
    // By its whole path it is the same place.
    for (const std::string& address : {std::string("ipc://bus"), (place / "bus").string()}) {
      expect_refusal(connect(address), owner, text);
    }
    Broker second(broker());
    expect_refusal(second.listen("ipc://other"), owner, text);
    EXPECT_FALSE(std::filesystem::exists(place / "other"));
  }
}

TEST_F(RuntimeDirectory, OneOfAnotherUserIsRefusedByBrokerAndClient) {
  if (::geteuid() != 0) GTEST_SKIP() << "root alone gives directories away";
  Broker first(broker());
  ASSERT_TRUE(first.listen("ipc://bus"));
  ASSERT_EQ(::chown(place.c_str(), stranger, stranger), 0);
  expect_refusal(connect("ipc://bus"), "uid 54321", "0700");
  Broker second(broker());
  expect_refusal(second.listen("ipc://other"), "uid 54321", "0700");
}

TEST_F(RuntimeDirectory, AnotherPlaceIsTheChoiceOfTheUserWhoNamesIt) {
  std::filesystem::create_directory(place);
  ASSERT_EQ(::chmod(place.c_str(), 0777), 0);
  Broker elsewhere;
  const std::string path = (place / "bus.sock").string();
  ASSERT_TRUE(elsewhere.listen(path));
  BlockingClient client({.name = "client", .address = path});
  EXPECT_TRUE(client.connect());
}

}  // namespace
}  // namespace busrt
