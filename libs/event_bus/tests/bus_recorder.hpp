// A subscriber's handler for tests: keeps what comes, and can be held up or made to fail.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "daemoneye/event_bus/event_bus.hpp"

namespace daemoneye::event_bus::testing {

/// Made by make(); its handlers keep it alive.
class BusRecorder : public std::enable_shared_from_this<BusRecorder> {
 public:
  explicit BusRecorder(const boost::asio::any_io_executor& executor)
      : gate_(executor, boost::asio::steady_timer::time_point::max()) {}
  static std::shared_ptr<BusRecorder> make(const boost::asio::any_io_executor& executor) {
    return std::make_shared<BusRecorder>(executor);
  }

  EventBus::Handler handler() {
    return [self = shared_from_this()](BusMessage message) { return take(self, std::move(message)); };
  }
  void hold() { held_ = true; }
  void release() {
    held_ = false;
    gate_.cancel();
  }
  void fail_next() { fail_ = true; }

  [[nodiscard]] std::size_t entered() const { return entered_; }
  [[nodiscard]] const std::vector<BusMessage>& messages() const { return messages_; }
  [[nodiscard]] std::vector<std::string> topics() const {
    std::vector<std::string> all;
    for (const auto& message : messages_) all.push_back(message.topic);
    return all;
  }
  [[nodiscard]] std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const auto& message : messages_) all.push_back(*message.payload);
    return all;
  }

 private:
  static boost::asio::awaitable<void> take(std::shared_ptr<BusRecorder> self, BusMessage message) {
    ++self->entered_;
    while (self->held_) {
      boost::system::error_code ignored;
      co_await self->gate_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }
    if (std::exchange(self->fail_, false)) throw std::runtime_error("told to fail");
    self->messages_.push_back(std::move(message));
  }

  boost::asio::steady_timer gate_;
  bool held_ = false;
  bool fail_ = false;
  std::size_t entered_ = 0;
  std::vector<BusMessage> messages_;
};

}  // namespace daemoneye::event_bus::testing
