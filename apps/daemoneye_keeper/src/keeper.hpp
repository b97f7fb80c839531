// The keeper: the process that a user starts. It starts the agent proper, starts it again when it dies, and
// owns all that outlives an agent: the collectors and the stored descriptors.
//
// One thread and one poll(). It waits for nothing else: the agent's requests are answered at once, and the
// answer to `go` when exec has worked or failed. It takes orders from its agent alone, over a socket pair.
//
//   the agent ends                                                    then the keeper
//   before it was ever ready (READY=1), or after STOPPING=1,
//   or after a SIGTERM or SIGINT that the keeper passed on            ends the collectors, and itself in the
//   same way otherwise (a crash, kill -9)                                      starts it again; the
//   collectors run on otherwise, too often (RestartPolicy)                              writes an error, ends
//   the collectors and itself
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "busrt/base/log.hpp"
#include "busrt/base/service_notifier.hpp"
#include "collectors.hpp"
#include "daemoneye_keeper/protocol/message.hpp"
#include "descriptor_store.hpp"
#include "restart_policy.hpp"
#include "spawn.hpp"

namespace daemoneye_keeper {

struct KeeperConfig {
  std::vector<std::string> agent;  ///< its command line; the program's path first
  bool sigpipe_ignored = false;    ///< as the keeper was started
  busrt::base::LogSink log;
  /// How long collectors may take to end once there is no agent.
  std::chrono::milliseconds grace = std::chrono::seconds(10);
};

class Keeper {
 public:
  Keeper(KeeperConfig config, busrt::base::ServiceNotifier service);

  /// Runs until the agent has ended for good. `signals`: a signalfd of SIGTERM, SIGINT and SIGHUP. Returns
  /// the wait status to end with. Errors: the first start of the agent failed; the system's own.
  [[nodiscard]] busrt::base::Result<int> run(int signals);

 private:
  using Clock = std::chrono::steady_clock;

  struct Agent {
    Started process;
    Clock::time_point since;
    bool ready = false;
    bool stopping = false;
  };

  void start_agent();
  void restart_agent(std::string why, Clock::duration lasted);
  void agent_ended();
  void end(int wait_status);

  void read_signals(int signals);
  void read_agent();
  void handle(Message request);
  [[nodiscard]] Message answer(Message& request);
  [[nodiscard]] busrt::base::Result<> carry_out(Message& request, Message& answer);
  [[nodiscard]] busrt::base::Result<> describe_collector(const Collector& collector, Message& answer) const;
  [[nodiscard]] busrt::base::Result<> notify(const std::string& text);
  void send(const Message& message);
  void announce_end(const Collector& collector);

  /// Waits for the next event, and handles all that are there.
  [[nodiscard]] busrt::base::Result<> turn(int signals);
  void look_after(Collector& collector, short report, short pidfd);
  void pass_deadlines();
  [[nodiscard]] int patience() const;
  void log(busrt::base::LogLevel level, const std::string& line) const;

  KeeperConfig config_;
  busrt::base::ServiceNotifier service_;
  Collectors collectors_;
  DescriptorStore store_;
  RestartPolicy policy_;
  std::optional<Agent> agent_;
  bool was_ready_ = false;  ///< some agent has been
  std::int64_t restarts_ = 0;
  std::string last_end_;                       ///< how the last agent ended
  std::int64_t last_end_time_ = 0;             ///< nanoseconds since 1970 UTC
  std::optional<Clock::time_point> start_at_;  ///< the next agent
  std::optional<Clock::time_point> kill_at_;   ///< the collectors that are left
  std::optional<int> exit_;                    ///< set: the keeper ends, with this wait status
};

}  // namespace daemoneye_keeper
