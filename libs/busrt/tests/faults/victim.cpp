#include "faults/victim.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>
#include <future>
#include <optional>
#include <thread>
#include <utility>

#include "busrt/rpc.hpp"
#include "faults/injector.hpp"

namespace busrt_faults {

namespace {

namespace asio = boost::asio;

template <class Future>
Step outcome(std::string what, Future future) {
  Step step;
  step.what = std::move(what);
  if (future.wait_for(patience) != std::future_status::ready) {
    step.hung = true;
    return step;
  }
  try {
    const auto result = future.get();
    step.ok = result.has_value();
    if (!step.ok) {
      step.code = result.error().code;
      step.words = result.error().message;
    }
  } catch (const std::exception& fault) {
    step.words = std::string("threw ") + fault.what();
  }
  return step;
}

class Victim {
 public:
  explicit Victim(const busrt::ClientConfig& config) : client_(config) {
    client_.async().on_frame([received = received_](const busrt::Frame&) { received->fetch_add(1); });
    std::promise<void> marked;
    asio::post(bus().get_executor(), [&marked] {
      set_role(Role::victim);
      marked.set_value();
    });
    marked.get_future().wait();
  }

  void run(Report& report) {
    const auto take = [&report](Step step) {
      report.steps.push_back(std::move(step));
      return report.steps.back().ok;
    };
    if (!take(outcome("connect", client_.async().connect(asio::use_future)))) return;
    take(outcome("subscribe", bus().subscribe({topics}, asio::use_future)));
    for (std::size_t i = 0; i < processed_frames; ++i) {
      const std::string payload = std::to_string(i);
      report.confirmed[i] =
          take(outcome("publish " + payload,
                       bus().publish(processed_topic, busrt::as_bytes(payload), {}, asio::use_future)));
    }
    for (std::size_t i = 0; i < realtime_frames; ++i) {
      const std::string payload = std::to_string(i);
      if (bus().try_send(busrt::Op::publish, realtime_topic, busrt::as_bytes(payload),
                         busrt::QoS::realtime)) {
        ++report.realtime_accepted;
      }
    }
    take(outcome("call",
                 client_.async().call(".broker", "test", {}, {busrt::QoS::processed, busrt::IfCut::repeat},
                                      patience, asio::use_future)));
    const bool drained = take(outcome("disconnect", bus().disconnect(patience, asio::use_future)));
    report.stats = bus().stats();
    const auto& ends = report.stats.disconnects;
    std::uint64_t all = 0;
    for (const std::uint64_t count : ends) all += count;
    report.whole = drained && report.stats.connections == 1 && all == 1 &&
                   ends[static_cast<std::size_t>(busrt::DisconnectReason::owner)] == 1;
    if (!report.whole) return;
    // What came before the last confirmation has been read; its handler may still be about to run.
    const std::size_t expected = report.confirmed_frames() + report.realtime_accepted;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (received_->load() < expected && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    report.own_frames = received_->load();
  }

 private:
  busrt::Client& bus() { return client_.async().client(); }

  const std::shared_ptr<std::atomic<std::size_t>> received_ = std::make_shared<std::atomic<std::size_t>>(0);
  busrt::BlockingRpcClient client_;
};

}  // namespace

Report run_victim(const busrt::ClientConfig& config) {
  Report report;
  set_role_of_new_threads(Role::victim);
  std::optional<Victim> victim;
  try {
    victim.emplace(config);
    report.made = true;
  } catch (const boost::system::system_error& fault) {
    // Nothing can be done without an event loop.
    report.steps.push_back({.what = "make a client", .code = fault.code(), .words = fault.what()});
  }
  set_role_of_new_threads(Role::broker);
  if (victim) victim->run(report);
  return report;
}

}  // namespace busrt_faults
