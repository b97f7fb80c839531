#include "supervisor/keeper_connection.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "daemoneye_keeper/protocol/message_socket.hpp"

namespace daemoneye_agent {

using daemoneye_keeper::Kind;
using daemoneye_keeper::Message;

namespace {

bool is_message_socket(int fd) {
  int type = 0;
  socklen_t length = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

std::unexpected<busrt::base::Error> keeper_gone() {
  return busrt::base::fail_errno(EPIPE, "the keeper is gone");
}

}  // namespace

busrt::base::Result<std::shared_ptr<KeeperConnection>> KeeperConnection::from_environment() {
  const char* const named = std::getenv(daemoneye_keeper::socket_variable);
  if (named == nullptr) return std::shared_ptr<KeeperConnection>();
  const std::string text = named;
  ::unsetenv(daemoneye_keeper::socket_variable);
  int number = -1;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = failed == std::errc() && end == text.data() + text.size() && number > STDERR_FILENO;
  if (!whole || !is_message_socket(number)) {
    return busrt::base::fail_errno(ENOTSOCK, std::string(daemoneye_keeper::socket_variable) +
                                                 " is set by daemoneye-agent alone: " + text);
  }
  ::fcntl(number, F_SETFD, FD_CLOEXEC);
  return open(busrt::base::UniqueFd(number));
}

busrt::base::Result<std::shared_ptr<KeeperConnection>> KeeperConnection::open(busrt::base::UniqueFd socket) {
  std::shared_ptr<KeeperConnection> connection(new KeeperConnection(std::move(socket)));
  if (auto greeted = connection->greet(); !greeted) return std::unexpected(std::move(greeted.error()));
  return connection;
}

busrt::base::Result<> KeeperConnection::greet() {
  auto answer = request({.kind = Kind::hello});
  if (!answer) return std::unexpected(std::move(answer.error()));
  if (answer->pid == 0) return {};
  const std::chrono::nanoseconds since_epoch(answer->time);
  predecessor_ = {std::chrono::system_clock::time_point(
                      std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)),
                  std::move(answer->text)};
  return {};
}

busrt::base::Result<Message> KeeperConnection::request(Message message) {
  const std::lock_guard lock(mutex_);
  if (gone_) return keeper_gone();
  message.serial = ++serial_;
  if (auto sent = daemoneye_keeper::send_message(socket_.get(), message); !sent)
    return std::unexpected(std::move(sent.error()));
  auto answer = await_answer(message.serial);
  if (watched_ && (gone_ || !notices_.empty())) {
    boost::asio::post(watched_->get_executor(), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->deliver();
    });
  }
  if (!answer) return answer;
  if (answer->number != 0) return busrt::base::fail_errno(answer->number, std::move(answer->text));
  return answer;
}

busrt::base::Result<Message> KeeperConnection::await_answer(std::uint32_t serial) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto message = daemoneye_keeper::receive_message(socket_.get());
    if (message && !*message) {
      gone_ = true;
      return keeper_gone();
    }
    if (message && (*message)->kind == Kind::answer && (*message)->serial == serial)
      return std::move(**message);
    // The answer to a request that was given up is dropped, with its descriptors.
    if (message && (*message)->kind == Kind::ended) notices_.push_back(std::move(**message));
    if (message) continue;
    if (message.error().code != std::errc::resource_unavailable_try_again)
      return std::unexpected(std::move(message.error()));
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return busrt::base::fail_errno(ETIMEDOUT, "the keeper does not answer");
    pollfd wait{socket_.get(), POLLIN, 0};
    static_cast<void>(::poll(&wait, 1, static_cast<int>(left.count())));
  }
}

busrt::base::Result<> KeeperConnection::notify(const std::string& text) {
  auto answer = request({.kind = Kind::notify, .text = text});
  if (!answer) return std::unexpected(std::move(answer.error()));
  return {};
}

void KeeperConnection::watch(boost::asio::any_io_executor executor, std::function<void(Message)> ended,
                             std::function<void()> lost) {
  ended_ = std::move(ended);
  lost_ = std::move(lost);
  watched_.emplace(executor, ::fcntl(socket_.get(), F_DUPFD_CLOEXEC, 0));
  boost::asio::post(executor, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->deliver();
  });
  wait_for_notices();
}

void KeeperConnection::unwatch() {
  watched_.reset();
  ended_ = {};
  lost_ = {};
}

void KeeperConnection::wait_for_notices() {
  if (!watched_) return;
  watched_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [weak = weak_from_this()](const boost::system::error_code& error) {
                         const auto self = weak.lock();
                         if (error || !self) return;
                         self->deliver();
                         if (!self->gone_) self->wait_for_notices();
                       });
}

void KeeperConnection::deliver() {
  std::vector<Message> notices;
  bool gone = false;
  {
    const std::lock_guard lock(mutex_);
    for (;;) {
      auto message = daemoneye_keeper::receive_message(socket_.get());
      if (message && !*message) gone_ = true;
      if (!message || !*message) break;
      if ((*message)->kind == Kind::ended) notices_.push_back(std::move(**message));
    }
    notices = std::exchange(notices_, {});
    gone = gone_;
  }
  // A callback may unwatch().
  for (auto& notice : notices) {
    if (const auto call = ended_; call) call(std::move(notice));
  }
  if (!gone || !lost_) return;
  const auto call = std::exchange(lost_, {});
  call();
}

}  // namespace daemoneye_agent
