// A tracker on a fake host, and short ways to look at what it emitted.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "daemoneye/collector/testing/recording_sink.hpp"
#include "fake_host.hpp"
#include "schema_check.hpp"
#include "tracker.hpp"

namespace procmond {

class TrackerFixture : public ::testing::Test {
 protected:
  /// Whatever a test makes the tracker emit is what the schema says.
  void TearDown() override { expect_schema(sink); }

  void feed(const KernelEvent& event) {
    host.now_ns = std::max(host.now_ns, event.timestamp_ns);
    tracker.on_event(event, ahead);
  }
  void scan(ObservedBy by) {
    ASSERT_TRUE(tracker.scan_present(by));
    tracker.scan_absent(by);
  }
  /// A snapshot at this tick, forgotten.
  void begin_at(std::uint64_t tick) {
    host.now_ns = tick * FakeHost::tick_ns;
    scan(ObservedBy::snapshot);
    expect_schema(sink);
    sink.clear();
  }
  /// "kind pid" of everything emitted, in order.
  [[nodiscard]] std::vector<std::string> story() const {
    std::vector<std::string> lines;
    for (const auto& seen : sink.observations()) {
      lines.push_back(seen.kind + " " + std::to_string(seen.data.at("process").at("pid").as_int64()));
    }
    return lines;
  }
  [[nodiscard]] boost::json::object last() const {
    const auto all = sink.observations();
    if (all.empty()) return {};
    return all.back().data;
  }
  static std::string text(const boost::json::value& value) { return boost::json::serialize(value); }

  using Story = std::vector<std::string>;

  FakeHost host;
  daemoneye::collector::testing::RecordingSink sink;
  Statistics statistics;
  Tracker tracker{host, sink, statistics};
  EventQueue ahead;
};

}  // namespace procmond
