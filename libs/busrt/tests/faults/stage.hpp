// A broker, and a client that looks on: what must hold of both whatever happened to a third.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "all_ways.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "faults/victim.hpp"

namespace busrt_faults {

/// Times short enough that a fault's consequences are over soon.
[[nodiscard]] busrt::BrokerConfig quick_broker();
void make_quick(busrt::ClientConfig& config);
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

class Stage {
 public:
  /// Throws std::runtime_error where nothing fails by intent.
  /// `anybody`: the fault may be met for the bystander, which then comes back.
  explicit Stage(busrt::Way way, bool anybody = false, std::size_t shards = 1);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  /// Without `reconnecting` the client makes one attempt and one connection.
  [[nodiscard]] busrt::ClientConfig victim(bool reconnecting) const;
  /// The bystander's connection is protected from now on, and its books begin.
  void begin();
  /// What does not hold, in words; the victim has gone.
  void check(const Report& report, std::vector<std::string>& problems);
  void check_broker(std::vector<std::string>& problems);
  [[nodiscard]] std::vector<std::string> log() const;

 private:
  struct Seen {
    std::vector<std::string> processed;
    std::vector<std::string> realtime;
  };
  [[nodiscard]] bool quiet() const;
  void wait_until_quiet(std::vector<std::string>& problems) const;
  void check_books(const Report& report, std::vector<std::string>& problems);
  [[nodiscard]] std::optional<Seen> collect(std::vector<std::string>& problems,
                                            const std::function<bool(const Seen&)>& complete);
  static void note(const busrt::Frame& frame, Seen& seen);
  [[nodiscard]] bool take_until(const std::string& mark, Seen& seen, std::vector<std::string>& problems);
  void check_newcomer(std::vector<std::string>& problems);
  [[nodiscard]] std::uint64_t lost_frames() const;

  const busrt::Way way_;
  const bool anybody_;
  busrt::Transport transport_;
  mutable std::mutex mutex_;
  std::vector<std::string> log_;  // of this case, guarded by mutex_
  std::unique_ptr<busrt::Broker> broker_;
  busrt::ClientConfig victim_;
  busrt::ClientConfig newcomer_;
  std::optional<busrt::BlockingClient> bystander_;
  std::uint64_t round_ = 0;
  std::uint64_t bystanders_connections_ = 0;
  std::uint64_t lost_before_ = 0;
  std::size_t descriptors_ = 0;
  std::string described_;
  std::uint64_t memory_ = 0;
  std::size_t clients_ = 0;
  std::size_t connections_ = 0;
};

}  // namespace busrt_faults
