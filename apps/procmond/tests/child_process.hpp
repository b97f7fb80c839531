// Children for tests: made with plain fork, waited for in every case.
#pragma once

#include <spawn.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace procmond {

/// Runs `body` in a child, which then exits with what the body returns. The body may use only what is allowed
/// after a fork in a program with threads.
template <class Body>
pid_t fork_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  return pid;
}

/// Its wait status, or -1.
inline int wait_for_child(pid_t pid) {
  int status = -1;
  return ::waitpid(pid, &status, 0) == pid ? status : -1;
}

/// Starts a program; the arguments begin with its path. Cheap however large the caller is.
inline pid_t run_program(const std::vector<std::string>& args) {
  std::vector<char*> pointers;
  pointers.reserve(args.size() + 1);
  for (const std::string& arg : args) pointers.push_back(const_cast<char*>(arg.c_str()));
  pointers.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, pointers.front(), nullptr, nullptr, pointers.data(), ::environ);
  return error == 0 ? pid : -1;
}

}  // namespace procmond
