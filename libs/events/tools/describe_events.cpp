// Prints docs/events.md from the schema, or checks that a file is what it prints.
//   describe_events               prints
//   describe_events --check FILE  exit code 1 and a sentence when FILE is something else
#include <fmt/core.h>

#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "events_page.hpp"

namespace {

int check(const std::string& file, const std::string& program) {
  std::ifstream stream(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream && text == daemoneye::events::events_page()) return 0;
  fmt::print(stderr, "{} is not what the schema says; renew it: {} >docs/events.md\n", file, program);
  return 1;
}

int run(int count, char** arguments) {
  if (count == 1) {
    fmt::print("{}", daemoneye::events::events_page());
    return 0;
  }
  if (count == 3 && std::string_view(arguments[1]) == "--check") return check(arguments[2], arguments[0]);
  fmt::print(stderr, "usage: describe_events [--check FILE]\n");
  return 2;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run(count, arguments);
  } catch (const std::exception& fault) {
    fmt::print(stderr, "describe_events: {}\n", fault.what());
    return 1;
  }
}
