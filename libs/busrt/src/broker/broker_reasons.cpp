// What losses, ends and refusals are called, in statistics and in the log.
#include "busrt/broker_reasons.hpp"

#include "broker/enum_count.hpp"

namespace busrt {

namespace {

constexpr std::string_view word_for(LossCause cause) noexcept {
  switch (cause) {
    case LossCause::realtime_queue_full:
      return "realtime_queue_full";
    case LossCause::queue_full:
      return "queue_full";
    case LossCause::receiver_closed:
      return "receiver_closed";
    case LossCause::slow_consumer:
      return "slow_consumer";
    case LossCause::broker_event:
      return "broker_event";
    case LossCause::not_registered:
      return "not_registered";
    case LossCause::sender_closed:
      return "sender_closed";
    case LossCause::access_denied:
      return "access_denied";
  }
  return {};
}

constexpr std::string_view word_for(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::none:
      return "none";
    case CloseReason::end_of_stream:
      return "end_of_stream";
    case CloseReason::io_error:
      return "io_error";
    case CloseReason::handshake_refused:
      return "handshake_refused";
    case CloseReason::handshake_timeout:
      return "handshake_timeout";
    case CloseReason::tls:
      return "tls";
    case CloseReason::protocol_error:
      return "protocol_error";
    case CloseReason::silent:
      return "silent";
    case CloseReason::slow_consumer:
      return "slow_consumer";
    case CloseReason::displaced:
      return "displaced";
    case CloseReason::primary_gone:
      return "primary_gone";
    case CloseReason::over_memory:
      return "over_memory";
    case CloseReason::access_refused:
      return "access_refused";
    case CloseReason::access_revoked:
      return "access_revoked";
    case CloseReason::name_bound:
      return "name_bound";
    case CloseReason::disconnected:
      return "disconnected";
    case CloseReason::shutdown:
      return "shutdown";
    case CloseReason::fault:
      return "fault";
  }
  return {};
}

constexpr std::string_view word_for(RefusalReason reason) noexcept {
  switch (reason) {
    case RefusalReason::too_many:
      return "too_many_connections";
    case RefusalReason::too_many_of_uid:
      return "too_many_connections_of_uid";
    case RefusalReason::websocket:
      return "websocket";
    case RefusalReason::over_memory:
      return "over_memory";
    case RefusalReason::origin:
      return "origin";
  }
  return {};
}

template <class Reason>
std::string_view known_word(Reason reason) noexcept {
  const std::string_view word = word_for(reason);
  return word.empty() ? "unknown" : word;
}

static_assert(broker::counts_all<LossCause, loss_causes>([](LossCause cause) { return word_for(cause); }));
static_assert(broker::counts_all<CloseReason, close_reasons>([](CloseReason reason) {
  return word_for(reason);
}));
static_assert(broker::counts_all<RefusalReason, refusal_reasons>([](RefusalReason reason) {
  return word_for(reason);
}));

}  // namespace

std::string_view to_string(LossCause cause) noexcept {
  return known_word(cause);
}
std::string_view to_string(CloseReason reason) noexcept {
  return known_word(reason);
}
std::string_view to_string(RefusalReason reason) noexcept {
  return known_word(reason);
}

}  // namespace busrt
