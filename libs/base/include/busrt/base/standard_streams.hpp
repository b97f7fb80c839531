// Keeps descriptors 0, 1 and 2 for the standard streams, even if a process was started without them.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace busrt::base {

/// Opens /dev/null for each standard stream that is closed. Call it first in main(), before any other
/// descriptor is opened. Otherwise the next socket would get the free number, and the program's output would
/// go to that socket.
///
/// Reading from the replaced standard input, and writing to the replaced standard output, fail with EBADF, as
/// on a closed descriptor. Text for the replaced standard error is discarded.
inline void reserve_standard_streams() noexcept {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // open() uses the lowest free number, which is this one.
    static_cast<void>(::open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_WRONLY));
  }
}

}  // namespace busrt::base
