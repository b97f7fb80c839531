// A broker inside your own program, in ten lines: other processes connect to the socket, this one needs none.
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"

int main() {
  char directory[] = "/tmp/busrt-example-XXXXXX";
  if (::mkdtemp(directory) == nullptr) return 1;
  const std::string socket = std::string(directory) + "/bus.sock";

  busrt::Broker broker;
  if (auto bound = broker.listen(socket); !bound) {
    std::cerr << bound.error().describe() << '\n';
    return 1;
  }
  busrt::BlockingClient inside({.name = "inside", .endpoint = broker.local()});
  busrt::BlockingClient outside({.name = "outside", .address = socket});
  if (!inside.connect() || !outside.connect()) return 1;
  if (!outside.send("inside", busrt::as_bytes("hello"))) return 1;
  const auto frame = inside.receive(std::chrono::seconds(5));
  if (frame) std::cout << frame->sender() << " says " << frame->text() << '\n';

  broker.shutdown();
  std::filesystem::remove_all(directory);
  return frame ? 0 : 1;
}
