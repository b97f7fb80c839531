#include "broker/topic_requests.hpp"

#include <utility>
#include <vector>

#include "busrt/limits.hpp"
#include "routing/pattern.hpp"

namespace busrt::broker {

TopicRequests::Outcome TopicRequests::handle(const EndpointRef& endpoint, const wire::Request& request) {
  wire::TopicList list(request.payload.subspan(bytes_done_));
  std::vector<std::string_view> patterns;
  while (list.more() && !turn_.used_up()) {
    patterns.push_back(list.next());
    turn_.spend(limits::pattern_steps + patterns.back().size() / limits::pattern_bytes_per_step);
    if (const char* problem = routing::pattern_problem(patterns.back()); problem != nullptr) {
      return {.kind = Outcome::Kind::malformed, .problem = problem};
    }
  }
  const PatternRefusal refusal = apply(endpoint, request.op, patterns);
  if (refusal == PatternRefusal::none && list.more()) {
    bytes_done_ = request.payload.size() - list.rest().size();
    return {.kind = Outcome::Kind::slice};
  }
  bytes_done_ = 0;
  return {.refusal = refusal, .some_denied = std::exchange(some_denied_, false)};
}

PatternRefusal TopicRequests::apply(const EndpointRef& endpoint, Op op,
                                    std::vector<std::string_view>& patterns) {
  switch (op) {
    case Op::subscribe:
      // What is granted holds; one answer, when all slices are done, says that something was not.
      if (!access_.unrestricted()) {
        some_denied_ |= std::erase_if(patterns, [&](std::string_view pattern) {
                          return access_.denies(*endpoint, AccessOperation::subscribe, pattern);
                        }) != 0;
      }
      return registry_.subscribe(endpoint, patterns);
    case Op::unsubscribe:
      registry_.unsubscribe(endpoint, patterns);
      break;
    case Op::exclude:
      return registry_.exclude(endpoint, patterns);
    default:
      registry_.unexclude(endpoint, patterns);
      break;
  }
  return PatternRefusal::none;
}

std::string beyond_limit(PatternRefusal refusal, std::size_t max_patterns) {
  if (refusal == PatternRefusal::too_many) {
    return "more topic patterns than a client may, " + std::to_string(max_patterns);
  }
  const std::string what = "patterns whose fronts of more than " +
                           std::to_string(limits::free_shape_segments) +
                           " segments place their wildcards in more ways than ";
  return refusal == PatternRefusal::client_shapes
             ? what + "those of one client may, " + std::to_string(limits::client_shapes)
             : what + "those of all clients together may, " + std::to_string(limits::all_shapes);
}

}  // namespace busrt::broker
