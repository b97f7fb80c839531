#include "transport/fifo.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "busrt/limits.hpp"

namespace busrt::transport {

namespace {

constexpr mode_t fifo_mode = 0622;

/// Bytes read at a time. A line of three bytes makes a frame of eleven, so that one read and the line before
/// it always fit into what a session reads.
constexpr std::size_t read_bytes = 32U << 10;
static_assert(read_bytes * 4 + limits::fifo_line_bytes * 2 < limits::read_chunk_bytes);

class FifoStream final : public Stream, private Watcher {
 public:
  FifoStream(int descriptor, std::string path, std::string name, std::unique_ptr<LineTranslator> translator)
      : descriptor_(descriptor), path_(std::move(path)), translator_(std::move(translator)) {
    peer_.port = path_;
    peer_.speaks_as = std::move(name);
    struct stat made{};
    if (::fstat(descriptor, &made) == 0) inode_ = made.st_ino;
  }
  ~FifoStream() override { FifoStream::close(); }

  Result<> open(EventLoop& loop, StreamHandler& handler) override {
    loop_ = &loop;
    handler_ = &handler;
    return loop.watch(descriptor_, *this, {.read = true, .write = false});
  }

  IoResult read(std::span<std::byte> room) override {
    std::array<char, read_bytes> bytes;
    const auto got = ::read(descriptor_, bytes.data(), bytes.size());
    if (got < 0 && errno != EAGAIN && errno != EINTR) return {IoResult::Status::failed, 0, errno};
    if (got <= 0) return {IoResult::Status::would_block, 0, 0};
    frames_.clear();
    take({bytes.data(), static_cast<std::size_t>(got)});
    if (frames_.empty()) return {IoResult::Status::would_block, 0, 0};
    // Only whole frames are handed over, so the session never keeps a part of one and always has all its
    // room.
    if (frames_.size() > room.size()) return {IoResult::Status::failed, 0, ENOBUFS};
    std::memcpy(room.data(), frames_.data().data(), frames_.size());
    return {IoResult::Status::ok, frames_.size(), 0};
  }

  IoResult write(std::span<const Part> parts) override {
    std::size_t bytes = 0;
    for (const Part& part : parts) bytes += part.size();
    return {IoResult::Status::ok, bytes, 0};
  }

  void want(Interest interest) override {
    // Writing is always possible, and nothing that the loop would have to tell.
    if (descriptor_ >= 0) loop_->change(descriptor_, *this, {.read = interest.read, .write = false});
  }

  void close() override {
    if (descriptor_ < 0) return;
    if (loop_ != nullptr) loop_->unwatch(descriptor_, *this);
    ::close(std::exchange(descriptor_, -1));
    struct stat found{};
    if (::lstat(path_.c_str(), &found) == 0 && found.st_ino == inode_) ::unlink(path_.c_str());
  }

  [[nodiscard]] const Peer& peer() const noexcept override { return peer_; }

 private:
  void on_ready(bool readable, bool /*writable*/, bool /*hung_up*/) override {
    if (readable) handler_->on_readable();
  }

  void take(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view piece = text.substr(0, end);
      passed_over_ += piece.size();
      if (line_.size() + piece.size() <= limits::fifo_line_bytes) line_ += piece;
      if (end == std::string_view::npos) return;
      if (passed_over_ > limits::fifo_line_bytes) {
        translator_->too_long(passed_over_);
      } else if (!line_.empty()) {
        translator_->translate(line_, frames_);
      }
      line_.clear();
      passed_over_ = 0;
      text.remove_prefix(end + 1);
    }
  }

  int descriptor_;
  const std::string path_;
  const std::unique_ptr<LineTranslator> translator_;
  Peer peer_;
  ino_t inode_ = 0;  // so that only our own fifo is removed
  EventLoop* loop_ = nullptr;
  StreamHandler* handler_ = nullptr;
  std::string line_;             // what is there of the line that has not ended
  std::size_t passed_over_ = 0;  // bytes of it, kept or not
  base::ByteBuffer frames_;
};

}  // namespace

Result<std::unique_ptr<Stream>> make_fifo(const std::string& path, std::string name,
                                          std::unique_ptr<LineTranslator> translator) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) == 0) {
    if (!S_ISFIFO(found.st_mode))
      return fail(errc::busy, "cannot make the fifo " + path + ": the file exists and is no fifo");
    if (::unlink(path.c_str()) != 0) return base::fail_errno(errno, "cannot replace the fifo " + path);
  }
  if (::mkfifo(path.c_str(), fifo_mode) != 0) return base::fail_errno(errno, "cannot make the fifo " + path);
  // Open for writing too: the last script that closes it must not look like the end.
  const int descriptor = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) {
    const int error = errno;
    ::unlink(path.c_str());
    return base::fail_errno(error, "cannot open the fifo " + path);
  }
  auto stream = std::make_unique<FifoStream>(descriptor, path, std::move(name), std::move(translator));
  // Past the umask.
  if (::fchmod(descriptor, fifo_mode) != 0)
    return base::fail_errno(errno, "cannot set the mode of the fifo " + path);
  return stream;
}

}  // namespace busrt::transport
