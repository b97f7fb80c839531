#include "broker_process.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

namespace bench {

namespace {

constexpr auto start_limit = std::chrono::seconds(10);

std::string last_lines(const std::string& path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  constexpr std::size_t most = 2000;
  return text.size() > most ? text.substr(text.size() - most) : text;
}

[[noreturn]] void run(std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (std::freopen(log.c_str(), "a", stdout) == nullptr ||
      std::freopen(log.c_str(), "a", stderr) == nullptr) {
    throw std::runtime_error("cannot write " + log);
  }
  ::execvp(arguments[0], arguments.data());
  throw std::runtime_error("cannot run " + command[0]);
}

}  // namespace

BrokerProcess::BrokerProcess(std::vector<std::string> command, const std::string& log,
                             const std::function<void()>& probe) {
  child_.emplace([&] { run(command, log); });
  std::string why;
  for (const auto end = std::chrono::steady_clock::now() + start_limit;
       std::chrono::steady_clock::now() < end && !child_->ended();) {
    try {
      probe();
      return;
    } catch (const std::exception& error) {
      why = error.what();
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  throw std::runtime_error(command[0] + " does not answer (" + why + "): " + last_lines(log));
}

BrokerProcess::~BrokerProcess() {
  // Not by SIGTERM: some brokers take seconds over an orderly end that nobody here waits for.
  child_->stop(SIGKILL);
}

}  // namespace bench
