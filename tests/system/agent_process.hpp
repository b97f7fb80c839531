// The real programs, run by a test: started in a directory of their own, waited for with deadlines, gone at
// its end.
#pragma once

#include <sys/types.h>

#include <boost/json/object.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace system_tests {

/// Long enough for a loaded machine; a test that reaches it has failed.
inline constexpr std::chrono::seconds patience{30};

/// Asks until the condition holds or patience ends.
[[nodiscard]] bool wait_until(const std::function<bool()>& condition);

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// A program whose output goes to files. Killed at the end of its life if it still runs.
class Program {
 public:
  /// `label` names its output files in `directory`.
  Program(const std::filesystem::path& directory, const std::string& label, std::vector<std::string> argv);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void signal(int number) const;
  /// The exit code, -signal when a signal ended it, or nothing when it still runs after patience.
  [[nodiscard]] std::optional<int> wait();
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

 private:
  std::filesystem::path out_, err_;
  pid_t pid_ = -1;
  std::optional<int> ended_;
};

/// Whether a process with this pid exists and is no zombie.
[[nodiscard]] bool alive(pid_t pid);

std::string agent_program();
std::string cli_program();
std::string busrt_program();
std::string busrtd_program();

/// An agent on a bus and a state directory of its own.
class AgentUnderTest {
 public:
  /// `config`: TOML, none when empty. More flags after the usual ones.
  explicit AgentUnderTest(std::string_view config = {}, std::vector<std::string> more = {});

  /// Stops it in order, so that no collector outlives the test by its grace.
  ~AgentUnderTest();
  AgentUnderTest(const AgentUnderTest&) = delete;
  AgentUnderTest& operator=(const AgentUnderTest&) = delete;

  /// Starts another run in the same directories.
  void start();
  /// What a user starts: the keeper.
  [[nodiscard]] Program& program() { return *program_; }
  [[nodiscard]] std::string address() const { return "ipc://" + socket().string(); }
  [[nodiscard]] std::filesystem::path socket() const { return directory_.path() / "run" / "bus.sock"; }
  [[nodiscard]] std::filesystem::path state_dir() const { return directory_.path() / "state"; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
  [[nodiscard]] std::vector<std::string> command() const;

  /// The agent proper, which the keeper has started; program() is the keeper. -1 before it has its state
  /// directory.
  [[nodiscard]] pid_t agent_pid() const;
  /// The agent's answer to `status`, or nothing while it does not answer.
  [[nodiscard]] std::optional<boost::json::object> status() const;
  /// Its first collector, or an empty object.
  [[nodiscard]] boost::json::object collector() const;
  /// Waits until the first collector is in this state.
  [[nodiscard]] bool wait_for_state(std::string_view state) const;

 private:
  TemporaryDirectory directory_;
  std::vector<std::string> more_;
  int runs_ = 0;
  std::optional<Program> program_;
};

}  // namespace system_tests
