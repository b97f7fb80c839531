// The data thread, and what it shares with the control thread.
#include "intake/data_thread.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "daemoneye/events/event.hpp"
#include "intake/shared_intake.hpp"
#include "noon.hpp"

namespace daemoneye_agent {
namespace {

namespace asio = boost::asio;

TEST(DataThread, RunsWhatIsPostedElsewhereAndToItsEnd) {
  Faults faults(Logger([](busrt::base::LogLevel, std::string_view) {}));
  std::thread::id ran_on;
  bool last = false;
  {
    DataThread thread(faults);
    asio::post(thread.context(), [&] {
      ran_on = std::this_thread::get_id();
      asio::post(thread.context(), [&last] { last = true; });
    });
    thread.join();
    EXPECT_TRUE(last) << "work that work has posted is done, too";
  }
  EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(DataThread, AnExceptionOfAHandlerIsNotedAndEndsNothing) {
  Faults faults(Logger([](busrt::base::LogLevel, std::string_view) {}));
  DataThread thread(faults);
  asio::post(thread.context(), [] { throw std::runtime_error("no handler today"); });
  std::promise<void> after;
  asio::post(thread.context(), [&after] { after.set_value(); });
  after.get_future().wait();
  EXPECT_EQ(faults.complaints(),
            std::vector<std::string>{"a fault of the agent in the data thread: no handler today"});
}

TEST(SharedIntake, IsFedAndReadByTwoThreads) {
  SharedIntake intake;
  constexpr std::uint64_t events = 2000;
  std::thread data([&intake] {
    daemoneye::events::Event event;
    event.collector = "procmond";
    event.epoch = 7;
    event.time = noon;
    event.domain = "process";
    event.kind = "exec";
    for (event.seq = 1; event.seq <= events; ++event.seq) {
      intake.take("events.process.exec", "procmond", daemoneye::events::encode_event(event), noon);
    }
  });
  std::uint64_t seen = 0;
  while (seen < events) {
    const auto now = intake.read([](const Account& account) { return account.totals("procmond").received; });
    EXPECT_GE(now, seen);
    seen = now;
    intake.health("procmond", {{"epoch", 7}, {"seq", seen}, {"state", "running"}}, noon);
  }
  data.join();
  intake.sight_lost("procmond", noon, "test");
  intake.sight_restored("procmond", noon);
  intake.ended("procmond", noon);
  intake.read([](const Account& account) {
    EXPECT_EQ(account.totals("procmond").missing, 0U);
    EXPECT_EQ(account.totals("procmond").cut_runs, 1U) << "it ended without a last word";
  });
}

}  // namespace
}  // namespace daemoneye_agent
