// The snippets of docs/guides/integration.md as functions that run. What stands between the marks `// [NAME]`
// and
// `// [/NAME]` is the guide's text, and scripts/check_guide holds the two equal. The code around the marks
// asserts what the guide says.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "busrt/error.hpp"
#include "busrt_testing/test_address.hpp"

namespace guide {

/// Prints the error and returns the exit code of a program that ends with it.
int report(const busrt::Error& error);

/// Throws std::runtime_error where an assertion of the guide does not hold.
void check(bool holds, const std::string& assertion);

/// Files and the bus address of one snippet.
struct Place {
  busrt_testing::TemporaryDirectory directory;
  std::string address = busrt_testing::ipc_address_in(directory.path());
  std::filesystem::path sources;  ///< where access.toml lies
};

// Each returns the exit code of its program.
int embedded_broker(const Place& place);
int limits(const Place& place);
int connection(const Place& place);
int one_connection(const Place& place);
int publish_subscribe(const Place& place);
int one_to_one(const Place& place);
int qualities(const Place& place);
int errors(const Place& place);
int threads(const Place& place);
int remote_calls(const Place& place);
int coroutines(const Place& place);
int back_pressure(const Place& place);
int tls(const Place& place);
int websocket(const Place& place);
int access(const Place& place);

}  // namespace guide
