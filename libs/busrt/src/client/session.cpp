#include "client/session.hpp"

namespace busrt::detail {

namespace {

Error refusal(errc code) {
  switch (code) {
    case errc::not_supported:
      return {code, "the peer does not speak this version of BUS/RT"};
    case errc::data:
      return {code, "the broker refused the client name"};
    case errc::busy:
      return {code, "the broker has a client of this name"};
    case errc::access:
      return {code, "the broker's access rules refused the client"};
    case errc::not_registered:
      return {code, "the primary of this secondary client is not registered"};
    default:
      return {code, "the broker refused the connection"};
  }
}

}  // namespace

Result<> Session::advance(std::size_t count, base::ByteBuffer& answers, Batch& batch) {
  reader_.commit(count);
  if (!registered()) {
    reader_.consume(handshake_.feed(reader_.unread(), answers));
    if (handshake_.state() == wire::ClientHandshake::State::failed) {
      return std::unexpected(refusal(handshake_.error()));
    }
    if (!registered()) return {};
  }
  if (auto decoded = reader_.decode(batch); !decoded) {
    return fail(errc::io, "the broker sent what is no frame: " + decoded.error().message);
  }
  return {};
}

}  // namespace busrt::detail
