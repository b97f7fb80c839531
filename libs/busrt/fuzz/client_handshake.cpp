// Fuzzes the client's side of the handshake: the outcome must not depend on how the bytes were chopped, and a
// client never says more than the protocol lets it.
#include "chopped_feed.hpp"
#include "wire/handshake.hpp"

using namespace busrt;
using State = wire::ClientHandshake::State;

/// The first byte says how the rest is chopped.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto input = fuzz::input_bytes(data, size).subspan(1);

  wire::ClientHandshake whole("fuzz");
  busrt::base::ByteBuffer whole_out;
  const std::size_t whole_used = whole.feed(input, whole_out);
  wire::ClientHandshake chopped("fuzz");
  busrt::base::ByteBuffer chopped_out;
  const std::size_t chopped_used =
      fuzz::chopped_feed(chopped, input, std::size_t{1} + data[0] % 8U, chopped_out);

  fuzz::check(whole.state() == chopped.state(), "chopping does not change the state");
  fuzz::check(whole.error() == chopped.error(), "chopping does not change the error");
  fuzz::check(fuzz::same_bytes(whole_out.data(), chopped_out.data()), "chopping does not change the answers");
  static constexpr std::uint8_t all[] = {0xEB, 0x01, 0x00, 0x04, 0x00, 'f', 'u', 'z', 'z'};
  fuzz::check(whole_out.size() == 0 || whole_out.size() == 3 || whole_out.size() == sizeof all,
              "a client speaks in whole parts");
  fuzz::check(fuzz::same_bytes(whole_out.data(), std::as_bytes(std::span(all)).first(whole_out.size())),
              "a client says greeting and name");
  switch (whole.state()) {
    case State::done:
      fuzz::check(whole_used == 5 && chopped_used == 5, "bytes after the last answer are left");
      break;
    case State::failed:
      fuzz::check(whole.error() != errc::ok, "a failure has an error");
      break;
    default:
      fuzz::check(whole_used == input.size() && chopped_used == input.size(), "an open handshake takes all");
  }
  return 0;
}
