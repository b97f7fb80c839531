// Processes by posix_spawn; output to files, so that nobody blocks on a full pipe.
#include "agent_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "busrt/blocking_client.hpp"

extern char** environ;

namespace system_tests {
namespace {

constexpr std::chrono::milliseconds poll_interval{10};

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

bool wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(poll_interval);
  }
  return true;
}

TemporaryDirectory::TemporaryDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "daemoneye-system-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Program::Program(const std::filesystem::path& directory, const std::string& label,
                 std::vector<std::string> argv)
    : out_(directory / (label + ".out")), err_(directory / (label + ".err")) {
  std::vector<char*> raw;
  for (auto& arg : argv) raw.push_back(arg.data());
  raw.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_.c_str(), flags, 0600);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err_.c_str(), flags, 0600);
  const int failed = ::posix_spawn(&pid_, raw.front(), &actions, nullptr, raw.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start " + argv.front());
}

Program::~Program() {
  if (ended_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Program::signal(int number) const {
  if (!ended_) ::kill(pid_, number);
}

std::optional<int> Program::wait() {
  static_cast<void>(wait_until([this] {
    if (ended_) return true;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    ended_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    return true;
  }));
  return ended_;
}

std::string Program::out() const {
  return read_file(out_);
}
std::string Program::err() const {
  return read_file(err_);
}

bool alive(pid_t pid) {
  const std::string stat = read_file(fmt::format("/proc/{}/stat", pid));
  const auto end_of_name = stat.rfind(')');
  return end_of_name != std::string::npos && end_of_name + 2 < stat.size() && stat[end_of_name + 2] != 'Z';
}

std::string agent_program() {
  return DAEMONEYE_AGENT;
}
std::string cli_program() {
  return DAEMONEYE_CLI;
}
std::string busrt_program() {
  return BUSRT_CLI;
}
std::string busrtd_program() {
  return BUSRTD;
}

AgentUnderTest::AgentUnderTest(std::string_view config, std::vector<std::string> more)
    : more_(std::move(more)) {
  if (!config.empty()) {
    const auto file = directory_.path() / "agent.toml";
    std::ofstream(file) << config;
    more_.insert(more_.begin(), {"--config", file.string()});
  }
  start();
}

AgentUnderTest::~AgentUnderTest() {
  program_->signal(SIGTERM);
  static_cast<void>(program_->wait());
}

void AgentUnderTest::start() {
  program_.reset();
  program_.emplace(directory_.path(), fmt::format("agent-{}", ++runs_), command());
}

std::vector<std::string> AgentUnderTest::command() const {
  std::vector<std::string> argv = {agent_program(), "--bus", address(), "--state-dir", state_dir().string()};
  argv.insert(argv.end(), more_.begin(), more_.end());
  return argv;
}

pid_t AgentUnderTest::agent_pid() const {
  pid_t pid = -1;
  std::ifstream(state_dir() / "agent.lock") >> pid;
  return pid > 0 ? pid : -1;
}

std::optional<boost::json::object> AgentUnderTest::status() const {
  busrt::BlockingRpcClient client({.name = fmt::format("test-status-{}", ::getpid()), .address = address()});
  if (!client.connect()) return std::nullopt;
  const auto reply = client.call("daemoneye-agent", "status");
  if (!reply) return std::nullopt;
  return boost::json::parse(busrt::as_text(reply->payload)).as_object();
}

boost::json::object AgentUnderTest::collector() const {
  const auto now = status();
  if (!now || now->at("collectors").as_array().empty()) return {};
  return now->at("collectors").as_array().front().as_object();
}

bool AgentUnderTest::wait_for_state(std::string_view state) const {
  return wait_until([this, state] {
    const auto now = collector();
    return !now.empty() && now.at("state").as_string() == state;
  });
}

}  // namespace system_tests
