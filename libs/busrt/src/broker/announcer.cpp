#include "broker/announcer.hpp"

#include "broker/broker_event.hpp"
#include "busrt/protocol.hpp"

namespace busrt::broker {

void Announcer::announce(std::string_view topic, std::string_view subject, std::string_view client) {
  pending_.push_back({topic, encode_broker_event(subject, client)});
}

void Announcer::deliver_one(const Announcement& announcement) {
  const Route* route = routes_.topic(announcement.topic);
  if (route == nullptr) return;
  OutgoingFrame frame;
  frame.kind = FrameKind::publish;
  frame.sender = broker_name;
  frame.topic = announcement.topic;
  frame.payload = announcement.payload.data();
  traffic_.count_answer(frame.payload.size());
  delivery_.deliver(*route, frame, FullPolicy::drop, LossCause::broker_event);
}

}  // namespace busrt::broker
