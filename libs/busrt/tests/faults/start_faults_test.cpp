// Each call to the system that a broker takes to start and to listen fails once: it says so, leaves nothing
// behind, and listens when it is asked again.
#include <gtest/gtest.h>

#include <cerrno>
#include <iostream>
#include <optional>
#include <string>

#include "busrt_testing/test_address.hpp"
#include "faults/injector.hpp"
#include "faults/plan.hpp"
#include "faults/stage.hpp"

namespace busrt_faults {
namespace {

constexpr std::size_t most_start_cases = sanitized ? 30 : 100;

/// A broker is made and listens; the caller's thread is one of the broker's meanwhile.
class Start {
 public:
  Start(busrt::BrokerConfig config, std::string address)
      : config_(std::move(config)), address_(std::move(address)) {}

  void run(std::vector<std::string>& problems) {
    set_role(Role::broker);
    try {
      broker_.emplace(config_);
      first_ = broker_->listen(address_);
    } catch (const std::exception& fault) {
      // A broker that cannot have its loops does not come to exist; what exists gives errors as values.
      if (broker_) problems.push_back(std::string("listening threw ") + fault.what());
      if (std::string(fault.what()).empty()) problems.emplace_back("making a broker threw without words");
    }
    set_role(Role::victim);
  }
  void check(std::vector<std::string>& problems) {
    if (!broker_) return;
    if (!first_) {
      const std::string& words = first_.error().message;
      if (!first_.error().code || words.empty()) problems.emplace_back("listening failed without words");
      // The address without its scheme: errors name what was to be bound.
      if (words.find(address_.substr(address_.rfind('/') + 1)) == std::string::npos) {
        problems.push_back("the error does not name " + address_ + ": " + words);
      }
      if (const auto again = broker_->listen(address_); !again) {
        problems.push_back("listening again failed: " + again.error().describe() +
                           ", at first: " + first_.error().describe());
      }
    }
  }
  /// Somebody else's connection has the port; with the fault that says so it does not count.
  [[nodiscard]] bool is_taken() const { return !first_ && first_.error().code == std::errc::address_in_use; }
  [[nodiscard]] bool is_made() const { return broker_.has_value(); }

 private:
  busrt::BrokerConfig config_;
  std::string address_;
  busrt::Result<> first_;
  std::optional<busrt::Broker> broker_;
};

class StartFaults : public testing::TestWithParam<busrt::Way> {
 protected:
  StartFaults() {
    set_role(Role::victim);
    config = quick_broker();
    transport.prepare(config);
    busrt::Broker none;
    client = transport.client("client", none);
    make_quick(client);
    client.reconnect.enabled = false;
  }
  /// One start, with a client that connects in the end. False where another program has the port: the next
  /// start has another one.
  bool start(std::vector<std::string>& problems, int error = 0) {
    Start under_test(config, client.address);
    under_test.run(problems);
    counts = counted();
    stop();
    if (under_test.is_taken() && error != EADDRINUSE) {
      std::cout << client.address << " is taken for now\n";
      transport.choose_port();
      client.address = transport.address();
      return false;
    }
    under_test.check(problems);
    if (!under_test.is_made()) return true;
    busrt::BlockingClient newcomer(client);
    if (const auto up = newcomer.connect(); !up) {
      problems.push_back("a client cannot connect: " + up.error().describe());
    }
    return true;
  }
  /// `prepare`, then a start, until no other program is in the way.
  template <class Prepare>
  void start_after(const Prepare& prepare, std::vector<std::string>& problems, int error = 0) {
    for (int attempt = 0; attempt < 10; ++attempt) {
      prepare();
      if (start(problems, error)) return;
    }
    problems.emplace_back("ten addresses in a row were taken");
  }

  busrt::Transport transport{GetParam()};
  busrt::BrokerConfig config;
  busrt::ClientConfig client;
  Counts counts{};
};

TEST_P(StartFaults, ABrokerStartsOrSaysWhyNotAndLeavesNothingBehind) {
  std::vector<std::string> problems;
  protect_open_connections();
  start_after([] {}, problems);  // what is made once
  start_after(start_counting, problems);
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
  // How often a thread sleeps is chance, and of no consequence here.
  for (auto& of_role : counts) of_role[static_cast<std::size_t>(Call::epoll_wait)] = 0;
  counts[static_cast<std::size_t>(Role::victim)] = {};
  const auto targets = plan(counts, most_start_cases);
  const std::size_t descriptors = open_descriptors();
  std::size_t met = 0;
  for (const Target& target : targets) {
    problems.clear();
    start_after([&target] { arm(target); }, problems, target.fault->error);
    met += fired() ? 1U : 0U;
    if (!eventually([descriptors] { return open_descriptors() == descriptors; })) {
      problems.push_back("open descriptors: " + std::to_string(descriptors) + " before, " +
                         std::to_string(open_descriptors()) + " after");
    }
    for (const std::string& problem : problems) {
      ADD_FAILURE() << busrt::name_of(GetParam()) << ", " << to_string(target) << ": " << problem
                    << "\nagain: " << how_to_repeat(target);
    }
    if (HasFailure() && std::getenv("BUSRT_FAULT_GO_ON") == nullptr) return;
  }
  std::cout << targets.size() << " faults tried, " << met << " met\n";
  EXPECT_GE(met * 10, targets.size() * 6) << "calls that are not made any more cannot fail";
}

INSTANTIATE_TEST_SUITE_P(Ways, StartFaults,
                         testing::Values(busrt::Way::ipc, busrt::Way::tcp, busrt::Way::tls,
                                         busrt::Way::websocket, busrt::Way::secure_websocket),
                         [](const auto& way) { return busrt::name_of(way.param); });

}  // namespace
}  // namespace busrt_faults
