// A program that links the client and no broker. Exits with 0 when there is no bus at its address and the
// client says so.
#include <busrt/blocking_client.hpp>
#include <busrt/topic_pattern.hpp>
#include <iostream>

int main(int argc, char** argv) {
  busrt::BlockingClient client({.name = "alone", .address = argc > 1 ? argv[1] : "/nonexistent/bus.sock"});
  const auto up = client.connect();
  std::cout << (up ? "connected" : up.error().describe()) << '\n';
  return up || !busrt::topic_matches("news/#", "news/today") ? 1 : 0;
}
