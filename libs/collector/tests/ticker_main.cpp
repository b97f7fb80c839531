// A collector program for tests: counts as fast as its settings say, on a thread of its own like a real
// source.

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "busrt/error.hpp"
#include "daemoneye/collector/collector_main.hpp"

namespace {

using daemoneye::collector::EventSink;
using daemoneye::collector::EventSource;

/// Setting: `events` (how many to emit after each start).
class Ticker final : public EventSource {
 public:
  [[nodiscard]] std::string_view name() const override { return "ticker"; }
  [[nodiscard]] std::string_view domain() const override { return "performance"; }
  [[nodiscard]] std::vector<std::string> capabilities() const override { return {"performance.tick"}; }

  boost::asio::awaitable<busrt::base::Result<>> start(EventSink& sink) override {
    if (!worker_.joinable())
      worker_ = std::jthread([this, &sink](const std::stop_token& stop) { count(sink, stop); });
    co_return busrt::base::Result<>();
  }
  boost::asio::awaitable<void> stop() override {
    worker_ = {};
    co_return;
  }
  [[nodiscard]] boost::json::object health() const override {
    return {{"method", "counting"}, {"cannot_see", boost::json::array()}, {"events", emitted_.load()}};
  }
  busrt::base::Result<> configure(const boost::json::object& settings) override {
    for (const auto& [key, value] : settings) {
      if (key != "events" || !value.is_int64() || value.get_int64() < 0) {
        return busrt::base::fail(busrt::errc::data,
                                 std::string(key) + ": expected only `events`, an integer of 0 or more");
      }
      events_ = value.get_int64();
    }
    return {};
  }

 private:
  void count(EventSink& sink, const std::stop_token& stop) {
    for (std::int64_t i = 0; i < events_ && !stop.stop_requested(); ++i) {
      sink.emit({.kind = "tick", .time = std::chrono::system_clock::now(), .data = {{"n", i}}});
      ++emitted_;
    }
  }

  std::int64_t events_ = 10;
  std::atomic<std::int64_t> emitted_ = 0;
  std::jthread worker_;
};

}  // namespace

int main(int argc, char** argv) {
  return daemoneye::collector::run_collector(std::make_unique<Ticker>(), argc, argv);
}
