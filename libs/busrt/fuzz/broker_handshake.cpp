// Fuzzes the broker's side of the handshake: the outcome must not depend on how the bytes were chopped.
#include "busrt/limits.hpp"
#include "chopped_feed.hpp"
#include "wire/handshake.hpp"
#include "wire/names.hpp"

using namespace busrt;
using State = wire::BrokerHandshake::State;

/// The first byte says how the rest is chopped.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto input = fuzz::input_bytes(data, size).subspan(1);

  wire::BrokerHandshake whole;
  busrt::base::ByteBuffer whole_out;
  const std::size_t whole_used = whole.feed(input, whole_out);
  wire::BrokerHandshake chopped;
  busrt::base::ByteBuffer chopped_out;
  const std::size_t chopped_used =
      fuzz::chopped_feed(chopped, input, std::size_t{1} + data[0] % 16U, chopped_out);

  fuzz::check(whole.state() == chopped.state(), "chopping does not change the state");
  fuzz::check(fuzz::same_bytes(whole_out.data(), chopped_out.data()), "chopping does not change the answers");
  fuzz::check(whole_out.size() <= 2, "a peer gets at most two answers");
  const bool ended = whole.state() == State::done || whole.state() == State::rejected;
  fuzz::check(ended || (whole_used == input.size() && chopped_used == input.size()),
              "an open handshake takes all");
  if (whole.state() == State::rejected) {
    fuzz::check(whole.reason() != nullptr && chopped.reason() == whole.reason(), "a refusal says why");
  }
  if (whole.state() == State::done) {
    fuzz::check(whole_used == chopped_used, "bytes after the name are left");
    fuzz::check(whole_used == 5 + whole.name().size(), "the handshake ends with the name");
    fuzz::check(whole.name() == chopped.name(), "chopping does not change the name");
    fuzz::check(!whole.name().empty() && whole.name().front() != '.' &&
                    whole.name().size() <= limits::max_name_bytes && wire::valid_name(whole.name()),
                "an accepted name may be registered");
  }
  return 0;
}
