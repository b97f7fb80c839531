// What a program prints before it ends: help, a version, a report. Being unable to is a failure of the
// program.
#pragma once

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

namespace busrt::base {

/// Writes to standard output, buffered text before it included, and returns the exit code: `code` when all is
/// written or its reader has gone (EPIPE); else `failed`, after a line on standard error that begins with
/// `program`. From the thread that writes.
[[nodiscard]] inline int print_last(std::string_view program, std::string_view text, int code, int failed) {
  errno = 0;
  const bool taken = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (taken && std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  const int reason = errno;
  if (reason == EPIPE) return code;
  const std::string why = reason == 0 ? "an earlier write failed" : std::generic_category().message(reason);
  std::fprintf(stderr, "%.*s: standard output: %s\n", static_cast<int>(program.size()), program.data(),
               why.c_str());
  return failed;
}

}  // namespace busrt::base
