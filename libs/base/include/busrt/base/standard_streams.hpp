// Descriptors 0, 1 and 2 belong to the standard streams, also in a process that was started without them.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <initializer_list>

namespace busrt::base {

/// First thing in main(), before anything else is opened: where a standard stream is closed, a descriptor
/// takes its place that nothing comes out of. Otherwise the next socket would get its number, and what is
/// printed would go to the bus. Standard output then fails with EBADF, as a closed one does; standard error
/// has nobody left to tell.
inline void reserve_standard_streams() noexcept {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0) continue;
    // open() takes the lowest number that is free, which is this one.
    static_cast<void>(::open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_WRONLY));
  }
}

}  // namespace busrt::base
