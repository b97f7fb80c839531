#include "agent_address.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <string_view>

#include "busrt/address.hpp"
#include "common/address_advice.hpp"
#include "daemoneye/collector/runtime_directory.hpp"

namespace daemoneye_cli {
namespace {

using program::SocketState;

constexpr program::ServerWords agent_words = {
    .server = "agent",
    .start = "daemoneye-agent --bus ipc://{}",
    .address = "name the agent's address with --bus or DAEMONEYE_BUS",
};

/// The path of a socket, empty for an address of another kind.
std::filesystem::path socket_path(const std::string& address, const std::filesystem::path& directory) {
  const auto parsed = busrt::Address::parse(address, directory);
  if (!parsed || parsed->scheme != busrt::Address::Scheme::unix_socket) return {};
  return parsed->target;
}

/// What root's agent has to do with it; empty without one.
std::string about_root(const std::filesystem::path& own, const Seeker& seeker) {
  if (own.parent_path() != seeker.runtime_directory || seeker.runtime_directory == seeker.root_directory)
    return {};
  const std::filesystem::path socket = seeker.root_directory / own.filename();
  const SocketState state = program::look_at_socket(socket);
  const bool may_open = state == SocketState::present && seeker.may_open(socket);
  if (may_open) return fmt::format("root's agent has a socket: --bus ipc://{}", socket.string());
  if (state != SocketState::present && state != SocketState::hidden) return {};
  return fmt::format("root's agent has its socket in {}, which this user may not open; run this as root",
                     seeker.root_directory.string());
}

bool may_read_and_write(const std::filesystem::path& path) {
  return ::access(path.c_str(), R_OK | W_OK) == 0;
}

}  // namespace

Seeker this_user() {
  return {.runtime_directory = daemoneye::collector::runtime_directory(), .may_open = may_read_and_write};
}

std::string advice(const std::string& address, const Seeker& seeker) {
  const std::filesystem::path path = socket_path(address, seeker.runtime_directory);
  if (path.empty()) return "is the broker running there?";
  const SocketState state = program::look_at_socket(path);
  const bool may_open = state == SocketState::present && seeker.may_open(path);
  const std::string own = program::advise(state, path.string(), may_open, agent_words);
  const std::string root = state == SocketState::absent ? about_root(path, seeker) : "";
  return root.empty() ? own : fmt::format("there is no socket {}; {}", path.string(), root);
}

}  // namespace daemoneye_cli
