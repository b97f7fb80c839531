#include "broker/broker_event.hpp"

#include <chrono>
#include <cstdint>

#include "broker/packer.hpp"

namespace busrt::broker {

base::ByteBuffer encode_broker_event(std::string_view subject, std::string_view client) {
  base::ByteBuffer event;
  Packer packer(event);
  packer.map(client.empty() ? 2 : 3);
  packer.string("s");
  packer.string(subject);
  if (!client.empty()) {
    packer.string("d");
    packer.string(client);
  }
  packer.string("t");
  packer.integer(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                std::chrono::system_clock::now().time_since_epoch())
                                                .count()));
  return event;
}

}  // namespace busrt::broker
