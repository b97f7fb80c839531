// A program under test, in a process of its own.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "transport/windows/win32.hpp"

namespace windows_tests {

class Program {
 public:
  /// Starts it; throws std::runtime_error when the system will not.
  explicit Program(const std::vector<std::string>& command);
  /// Ends it, where it still runs.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The exit code; throws when the program does not end in time.
  [[nodiscard]] unsigned long wait();
  /// What it has written so far, to standard output and standard error.
  [[nodiscard]] std::string output();
  /// As Ctrl-Break in its console.
  [[nodiscard]] bool interrupt();

 private:
  void collect();

  busrt::transport::Handle process_;
  unsigned long id_ = 0;
  busrt::transport::Handle pipe_;
  std::mutex mutex_;
  std::string output_;
  std::thread collector_;
};

struct Ran {
  unsigned long exit_code = 0;
  std::string output;
};
/// Runs a program to its end.
[[nodiscard]] Ran run(const std::vector<std::string>& command);

}  // namespace windows_tests
