// A source that emits recorded events again, so that a pipeline sees the same events each time.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemoneye/collector/event_source.hpp"

namespace daemoneye::collector::testing {

/// Replays a file of one JSON event a line, as `daemoneye watch --format json` prints them. Empty lines are
/// skipped.
///
/// start() reads and checks the whole file, then emits its events in the order of the lines on a thread of
/// its own, as fast as the sink takes them. An event keeps its time, kind, correlation and data, and gets the
/// envelope of this collector. A loss record of the file is reported as a loss. A further start() begins
/// again.
///
/// Errors of start(): the file cannot be read; a line that is no event, or one of another domain
/// (std::errc::invalid_argument). The message begins with file and line: `storm.jsonl:17: ...`.
class ReplaySource final : public EventSource {
 public:
  explicit ReplaySource(std::filesystem::path file, std::string name = "replay",
                        std::string domain = "process")
      : file_(std::move(file)), name_(std::move(name)), domain_(std::move(domain)) {}
  ~ReplaySource() override;

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string_view domain() const override { return domain_; }
  [[nodiscard]] std::vector<std::string> capabilities() const override { return {domain_ + ".events"}; }
  boost::asio::awaitable<busrt::base::Result<>> start(EventSink& sink) override;
  boost::asio::awaitable<void> stop() override;
  /// {method, cannot_see, events (emitted so far), of (in the file), done}
  [[nodiscard]] boost::json::object health() const override;
  busrt::base::Result<> configure(const boost::json::object& settings) override;

 private:
  std::filesystem::path file_;
  std::string name_;
  std::string domain_;
  std::atomic<std::uint64_t> emitted_ = 0;
  std::uint64_t total_ = 0;
  std::jthread thread_;
};

}  // namespace daemoneye::collector::testing
