// The messages between the keeper and the agent proper: what is in each, as bytes.
//
// A message is one datagram of a SOCK_SEQPACKET socket pair, so it arrives whole or not at all. Both programs
// come from one build and run on one machine, so numbers have the machine's own byte order. Every message has
// every field; a field that its kind does not use is empty. The agent asks and the keeper answers each
// request with its serial number. `ended` alone comes without a request.
//
//   request  asks                                  with                                   answer
//   hello    how the last agent ended              -                                      pid: restarts;
//   time, text start    for a process, which waits at a gate  name, argv, text: a mark; fd: stdin    as
//   `running` go       to let it run its program             name                                   - running
//   for the collector of this index       number: the index                      name, argv, text: its mark,
//                                                                                         pid, time; fd: its
//                                                                                         output
//   signal   to signal a collector                 name, number: the signal               -
//   reap     to forget one that has ended          name                                   -
//   store    to hold a descriptor                  name; fd                               -
//   take     for a duplicate of it                 name                                   fd
//   drop     to close it                           name                                   -
//   notify   to notify the service manager         text: see sd_notify(3)                 -
//
//   ended    a notice: a collector has ended       name, pid, number: its wait status
//
// In an answer `number` is an errno, 0 for success; then `text` names the step that failed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "busrt/base/result.hpp"
#include "busrt/base/unique_fd.hpp"

namespace daemoneye_keeper {

/// Programs of different versions refuse each other at the first message.
inline constexpr std::uint8_t protocol_version = 1;
/// The largest message in bytes. It holds a collector's arguments; settings travel in a descriptor.
inline constexpr std::size_t max_message_bytes = 64UL * 1024;
/// The most descriptors of one message.
inline constexpr std::size_t max_message_descriptors = 1;
/// The longest name of a collector or a descriptor, in bytes.
inline constexpr std::size_t max_name_bytes = 64;
/// The most arguments of a collector.
inline constexpr std::size_t max_arguments = 1024;

/// The environment variable that gives a process the number of its socket to the keeper.
inline constexpr const char* socket_variable = "DAEMONEYE_KEEPER";

enum class Kind : std::uint8_t {
  hello,
  start,
  go,
  running,
  signal,
  reap,
  store,
  take,
  drop,
  notify,
  answer,
  ended,
};
inline constexpr std::uint8_t last_kind = static_cast<std::uint8_t>(Kind::ended);

struct Message {
  Kind kind = Kind::hello;
  std::uint32_t serial = 0;  ///< of the request; 0 in a notice
  std::int32_t number = 0;
  std::int64_t pid = 0;
  std::int64_t time = 0;  ///< nanoseconds since 1970 UTC
  std::string name{};
  std::string text{};
  std::vector<std::string> argv{};
  std::vector<busrt::base::UniqueFd> descriptors{};  ///< travel beside the bytes
};

/// The message without its descriptors. Errors: EMSGSIZE where it is too large, EINVAL for a name or an
/// argument that the other side would refuse.
[[nodiscard]] busrt::base::Result<std::vector<std::byte>> encode(const Message& message);
/// Errors: EPROTONOSUPPORT for another version; EBADMSG for bytes that are no message, such as one that is
/// cut off, has bytes left over, or breaks a limit above.
[[nodiscard]] busrt::base::Result<Message> decode(std::span<const std::byte> bytes);

/// How many descriptors a message of this kind brings; an answer has its own number for each request.
[[nodiscard]] std::size_t descriptors_of(Kind request) noexcept;

/// "exit code 1", "signal 9 (Killed)", from a status of waitpid().
[[nodiscard]] std::string describe_end(int wait_status);

}  // namespace daemoneye_keeper
