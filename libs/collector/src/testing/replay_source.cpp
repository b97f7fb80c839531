// The file is read as a whole before the first event, so that a mistake in line 1,000 is found at the start.
#include "daemoneye/collector/testing/replay_source.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>
#include <variant>

#include "daemoneye/events/event.hpp"

namespace daemoneye::collector::testing {

namespace asio = boost::asio;

namespace {

using Recorded = std::variant<Observation, events::Loss>;

busrt::base::Result<Recorded> read_line(std::string_view line, std::string_view domain) {
  auto event = events::decode_event(line);
  if (!event) return std::unexpected(std::move(event.error()));
  if (event->domain != domain) {
    return busrt::base::fail(
        std::make_error_code(std::errc::invalid_argument),
        fmt::format("domain: this source replays events of {}, not of {}", domain, event->domain));
  }
  if (event->is_loss()) {
    auto loss = events::parse_loss(event->data);
    if (!loss) return std::unexpected(std::move(loss.error()));
    return Recorded(*std::move(loss));
  }
  return Recorded(Observation{.kind = std::move(event->kind),
                              .time = event->time,
                              .data = std::move(event->data),
                              .correlation_id = std::move(event->correlation_id)});
}

busrt::base::Result<std::vector<Recorded>> read_file(const std::filesystem::path& file,
                                                     std::string_view domain) {
  std::ifstream input(file);
  if (!input) return busrt::base::fail_errno(errno, file.string());
  std::vector<Recorded> all;
  std::string line;
  for (std::size_t number = 1; std::getline(input, line); ++number) {
    if (line.empty()) continue;
    auto recorded = read_line(line, domain);
    if (!recorded) {
      return busrt::base::fail(recorded.error().code,
                               fmt::format("{}:{}: {}", file.string(), number, recorded.error().message));
    }
    all.push_back(*std::move(recorded));
  }
  if (input.bad()) return busrt::base::fail_errno(errno, file.string());
  return all;
}

}  // namespace

ReplaySource::~ReplaySource() = default;

asio::awaitable<busrt::base::Result<>> ReplaySource::start(EventSink& sink) {
  auto all = read_file(file_, domain_);
  if (!all) co_return std::unexpected(std::move(all.error()));
  thread_ = {};
  emitted_ = 0;
  total_ = all->size();
  thread_ = std::jthread([this, &sink, events = *std::move(all)](const std::stop_token& stop) mutable {
    for (Recorded& recorded : events) {
      if (stop.stop_requested()) return;
      if (auto* const observation = std::get_if<Observation>(&recorded)) {
        sink.emit(std::move(*observation));
      } else {
        sink.report_loss(std::move(std::get<events::Loss>(recorded)));
      }
      ++emitted_;
    }
  });
  co_return busrt::base::Result<>();
}

asio::awaitable<void> ReplaySource::stop() {
  thread_ = {};
  co_return;
}

boost::json::object ReplaySource::health() const {
  return {{"method", "replay"},
          {"cannot_see", boost::json::array{"The host: these events were recorded earlier."}},
          {"events", emitted_.load()},
          {"of", total_},
          {"done", emitted_.load() == total_}};
}

busrt::base::Result<> ReplaySource::configure(const boost::json::object& settings) {
  if (settings.empty()) return {};
  return busrt::base::fail(std::make_error_code(std::errc::invalid_argument),
                           std::string(settings.begin()->key()) + ": this source has no settings");
}

}  // namespace daemoneye::collector::testing
