// One connection of the agent to its bus: what it is named, and what it does about its end.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "busrt/base/result.hpp"
#include "busrt/base/task_scope.hpp"
#include "busrt/client.hpp"
#include "faults.hpp"
#include "logger.hpp"

namespace daemoneye_agent {

/// Called on the link's executor. What a callback throws is noted in the agent's faults.
struct BusLinkCallbacks {
  /// Connects, and restores what the client does not restore by itself. Errors say what was tried.
  std::function<boost::asio::awaitable<busrt::base::Result<>>()> open;
  /// The connection has ended; nothing is sure to have arrived since then.
  std::function<void(std::chrono::system_clock::time_point since, const std::string& why)> lost;
  std::function<void()> restored;  ///< there is a connection again, and the subscriptions are back
};

/// The client reconnects by itself. Where a broker refuses it for good (access rules, another program at the
/// address), BusLink tries again with growing pauses, since the agent is of no use without its bus.
///
/// Thread safety: none; every member runs on one executor that runs one handler at a time.
class BusLink {
 public:
  /// `what` names the connection in the log ("control", "data"), `peer` the other end. A client takes a
  /// silent broker for gone after twice `timeout`.
  BusLink(const boost::asio::any_io_executor& executor, std::string what, std::string peer,
          std::chrono::milliseconds timeout, BusLinkCallbacks callbacks, Faults& faults, Logger log);

  /// The first connection. After an error nothing tries again.
  boost::asio::awaitable<busrt::base::Result<>> connect();
  /// For the client's on_state().
  void state_changed(const busrt::ConnectionStatus& status);
  /// From now on the end of the connection is no news.
  void begin_close() noexcept { closing_ = true; }
  /// Ends the attempts that are under way. To be awaited before destruction.
  boost::asio::awaitable<void> close();

 private:
  boost::asio::awaitable<void> rejoin();

  std::string what_;
  std::string peer_;
  std::chrono::milliseconds silence_;  ///< after which the client takes the broker for dead
  BusLinkCallbacks callbacks_;
  Faults& faults_;
  Logger log_;
  boost::asio::steady_timer pause_;
  busrt::base::TaskScope tasks_;
  bool joined_ = false;  ///< connect() has succeeded
  bool lost_ = false;    ///< told of, and not yet restored
  bool rejoining_ = false;
  bool closing_ = false;
};

/// The same error with what was tried in front.
[[nodiscard]] std::unexpected<busrt::base::Error> wrap_error(const busrt::base::Error& error,
                                                             const std::string& what);

/// The other end of a connection, for people: its address, or that it is within the agent.
[[nodiscard]] std::string peer_of(const busrt::ClientConfig& config);

}  // namespace daemoneye_agent
