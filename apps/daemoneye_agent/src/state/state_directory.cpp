#include "state/state_directory.hpp"

#include <cerrno>
#include <utility>

#include "state/private_directory.hpp"
#include "status/status_report.hpp"

namespace daemoneye_agent {
namespace asio = boost::asio;

namespace {

/// What the disk does, not what the settings say: the agent runs without it.
bool is_storage_failure(const std::error_code& code) {
  return code == std::errc::no_space_on_device || code == std::errc::read_only_file_system ||
         code == std::errc::io_error || code == std::error_code(EDQUOT, std::generic_category());
}

}  // namespace

busrt::base::Result<> StateDirectory::hold() {
  if (!lock_) {
    const auto& path = directory_.value;
    auto warning = ensure_private_directory(path);
    if (!warning) return std::unexpected(std::move(warning.error()));
    if (!warning->empty() && directory_.origin == "default") log_.warn("{}", *warning);
    auto taken = StateLock::take(path);
    if (!taken) return std::unexpected(std::move(taken.error()));
    lock_.emplace(std::move(*taken));
  }
  return lock_->write_pid();
}

asio::awaitable<busrt::base::Result<>> StateDirectory::start() {
  auto held = hold();
  if (held || !is_storage_failure(held.error().code)) co_return held;
  problem_ = held.error().describe();
  log_.warn("the state directory is of no use for now, the agent runs degraded: {}", problem_);
  co_return busrt::base::Result<>{};
}

asio::awaitable<void> StateDirectory::stop(std::chrono::steady_clock::time_point) {
  lock_.reset();
  co_return;
}

void StateDirectory::retry() {
  if (problem_.empty()) return;
  if (auto held = hold(); held) {
    log_.info("the state directory can be written again");
    problem_.clear();
  } else {
    problem_ = held.error().describe();
  }
}

asio::awaitable<void> StateDirectory::report(StatusReport& report) {
  retry();
  report.section("agent")["state_dir"] = directory_.value.string();
  if (!problem_.empty()) {
    report.complain("state directory: " + problem_ + "; the agent tries again at each status");
  }
  co_return;
}

}  // namespace daemoneye_agent
