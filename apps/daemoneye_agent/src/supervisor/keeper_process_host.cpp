#include "supervisor/keeper_process_host.hpp"

#include <sys/wait.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <map>
#include <string_view>
#include <utility>

#include "supervisor/collector_input.hpp"
#include "supervisor/process_output.hpp"

namespace daemoneye_agent {
namespace {

using daemoneye_keeper::Kind;
using daemoneye_keeper::Message;

ExitStatus exit_status(int wait_status) {
  if (WIFSIGNALED(wait_status)) return {true, WTERMSIG(wait_status)};
  return {false, WEXITSTATUS(wait_status)};
}

std::chrono::system_clock::time_point wall_time_of(std::int64_t nanoseconds) {
  return std::chrono::system_clock::time_point(
      std::chrono::duration_cast<std::chrono::system_clock::duration>(std::chrono::nanoseconds(nanoseconds)));
}

/// What the host knows of a process until it has ended, or until its object is gone.
struct Kept {
  std::string name;
  pid_t pid = -1;
  ChildCallbacks callbacks;
  std::shared_ptr<ProcessOutput> output;
  bool over = false;
};

class KeptProcess final : public CollectorProcess {
 public:
  KeptProcess(std::shared_ptr<KeeperConnection> keeper, std::shared_ptr<Kept> kept)
      : keeper_(std::move(keeper)), kept_(std::move(kept)) {}
  ~KeptProcess() override {
    if (!std::exchange(kept_->over, true)) kept_->output->close();
  }
  KeptProcess(const KeptProcess&) = delete;
  KeptProcess& operator=(const KeptProcess&) = delete;

  [[nodiscard]] pid_t pid() const noexcept override { return kept_->pid; }
  void signal(int number) noexcept override {
    if (kept_->over) return;
    // One that has just ended is no error; its end is on its way.
    static_cast<void>(keeper_->request({.kind = Kind::signal, .number = number, .name = kept_->name}));
  }

 private:
  std::shared_ptr<KeeperConnection> keeper_;
  std::shared_ptr<Kept> kept_;
};

class KeeperProcessHost final : public ProcessHost {
 public:
  KeeperProcessHost(boost::asio::any_io_executor executor, std::shared_ptr<KeeperConnection> keeper,
                    std::function<void()> lost)
      : executor_(executor), keeper_(std::move(keeper)) {
    keeper_->watch(executor, [this](Message notice) { take_end(std::move(notice)); }, std::move(lost));
  }
  ~KeeperProcessHost() override { keeper_->unwatch(); }
  KeeperProcessHost(const KeeperProcessHost&) = delete;
  KeeperProcessHost& operator=(const KeeperProcessHost&) = delete;

  busrt::base::Result<std::unique_ptr<CollectorProcess>> spawn(const CollectorCommand& command,
                                                               ChildCallbacks callbacks) override {
    auto input = make_collector_input(command.input);
    if (!input) return std::unexpected(std::move(input.error()));
    Message start{.kind = Kind::start,
                  .name = command.name,
                  .text = mark_of_input(command.input),
                  .argv = command.argv};
    start.descriptors.push_back(std::move(*input));
    auto started = keeper_->request(std::move(start));
    if (!started) return std::unexpected(std::move(started.error()));
    auto kept = keep(std::move(*started), std::move(callbacks));
    if (!kept) return std::unexpected(std::move(kept.error()));
    if ((*kept)->callbacks.starting) (*kept)->callbacks.starting((*kept)->pid);
    if (auto ran = keeper_->request({.kind = Kind::go, .name = command.name}); !ran) {
      if ((*kept)->callbacks.ending) (*kept)->callbacks.ending();
      reap(command.name);
      (*kept)->over = true;
      (*kept)->output->close();
      kept_.erase(command.name);
      return std::unexpected(std::move(ran.error()));
    }
    return hand_out(*kept);
  }

  busrt::base::Result<std::vector<RunningCollector>> running() override {
    std::vector<RunningCollector> found;
    for (;;) {
      auto next =
          keeper_->request({.kind = Kind::running, .number = static_cast<std::int32_t>(found.size())});
      if (!next && next.error().code == std::errc::no_such_file_or_directory) return found;
      if (!next) return std::unexpected(std::move(next.error()));
      found.push_back(
          {next->name, next->argv, static_cast<pid_t>(next->pid), wall_time_of(next->time), next->text});
      left_.insert_or_assign(next->name, std::move(*next));
    }
  }

  busrt::base::Result<std::unique_ptr<CollectorProcess>> adopt(const std::string& name,
                                                               ChildCallbacks callbacks) override {
    auto left = left_.extract(name);
    if (left.empty()) return busrt::base::fail_errno(ESRCH, name);
    auto kept = keep(std::move(left.mapped()), std::move(callbacks));
    if (!kept) return std::unexpected(std::move(kept.error()));
    // It may have ended while there was no agent.
    if (auto early = early_.extract(name); !early.empty()) {
      boost::asio::post(executor_, [this, alive = std::weak_ptr(alive_), notice = early.mapped()] {
        if (!alive.expired()) ended(*notice);
      });
    }
    return hand_out(*kept);
  }

 private:
  busrt::base::Result<std::shared_ptr<Kept>> keep(Message process, ChildCallbacks callbacks) {
    if (process.descriptors.size() != 1)
      return busrt::base::fail_errno(EBADMSG, "a process without its output");
    auto kept = std::make_shared<Kept>();
    kept->name = process.name;
    kept->pid = static_cast<pid_t>(process.pid);
    kept->callbacks = std::move(callbacks);
    kept->output = std::make_shared<ProcessOutput>(executor_, std::move(process.descriptors.front()),
                                                   kept->callbacks.output);
    kept_[kept->name] = kept;
    return kept;
  }

  std::unique_ptr<CollectorProcess> hand_out(const std::shared_ptr<Kept>& kept) {
    kept->output->start();
    return std::make_unique<KeptProcess>(keeper_, kept);
  }

  void reap(const std::string& name) {
    static_cast<void>(keeper_->request({.kind = Kind::reap, .name = name}));
  }

  void take_end(Message notice) {
    if (kept_.contains(notice.name)) return ended(notice);
    const std::string name = notice.name;
    // Of one that is not taken over yet.
    early_.insert_or_assign(name, std::make_shared<const Message>(std::move(notice)));
  }

  void ended(const Message& notice) {
    const auto found = kept_.find(notice.name);
    if (found == kept_.end()) return;
    if (found->second->pid != notice.pid) return;
    const auto kept = found->second;
    kept_.erase(found);
    if (!kept->over && kept->callbacks.ending) kept->callbacks.ending();
    reap(kept->name);
    if (std::exchange(kept->over, true)) return;
    kept->output->finish();
    kept->callbacks.exited(exit_status(notice.number));
  }

  boost::asio::any_io_executor executor_;
  std::shared_ptr<KeeperConnection> keeper_;
  std::map<std::string, std::shared_ptr<Kept>> kept_;
  std::map<std::string, Message> left_;                          ///< of an earlier agent, not taken over yet
  std::map<std::string, std::shared_ptr<const Message>> early_;  ///< ends of those
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace

std::unique_ptr<ProcessHost> make_keeper_process_host(boost::asio::any_io_executor executor,
                                                      std::shared_ptr<KeeperConnection> keeper,
                                                      std::function<void()> lost) {
  return std::make_unique<KeeperProcessHost>(std::move(executor), std::move(keeper), std::move(lost));
}

}  // namespace daemoneye_agent
