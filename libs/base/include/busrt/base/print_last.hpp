// Prints a program's last output: help, a version, a report. If the output cannot be written, the program has
// failed.
#pragma once

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

namespace busrt::base {

/// Writes the text to standard output, together with buffered text before it.
///
/// Returns the exit code: `code` if all text was written or its reader is gone (EPIPE). Otherwise it writes a
/// line that begins with `program` to standard error and returns `failed`. Thread safety: call it from the
/// thread that writes to standard output.
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
