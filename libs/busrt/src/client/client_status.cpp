// The names of states, reasons and losses, and what an error says about delivery.
#include "busrt/client_status.hpp"

#include "busrt/delivery.hpp"
#include "busrt/error.hpp"

namespace busrt {

std::string_view to_string(ConnectionState state) noexcept {
  switch (state) {
    case ConnectionState::disconnected:
      return "disconnected";
    case ConnectionState::connecting:
      return "connecting";
    case ConnectionState::connected:
      return "connected";
    case ConnectionState::reconnecting:
      return "reconnecting";
    case ConnectionState::closed:
      return "closed";
  }
  return "unknown";
}

std::string_view to_string(DisconnectReason reason) noexcept {
  switch (reason) {
    case DisconnectReason::none:
      return "none";
    case DisconnectReason::unreachable:
      return "unreachable";
    case DisconnectReason::refused:
      return "refused";
    case DisconnectReason::closed_by_broker:
      return "closed_by_broker";
    case DisconnectReason::broken:
      return "broken";
    case DisconnectReason::garbage:
      return "garbage";
    case DisconnectReason::silent:
      return "silent";
    case DisconnectReason::owner:
      return "owner";
  }
  return "unknown";
}

std::string_view to_string(ClientLoss loss) noexcept {
  switch (loss) {
    case ClientLoss::unacked_cut:
      return "unacked_cut";
    case ClientLoss::unacked_closed:
      return "unacked_closed";
    case ClientLoss::expired_unsent:
      return "expired_unsent";
    case ClientLoss::expired:
      return "expired";
    case ClientLoss::cut_once:
      return "cut_once";
    case ClientLoss::given_up_unsent:
      return "given_up_unsent";
    case ClientLoss::given_up:
      return "given_up";
    case ClientLoss::cancelled:
      return "cancelled";
    case ClientLoss::cut_alone:
      return "cut_alone";
    case ClientLoss::oversized:
      return "oversized";
  }
  return "unknown";
}

bool may_have_been_delivered(const std::error_code& code) noexcept {
  if (code.category() != error_category()) return static_cast<bool>(code);
  switch (static_cast<errc>(code.value())) {
    case errc::ok:
    case errc::io:
    case errc::other:
    case errc::timeout:
    case errc::closed:
      return true;
    case errc::not_registered:
    case errc::data:
    case errc::not_supported:
    case errc::busy:
    case errc::not_delivered:
    case errc::access:
    case errc::not_connected:
    case errc::would_block:
    case errc::too_large:
    case errc::bad_address:
    case errc::certificate_expired:
    case errc::certificate_name:
    case errc::certificate_untrusted:
    case errc::certificate_required:
    case errc::certificate_revoked:
    case errc::tls:
    case errc::not_sent:
      return false;
  }
  return true;
}

}  // namespace busrt
