// A broker inside your own program, in ten lines: other processes connect to its address, this one needs
// none.
#include <filesystem>
#include <iostream>
#include <random>

#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"

int main(int argc, char** argv) {
  // An address of your choice: a socket path, or on Windows ipc://NAME.
  const std::string unused = "busrt-example-" + std::to_string(std::random_device{}()) + ".sock";
  const std::string address = argc > 1 ? argv[1] : (std::filesystem::temp_directory_path() / unused).string();

  busrt::Broker broker;
  if (auto bound = broker.listen(address); !bound) {
    std::cerr << bound.error().describe() << '\n';
    return 1;
  }
  busrt::BlockingClient inside({.name = "inside", .endpoint = broker.local()});
  busrt::BlockingClient outside({.name = "outside", .address = address});
  if (!inside.connect() || !outside.connect()) return 1;
  if (!outside.send("inside", busrt::as_bytes("hello"))) return 1;
  const auto frame = inside.receive(std::chrono::seconds(5));
  if (frame) std::cout << frame->sender() << " says " << frame->text() << '\n';

  broker.shutdown();
  return frame ? 0 : 1;
}
