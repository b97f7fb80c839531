// What tests ask of the operating system about their own process.
#pragma once

#include <cstddef>

namespace busrt {

/// As many as the system lets this user have, for tests with thousands of connections.
void allow_many_connections();

/// Memory of this process that lies in RAM.
[[nodiscard]] std::size_t resident_bytes();

}  // namespace busrt
