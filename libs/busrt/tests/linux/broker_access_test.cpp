// Access rules on a running broker, over real unix sockets: who is let in, what each operation needs, and
// what happens to those connected when the rules change.
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <string>

#include "broker_fixture.hpp"

namespace busrt {
namespace {

std::shared_ptr<const AccessRules> rules_of(const std::string& text) {
  auto rules = AccessRules::parse(text, "rules.toml");
  EXPECT_TRUE(rules) << rules.error().message;
  return rules ? std::make_shared<const AccessRules>(std::move(*rules)) : nullptr;
}

class BrokerAccess : public BrokerTest {
 protected:
  void start_with(const std::string& rules) {
    BrokerConfig config;
    config.access = rules_of(rules);
    start(std::move(config));
  }
  [[nodiscard]] errc outcome(std::string_view name) const {
    WireClient client(channel());
    return client.register_as(name);
  }
  /// A client of this process, who is under no rules.
  [[nodiscard]] WireClient inside(std::string_view name) const {
    return WireClient(busrt_testing::connect_inproc(broker_->local()), name);
  }
};
INSTANTIATE_TEST_SUITE_P(Unix, BrokerAccess,
                         testing::Values(Variant{"1_shard", 1, false}, Variant{"3_shards", 3, false}),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerAccess, without_rules_everything_is_allowed) {
  start();
  auto client = connect("anybody");
  EXPECT_EQ(client.confirmed(Op::publish, "a", ""), ok);
  EXPECT_EQ(client.confirmed_topics(Op::subscribe, {"#"}), ok);
  EXPECT_EQ(broker_->access(), nullptr);
}

TEST_P(BrokerAccess, a_client_that_no_entry_names_is_refused_at_registration) {
  start_with("[[client]]\nname = 'known.*'\n");
  EXPECT_EQ(outcome("unknown"), errc::access);
  EXPECT_EQ(outcome("known.a"), errc::ok);
  EXPECT_TRUE(eventually([&] { return broker_->stats().closed_for(CloseReason::access_refused) == 1; }));
  EXPECT_TRUE(eventually([&] { return logged("denied by rules.toml: no [[client]] there"); }));
}

TEST_P(BrokerAccess, the_kernels_word_on_the_user_counts) {
  const std::string mine = std::to_string(::getuid());
  const std::string other = std::to_string(::getuid() + 1);
  start_with("[[client]]\nname = 'mine'\nuid = " + mine + "\ngid = " + std::to_string(::getgid()) +
             "\nhosts = 'local'\n[[client]]\nname = 'theirs'\nuid = " + other +
             "\n[[client]]\nname = 'far'\nhosts = '127.0.0.1'\n");
  EXPECT_EQ(outcome("mine"), errc::ok);
  EXPECT_EQ(outcome("theirs"), errc::access);
  EXPECT_EQ(outcome("theirs%%1"), errc::access);
  EXPECT_EQ(outcome("far"), errc::access);
  EXPECT_TRUE(
      eventually([&] { return logged("rules.toml:7: the [[client]] \"theirs\" demands another uid"); }));
}

TEST_P(BrokerAccess, each_operation_is_granted_or_answered_0x79) {
  start_with(
      "[[client]]\nname = 'a'\npublish = ['p/+']\nmessage = ['peer', '.broker']\nbroadcast = ['peer.*']\n"
      "[[client]]\nname = '*'\nsubscribe = ['#']\n");
  auto client = connect("a");
  auto peer = connect("peer");
  auto peer_secondary = connect("peer%%1");
  ASSERT_EQ(peer.confirmed_topics(Op::subscribe, {"#"}), ok);
  EXPECT_EQ(client.confirmed(Op::publish, "q/x", "no"), denied);
  EXPECT_EQ(client.confirmed(Op::publish, "p/x/y", "no"), denied);
  EXPECT_EQ(client.confirmed(Op::publish_for, "q/x", "no", "peer"), denied);
  EXPECT_EQ(client.confirmed(Op::message, "other", "no"), denied) << "not even who is registered is told";
  EXPECT_EQ(client.confirmed(Op::broadcast, "*", "no"), denied);
  EXPECT_EQ(client.confirmed_topics(Op::subscribe, {"p/x"}), denied);
  EXPECT_EQ(client.confirmed_topics(Op::unsubscribe, {"p/x"}), ok);
  EXPECT_EQ(client.confirmed_topics(Op::exclude, {"p/x"}), ok);
  EXPECT_EQ(peer.confirmed(Op::message, broker_name, "x"), denied);

  EXPECT_EQ(client.confirmed(Op::message, broker_name, ""), ok);
  EXPECT_EQ(client.confirmed(Op::message, "peer%%1", "yes"), ok);
  EXPECT_EQ(peer_secondary.next_data().payload, "yes");
  EXPECT_EQ(client.confirmed(Op::publish, "p/x", "1"), ok);
  EXPECT_EQ(client.confirmed(Op::publish_for, "p/x", "2", "peer"), ok);
  EXPECT_EQ(client.confirmed(Op::message, "peer", "3"), ok);
  EXPECT_EQ(client.confirmed(Op::broadcast, "peer.?", "4"), ok);
  for (const char* payload : {"1", "2", "3"}) {
    Received frame = peer.next_data();
    while (frame.sender == broker_name) frame = peer.next_data();
    EXPECT_EQ(frame.payload, payload) << "and nothing of what was denied";
  }
  EXPECT_EQ(broker_->stats().denied, 7U);
  EXPECT_EQ(info("a").denied, 6U);
  EXPECT_EQ(lost(LossCause::access_denied), 6U) << "subscriptions are no frames";
  EXPECT_TRUE(eventually([&] {
    return logged("publish \"q/x\" denied by rules.toml:2: the [[client]] \"a\" does not grant it");
  }));
}

TEST_P(BrokerAccess, in_a_bulk_subscribe_one_answer_is_given_and_what_is_granted_holds) {
  start_with("[[client]]\nname = 'a'\nsubscribe = ['a/+', 'events.process.*']\n");
  auto client = connect("a");
  auto source = inside("source");
  const auto op = client.topics(Op::subscribe, {"a/#", "a/b", "#", "events.*", "events.process.new"});
  EXPECT_EQ(client.next().ack_code, denied);
  const auto second = client.topics(Op::subscribe, {"a/+", ".broker/warn"});
  const Received answer = client.next();
  EXPECT_EQ(answer.ack_op_id, second) << "one answer alone came for op " << op;
  EXPECT_EQ(answer.ack_code, ok);
  for (const char* topic : {"x", "a/b/c", "events.network.new", "a/b", "events.process.new"}) {
    ASSERT_EQ(source.confirmed(Op::publish, topic, topic), ok);
  }
  EXPECT_EQ(client.next_data().payload, "a/b");
  EXPECT_EQ(client.next_data().payload, "events.process.new");
}

TEST_P(BrokerAccess, a_denial_that_nobody_is_told_of_is_counted_at_its_sender) {
  start_with("[[client]]\nname = 'a'\nmessage = ['.broker']\n");
  auto client = connect("a");
  client.send(Op::publish, "x", "");
  client.send(Op::message, "x", "", QoS::realtime);
  client.send(Op::broadcast, "x", "");
  client.topics(Op::subscribe, {"x"}, QoS::no);
  ASSERT_EQ(client.confirmed(Op::message, broker_name, ""), ok);
  EXPECT_EQ(lost(LossCause::access_denied), 3U);
  EXPECT_EQ(info("a").total_lost(), 3U);
  EXPECT_EQ(info("a").denied, 4U);
  client.close();
  EXPECT_TRUE(eventually([&] { return broker_->stats().clients == 0; }));
  EXPECT_TRUE(eventually([&] { return lost(LossCause::access_denied) == 3 && broker_->stats().denied == 4; }))
      << "what a client had denied outlives it";
}

TEST_P(BrokerAccess, a_flood_of_denials_is_counted_and_told_only_so_often) {
  start_with("[[client]]\nname = 'a'\nmessage = ['.broker']\n");
  auto client = connect("a");
  for (int i = 0; i < 1000; ++i) client.send(Op::publish, "line\nbreak" + std::to_string(i), "");
  ASSERT_EQ(client.confirmed(Op::message, broker_name, ""), ok);
  EXPECT_EQ(lost(LossCause::access_denied), 1000U);
  client.close();
  broker_.reset();
  const std::string counted = "operations that access rules refuse: ... and ";
  std::uint64_t written = 0;
  std::uint64_t left_out = 0;
  for (const std::string& line : log_) {
    EXPECT_FALSE(line.contains('\n'));
    if (line.contains("publish \"")) ++written;
    if (line.starts_with(counted)) left_out += std::stoull(line.substr(counted.size()));
  }
  EXPECT_EQ(written + left_out, 1000U);
  EXPECT_GE(left_out, 1000U / 2);
}

TEST_P(BrokerAccess, a_malformed_target_is_a_protocol_error_under_rules_as_well) {
  start_with("[[client]]\nname = 'a'\n");
  auto client = connect("a");
  client.send(Op::publish, "\xFF", "");
  EXPECT_TRUE(client.wait_for_close());
  EXPECT_TRUE(eventually([&] { return broker_->stats().closed_for(CloseReason::protocol_error) == 1; }));
  EXPECT_EQ(broker_->stats().denied, 0U);
}

TEST_P(BrokerAccess, new_rules_hold_for_the_next_frame_of_a_live_session) {
  start();
  auto client = connect("a");
  ASSERT_EQ(client.confirmed(Op::publish, "x", ""), ok);
  for (int round = 0; round < 20; ++round) {
    broker_->set_access(rules_of("[[client]]\nname = 'a'\npublish = ['y']\n"));
    ASSERT_EQ(client.confirmed(Op::publish, "x", ""), denied);
    ASSERT_EQ(client.confirmed(Op::publish, "y", ""), ok);
    broker_->set_access(rules_of("[[client]]\nname = 'a'\npublish = ['x']\n"));
    ASSERT_EQ(client.confirmed(Op::publish, "x", ""), ok);
    ASSERT_EQ(client.confirmed(Op::publish, "y", ""), denied);
    broker_->set_access(nullptr);
    ASSERT_EQ(client.confirmed(Op::publish, "z", ""), ok);
  }
}

TEST_P(BrokerAccess, new_rules_close_those_whom_they_bar_though_they_are_silent) {
  start();
  auto barred = connect("barred");
  auto secondary = connect("barred%%1");
  auto kept = connect("kept");
  auto own = inside("inside");
  broker_->set_access(rules_of("[[client]]\nname = 'kept'\nmessage = ['barred']\n"));
  EXPECT_TRUE(barred.wait_for_close());
  EXPECT_TRUE(secondary.wait_for_close());
  EXPECT_TRUE(eventually([&] { return broker_->stats().clients == 2; }));
  EXPECT_EQ(kept.confirmed(Op::message, "barred", ""), static_cast<std::uint8_t>(errc::not_registered));
  EXPECT_EQ(own.confirmed(Op::publish, "anything", ""), ok);
  EXPECT_GE(broker_->stats().closed_for(CloseReason::access_revoked), 1U);
  EXPECT_TRUE(logged("client barred"));
  EXPECT_TRUE(logged("access revoked: denied by rules.toml: no [[client]] there has a name that fits"));
}

TEST_P(BrokerAccess, new_rules_take_away_the_subscriptions_that_they_do_not_grant) {
  start();
  auto client = connect("a");
  auto source = inside("source");
  ASSERT_EQ(client.confirmed_topics(Op::subscribe, {"a/#", "b", "e.*", "b/+/c"}), ok);
  broker_->set_access(
      rules_of("[[client]]\nname = 'a'\nsubscribe = ['a/+', 'b', 'b/#']\nmessage = ['.broker']\n"));
  ASSERT_TRUE(eventually([&] { return broker_->stats().subscriptions_revoked == 2; }));
  for (const char* topic : {"a/b", "e.f", "b", "b/x/c"})
    ASSERT_EQ(source.confirmed(Op::publish, topic, topic), ok);
  EXPECT_EQ(client.next_data().payload, "b");
  EXPECT_EQ(client.next_data().payload, "b/x/c");
  EXPECT_TRUE(eventually([&] { return logged("lost subscriptions that rules.toml does not grant: "); }));
  // The broker's own announcements still come.
  broker_->shutdown();
  EXPECT_EQ(client.next_data().topic, broker_warn_topic);
}

TEST_P(BrokerAccess, rules_may_change_while_clients_come_and_talk) {
  start();
  const auto both = rules_of("[[client]]\nname = '*'\npublish = ['#']\nsubscribe = ['#']\n");
  const auto some = rules_of("[[client]]\nname = '*'\npublish = ['a/#']\nsubscribe = ['a/#']\n");
  std::atomic<bool> done{false};
  std::thread owner([&] {
    while (!done.load()) {
      for (const auto& rules : {both, some, decltype(both)()}) broker_->set_access(rules);
    }
  });
  for (int round = 0; round < 100; ++round) {
    auto client = connect("client." + std::to_string(round));
    ASSERT_EQ(client.confirmed_topics(Op::subscribe, {"a/+"}), ok);
    ASSERT_EQ(client.confirmed(Op::publish, "a/b", "x"), ok) << "granted by all of them";
    EXPECT_EQ(client.next_data().payload, "x");
    const auto code = client.confirmed(Op::publish, "b", "");
    EXPECT_TRUE(code == ok || code == denied);
  }
  done.store(true);
  owner.join();
}

TEST_P(BrokerAccess, the_brokers_own_topics_are_nobodys_whatever_is_granted_and_explained_so) {
  start_with("[[client]]\nname = 'a'\npublish = ['#']\nsubscribe = ['#']\nmessage = ['.broker']\n");
  auto client = connect("a");
  EXPECT_EQ(client.confirmed(Op::publish, broker_warn_topic, ""), denied);
  EXPECT_EQ(client.confirmed(Op::publish_for, broker_warn_topic, "", "a"), denied);
  EXPECT_EQ(client.confirmed_topics(Op::subscribe, {".broker/#"}), ok);
  EXPECT_TRUE(eventually([&] {
    return logged("publish \"" + std::string(broker_warn_topic) + "\" denied: the broker's own topics");
  }));
}

// ---- names bound to a process ----

/// What the broker answers to a name, asked by a process of its own: safe after fork in a threaded program.
std::uint8_t ask_by_hand(const sockaddr_un& address, std::string_view name) {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  std::array<std::uint8_t, 64> bytes{};
  const auto read_exactly = [&](std::size_t count) {
    for (std::size_t got = 0; got < count;) {
      const ssize_t more = ::read(descriptor, bytes.data() + got, count - got);
      if (more <= 0) return false;
      got += static_cast<std::size_t>(more);
    }
    return true;
  };
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 1;
  if (!read_exactly(3) || ::write(descriptor, bytes.data(), 3) != 3 || !read_exactly(1)) return 2;
  bytes[0] = static_cast<std::uint8_t>(name.size());
  bytes[1] = 0;
  std::memcpy(bytes.data() + 2, name.data(), name.size());
  const auto length = static_cast<ssize_t>(2 + name.size());
  if (::write(descriptor, bytes.data(), static_cast<std::size_t>(length)) != length || !read_exactly(1))
    return 3;
  return bytes[0];
}

/// A process that waits for a word before it connects, so that its pid can be bound meanwhile.
class Child {
 public:
  Child(const std::string& socket, std::string_view name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket.data(), socket.size());
    EXPECT_EQ(::pipe(go_.data()), 0);
    pid_ = ::fork();
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that fails leaves nobody behind
    char word = 0;
    [[maybe_unused]] const ssize_t told = ::read(go_[0], &word, 1);
    ::_exit(ask_by_hand(address, name));
  }
  ~Child() {
    if (!ended_) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(go_[0]);
    ::close(go_[1]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// What the broker answered it.
  std::uint8_t connect() {
    EXPECT_EQ(::write(go_[1], "!", 1), 1);
    int status = 0;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    ended_ = true;
    return static_cast<std::uint8_t>(WEXITSTATUS(status));
  }

 private:
  std::array<int, 2> go_{};
  pid_t pid_ = -1;
  bool ended_ = false;
};

TEST_P(BrokerAccess, a_bound_name_is_for_that_process_alone) {
  start();
  Child child(socket_, "collector");
  Child stranger(socket_, "collector");
  ASSERT_TRUE(broker_->bind_name("collector", child.pid()));
  EXPECT_EQ(outcome("collector"), errc::access);
  EXPECT_EQ(outcome("collector%%1"), errc::access);
  EXPECT_EQ(outcome("other"), errc::ok);
  EXPECT_EQ(stranger.connect(), denied);
  EXPECT_EQ(child.connect(), ok);
  EXPECT_TRUE(eventually([&] { return broker_->stats().closed_for(CloseReason::access_refused) == 3; }));
  EXPECT_TRUE(eventually([&] { return logged("the name collector is bound to another process"); }));
  broker_->unbind_name("collector");
  EXPECT_TRUE(eventually([&] { return outcome("collector") == errc::ok; }));
}

TEST_P(BrokerAccess, a_holder_that_is_kept_is_heard_to_its_end_and_nobody_takes_its_place) {
  start();
  auto watcher = connect("watcher");
  auto holder = connect("collector");
  ASSERT_EQ(watcher.confirmed_topics(Op::subscribe, {"t"}), ok);
  ASSERT_TRUE(broker_->bind_name("collector", 1, NameHolder::keep));
  EXPECT_EQ(holder.confirmed(Op::publish, "t", "last words"), ok);
  EXPECT_EQ(watcher.next_data().payload, "last words");
  EXPECT_EQ(outcome("collector%%1"), errc::access);
  holder.close();
  EXPECT_EQ(outcome("collector"), errc::access);
}

TEST_P(BrokerAccess, binding_a_name_closes_the_stranger_who_holds_it) {
  start();
  auto holder = connect("collector");
  auto secondary = connect("collector%%1");
  auto other = connect("other");
  ASSERT_TRUE(broker_->bind_name("collector", ::getpid())) << "who holds it already may stay";
  ASSERT_EQ(holder.confirmed(Op::publish, "x", ""), ok);
  ASSERT_TRUE(broker_->bind_name("collector", 1));
  EXPECT_TRUE(holder.wait_for_close());
  EXPECT_TRUE(secondary.wait_for_close());
  EXPECT_EQ(other.confirmed(Op::publish, "x", ""), ok);
  EXPECT_TRUE(eventually([&] { return logged("its name was bound to another process"); }));
  EXPECT_TRUE(eventually([&] { return broker_->stats().closed_for(CloseReason::name_bound) >= 1; }));
}

TEST_P(BrokerAccess, a_client_of_this_process_has_this_process_pid) {
  start();
  ASSERT_TRUE(broker_->bind_name("a", ::getpid()));
  auto client = inside("a");
  ASSERT_TRUE(broker_->bind_name("b", 1));
  WireClient refused(busrt_testing::connect_inproc(broker_->local()));
  EXPECT_EQ(refused.register_as("b"), errc::access);
}

TEST_P(BrokerAccess, a_name_that_cannot_be_bound_is_refused_by_what_is_wrong) {
  start();
  for (const char* name : {"", ".broker", "a%%1"}) {
    const auto bound = broker_->bind_name(name, 1);
    ASSERT_FALSE(bound) << name;
    EXPECT_EQ(bound.error().code, errc::data);
  }
  EXPECT_FALSE(broker_->bind_name("a", 0));
}

// ---- asking the broker ----

std::string text_param(std::string_view key, std::string_view value) {
  const auto text = [](std::string_view one) {
    return static_cast<char>(0xA0 + one.size()) + std::string(one);
  };
  return text(key) + text(value);
}

TEST_P(BrokerAccess, the_broker_explains_what_its_rules_decide_about_a_connected_client) {
  start();
  auto client = connect("a");
  const auto ask = [&client](std::string_view operation, std::string_view target,
                             std::string_view who = "a") {
    return client.call_broker("access.explain", '\x83' + text_param("client", who) +
                                                    text_param("operation", operation) +
                                                    text_param("target", target));
  };
  EXPECT_TRUE(ask("publish", "x").contains("no_rules"));
  EXPECT_TRUE(ask("publish", ".broker/warn").contains("denied: the broker's own topics"));
  broker_->set_access(
      rules_of("[[client]]\nname = 'a'\nuid = " + std::to_string(::getuid()) +
               "\npublish = ['x']\nmessage = ['.broker']\n[[client]]\nname = 'b'\nuid = 7\n"));
  EXPECT_TRUE(ask("publish", "x").contains("allowed by rules.toml:4: \"x\""));
  EXPECT_TRUE(ask("publish", "y").contains("denied by rules.toml:2: the [[client]] \"a\" does not grant it"));
  EXPECT_TRUE(ask("connect", "", "b").contains("rules.toml:7: the [[client]] \"b\" demands another uid"));
  auto own = inside("own");
  EXPECT_TRUE(ask("publish", "x", "own").contains("the broker's own process"));
  EXPECT_TRUE(ask("publish", ".broker/x", "own").contains("denied: the broker's own topics"));
  EXPECT_TRUE(ask("fly", "x").contains("operation: must be connect, publish"));
  EXPECT_TRUE(ask("publish", "x", "").contains("client: missing"));
  EXPECT_TRUE(client.call_broker("access.explain").contains("params are not one MessagePack value"));
  EXPECT_TRUE(client.call_broker("access.explain", "\x81\xA3uid\xA1x").contains("uid: must be a number"));
  EXPECT_TRUE(
      client.call_broker("access.explain", "\x81\xA3who\xA1x").contains("who: must be a string, one of"));
}

}  // namespace
}  // namespace busrt
