#include "continuity.hpp"

#include <fcntl.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace daemoneye_agent {
namespace {

using daemoneye_keeper::Kind;
using daemoneye_keeper::Message;

constexpr const char* positions_name = "agent.positions";

busrt::base::Result<PositionTable> take_positions(KeeperConnection& keeper) {
  auto held = keeper.request({.kind = Kind::take, .name = positions_name});
  if (!held) return std::unexpected(std::move(held.error()));
  if (held->descriptors.size() != 1) return busrt::base::fail_errno(EBADMSG, "no descriptor");
  return PositionTable::open(std::move(held->descriptors.front()));
}

busrt::base::Result<PositionTable> give_positions(KeeperConnection& keeper) {
  auto made = PositionTable::create();
  if (!made) return made;
  Message store{.kind = Kind::store, .name = positions_name};
  store.descriptors.emplace_back(::fcntl(made->memory().get(), F_DUPFD_CLOEXEC, 0));
  if (auto stored = keeper.request(std::move(store)); !stored)
    return std::unexpected(std::move(stored.error()));
  return made;
}

}  // namespace

Continuity continuity_from(KeeperConnection* keeper, const Logger& log) {
  Continuity continuity;
  if (keeper == nullptr) return continuity;
  continuity.predecessor = keeper->predecessor();
  auto kept = take_positions(*keeper);
  if (kept) {
    continuity.positions = std::make_shared<PositionTable>(std::move(*kept));
    return continuity;
  }
  if (kept.error().code != std::errc::no_such_file_or_directory)
    log.error("the positions of the agent before are lost: {}", kept.error().describe());
  auto made = give_positions(*keeper);
  if (made) {
    continuity.positions = std::make_shared<PositionTable>(std::move(*made));
  } else {
    log.error("no positions are kept for the next agent: {}", made.error().describe());
  }
  return continuity;
}

}  // namespace daemoneye_agent
