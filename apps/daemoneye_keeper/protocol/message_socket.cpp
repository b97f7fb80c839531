#include "daemoneye_keeper/protocol/message_socket.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace daemoneye_keeper {
namespace {

constexpr std::size_t control_bytes = CMSG_SPACE(max_message_descriptors * sizeof(int));

/// The descriptors of a message that recvmsg() has delivered.
std::vector<busrt::base::UniqueFd> take_descriptors(msghdr& header) {
  std::vector<busrt::base::UniqueFd> descriptors;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      descriptors.emplace_back(fd);
    }
  }
  return descriptors;
}

}  // namespace

busrt::base::Result<> send_message(int socket, const Message& message) {
  if (message.descriptors.size() > max_message_descriptors)
    return busrt::base::fail_errno(EINVAL, "too many descriptors in a message");
  auto bytes = encode(message);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  iovec data{bytes->data(), bytes->size()};
  alignas(cmsghdr) std::array<char, control_bytes> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (const std::size_t count = message.descriptors.size(); count != 0) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i) {
      const int fd = message.descriptors[i].get();
      std::memcpy(CMSG_DATA(part) + i * sizeof fd, &fd, sizeof fd);
    }
  }
  ssize_t sent = 0;
  do {
    sent = ::sendmsg(socket, &header, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return busrt::base::fail_errno(errno, "a message between keeper and agent");
  return {};
}

busrt::base::Result<std::optional<Message>> receive_message(int socket) {
  // One byte more than a message may have: a larger one is seen as such.
  std::array<std::byte, max_message_bytes + 1> bytes;
  iovec data{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, control_bytes> control{};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  // The peer ended with messages of ours unread.
  if (got < 0 && errno == ECONNRESET) return std::nullopt;
  if (got < 0) return busrt::base::fail_errno(errno, "a message between keeper and agent");
  if (got == 0) return std::nullopt;
  auto descriptors = take_descriptors(header);
  if ((header.msg_flags & MSG_CTRUNC) != 0) return busrt::base::fail_errno(EBADMSG, "too many descriptors");
  auto message = decode(std::span(bytes).first(static_cast<std::size_t>(got)));
  if (!message) return std::unexpected(std::move(message.error()));
  message->descriptors = std::move(descriptors);
  return std::optional<Message>(std::move(*message));
}

}  // namespace daemoneye_keeper
