// The agent's side of the keeper's protocol (daemoneye_keeper/protocol/message.hpp).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "busrt/base/result.hpp"
#include "busrt/base/unique_fd.hpp"
#include "daemoneye_keeper/protocol/message.hpp"

namespace daemoneye_agent {

/// The agent that this one replaces.
struct Predecessor {
  std::chrono::system_clock::time_point ended;
  std::string how;  ///< "signal 9 (Killed)"
};

/// Thread safety: request() and notify() from any thread; watch() and the destructor on the executor of
/// watch().
class KeeperConnection : public std::enable_shared_from_this<KeeperConnection> {
 public:
  /// The keeper answers at once, or when an exec has ended. One that does not within this time is stopped or
  /// hangs.
  static constexpr std::chrono::seconds patience{10};

  /// Takes the socket that the environment names, so that no child inherits it, and greets the keeper.
  /// Returns null for an agent that no keeper has started. Errors: what the environment names is no keeper of
  /// this version.
  [[nodiscard]] static busrt::base::Result<std::shared_ptr<KeeperConnection>> from_environment();
  /// Takes a socket, and greets the keeper. Errors as above.
  [[nodiscard]] static busrt::base::Result<std::shared_ptr<KeeperConnection>> open(
      busrt::base::UniqueFd socket);

  /// Empty for the first agent of this keeper.
  [[nodiscard]] const std::optional<Predecessor>& predecessor() const noexcept { return predecessor_; }

  /// Asks the keeper and waits for the answer, for at most `patience`. Errors: the keeper's own errno, with
  /// the step that failed; ETIMEDOUT; EPIPE when the keeper is gone.
  [[nodiscard]] busrt::base::Result<daemoneye_keeper::Message> request(daemoneye_keeper::Message message);
  /// Passes a notification to the service manager.
  [[nodiscard]] busrt::base::Result<> notify(const std::string& text);

  /// From now on calls `ended` for each collector that has ended, and `lost` once when the keeper is gone.
  /// Both run on the executor.
  void watch(boost::asio::any_io_executor executor, std::function<void(daemoneye_keeper::Message)> ended,
             std::function<void()> lost);
  /// No callback comes after.
  void unwatch();

 private:
  explicit KeeperConnection(busrt::base::UniqueFd socket) : socket_(std::move(socket)) {}
  [[nodiscard]] busrt::base::Result<> greet();
  /// Waits for the answer with this serial; notices that come before wait in notices_.
  [[nodiscard]] busrt::base::Result<daemoneye_keeper::Message> await_answer(std::uint32_t serial);
  void wait_for_notices();
  /// Reads what is there, and calls the callbacks.
  void deliver();

  std::mutex mutex_;  ///< of the socket's reading side and what is below
  busrt::base::UniqueFd socket_;
  std::uint32_t serial_ = 0;
  std::vector<daemoneye_keeper::Message> notices_;
  bool gone_ = false;
  std::optional<Predecessor> predecessor_;

  std::optional<boost::asio::posix::stream_descriptor> watched_;  ///< a duplicate of the socket
  std::function<void(daemoneye_keeper::Message)> ended_;
  std::function<void()> lost_;
};

}  // namespace daemoneye_agent
