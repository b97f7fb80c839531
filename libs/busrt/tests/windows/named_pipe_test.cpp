// The named pipe: who may open it, whose name it is, and what comes through it.
#include <aclapi.h>

#include <future>
#include <string>
#include <vector>

#include "broker_fixture.hpp"
#include "busrt/address.hpp"
#include "busrt/blocking_client.hpp"
#include "transport/windows/owner.hpp"

namespace busrt {
namespace {

transport::Handle open_pipe(const std::string& address) {
  const auto name = transport::widen(Address::parse(address).value().target);
  return transport::Handle(
      ::CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, 0, nullptr));
}

TEST(NamedPipe, lets_in_its_owner_and_nobody_else) {
  const TemporaryDirectory directory;
  const std::string address = busrt_testing::ipc_address_in(directory.path());
  Broker broker;
  ASSERT_TRUE(broker.listen(address));
  const transport::Handle pipe = open_pipe(address);
  ASSERT_TRUE(pipe);
  EXPECT_TRUE(transport::check_owner(pipe.get()));

  PACL acl = nullptr;
  PSID owner = nullptr;
  PSECURITY_DESCRIPTOR found = nullptr;
  ASSERT_EQ(
      ::GetSecurityInfo(pipe.get(), SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                        &owner, nullptr, &acl, nullptr, &found),
      static_cast<DWORD>(ERROR_SUCCESS));
  const std::unique_ptr<void, decltype(&::LocalFree)> free(found, &::LocalFree);
  ASSERT_NE(acl, nullptr) << "no list at all would let everybody in";
  ASSERT_EQ(acl->AceCount, 1);
  void* entry = nullptr;
  ASSERT_NE(::GetAce(acl, 0, &entry), 0);
  auto* allowed = static_cast<ACCESS_ALLOWED_ACE*>(entry);
  EXPECT_EQ(allowed->Header.AceType, ACCESS_ALLOWED_ACE_TYPE);
  EXPECT_NE(::EqualSid(&allowed->SidStart, owner), 0);
}

TEST(NamedPipe, a_name_that_is_taken_is_refused_and_its_holder_left_alone) {
  const TemporaryDirectory directory;
  const std::string address = busrt_testing::ipc_address_in(directory.path());
  Broker first;
  ASSERT_TRUE(first.listen(address));
  Broker second;
  const auto refused = second.listen(address);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::busy);
  EXPECT_NE(refused.error().message.find(Address::parse(address).value().target), std::string::npos);
  WireClient client(busrt_testing::connect_ipc(address), "client");
  EXPECT_EQ(client.confirmed(Op::publish, "x", ""), ok);
}

TEST(NamedPipe, a_name_is_free_again_once_its_broker_is_shut_down) {
  const TemporaryDirectory directory;
  const std::string address = busrt_testing::ipc_address_in(directory.path());
  for (int round = 0; round < 3; ++round) {
    Broker broker;
    const auto bound = broker.listen(address);
    ASSERT_TRUE(bound) << bound.error().describe();
    WireClient client(busrt_testing::connect_ipc(address), "client");
    EXPECT_EQ(client.confirmed(Op::publish, "x", ""), ok);
    broker.shutdown();
    EXPECT_TRUE(client.wait_for_close());
    client.close();
    EXPECT_FALSE(open_pipe(address));
  }
}

TEST(NamedPipe, what_windows_does_not_have_is_refused_by_name) {
  Broker broker;
  const auto path = broker.listen("/tmp/bus.sock");
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, errc::bad_address);
  EXPECT_NE(path.error().message.find("/tmp/bus.sock"), std::string::npos);
  BlockingClient client({.name = "app", .address = "localhost:7777"});
  const auto tcp = client.connect();
  ASSERT_FALSE(tcp);
  EXPECT_EQ(tcp.error().code, errc::not_supported);
}

TEST(NamedPipe, a_client_without_a_broker_is_told_so) {
  const TemporaryDirectory directory;
  const std::string address = busrt_testing::ipc_address_in(directory.path());
  BlockingClient client({.name = "app", .address = address});
  const auto refused = client.connect();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::io);
  EXPECT_NE(refused.error().message.find(address), std::string::npos);
}

TEST(NamedPipe, several_listeners_serve_one_bus) {
  const TemporaryDirectory one;
  const TemporaryDirectory two;
  Broker broker;
  ASSERT_TRUE(broker.listen(busrt_testing::ipc_address_in(one.path())));
  ASSERT_TRUE(broker.listen(busrt_testing::ipc_address_in(two.path())));
  WireClient receiver(busrt_testing::connect_ipc(busrt_testing::ipc_address_in(one.path())), "receiver");
  WireClient sender(busrt_testing::connect_ipc(busrt_testing::ipc_address_in(two.path())), "sender");
  ASSERT_EQ(sender.confirmed(Op::message, "receiver", "x"), ok);
  EXPECT_EQ(receiver.next_data().payload, "x");
}

class NamedPipeShards : public BrokerTest {};
INSTANTIATE_TEST_SUITE_P(All, NamedPipeShards,
                         testing::Values(Variant{"1_shard", 1, false}, Variant{"3_shards", 3, false}),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(NamedPipeShards, the_log_names_the_process_of_a_client) {
  start();
  connect("client").close();
  const std::string pid = "(pid " + std::to_string(::GetCurrentProcessId()) + ")";
  EXPECT_TRUE(eventually([&] { return logged("client client " + pid); }));
}

TEST_P(NamedPipeShards, many_clients_at_once_all_get_in) {
  start();
  constexpr int threads = 8;
  constexpr int clients_each = 25;
  std::vector<std::future<int>> results;
  for (int thread = 0; thread < threads; ++thread) {
    results.push_back(std::async(std::launch::async, [this, thread] {
      int served = 0;
      for (int i = 0; i < clients_each; ++i) {
        auto client = connect("client." + std::to_string(thread) + "." + std::to_string(i));
        if (client.confirmed(Op::publish, "x", "") == ok) ++served;
      }
      return served;
    }));
  }
  for (auto& result : results) EXPECT_EQ(result.get(), clients_each);
}

TEST_P(NamedPipeShards, frames_larger_than_every_buffer_come_through_whole) {
  start();
  auto sender = connect("sender");
  auto receiver = connect("receiver");
  std::string payload(5U << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 31 >> 3);
  auto received = std::async(std::launch::async, [&] { return receiver.next_data().payload; });
  EXPECT_EQ(sender.confirmed(Op::message, "receiver", payload), ok);
  EXPECT_TRUE(received.get() == payload);
}

TEST_P(NamedPipeShards, what_was_sent_before_a_client_left_arrives) {
  start();
  auto receiver = connect("receiver");
  ASSERT_EQ(receiver.confirmed_topics(Op::subscribe, {"last/#"}), ok);
  constexpr int frames = 1000;
  {
    auto sender = connect("sender");
    for (int i = 0; i < frames; ++i) sender.send(Op::publish, "last/words", std::to_string(i));
  }
  for (int i = 0; i < frames; ++i) ASSERT_EQ(receiver.next_data().payload, std::to_string(i));
}

}  // namespace
}  // namespace busrt
