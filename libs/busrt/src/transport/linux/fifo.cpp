// A fifo whose writers come and go. A read of zero bytes means that the last writer has gone: the line that
// it left without an end, ends there. The reader is then opened anew, because a reader that has seen a writer
// go is reported as hung up for ever, and one that has not yet seen any is not.
#include "transport/fifo.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "busrt/limits.hpp"
#include "transport/descriptor.hpp"
#include "transport/linux/path_lock.hpp"

namespace busrt::transport {

namespace {

constexpr unsigned owner_only = 0600;
/// A reader beside the broker would take lines away from it.
constexpr unsigned allowed_mode = 0622;

/// Bytes read at a time. A line of three bytes makes a frame of eleven, so that one read and the line before
/// it always fit into what a session reads.
constexpr std::size_t read_bytes = 32U << 10;
static_assert(read_bytes * 4 + limits::fifo_line_bytes * 2 < limits::read_chunk_bytes);

bool same_file(const struct stat& one, const struct stat& other) {
  return one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}

Descriptor open_reader(const std::string& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
}

class FifoStream final : public Stream, private Watcher {
 public:
  FifoStream(PathLock lock, std::string path, std::string name, std::unique_ptr<LineTranslator> translator)
      : lock_(std::move(lock)), path_(std::move(path)), translator_(std::move(translator)) {
    peer_.port = path_;
    peer_.speaks_as = std::move(name);
  }
  ~FifoStream() override { FifoStream::close(); }

  /// Opens the reader. The fifo is this stream's from now on.
  Result<> start(unsigned mode) {
    const std::string what = "cannot open the fifo " + path_;
    if (::lstat(path_.c_str(), &made_) != 0) return base::fail_errno(errno, what);
    owned_ = S_ISFIFO(made_.st_mode) && made_.st_uid == ::geteuid();
    reader_ = open_reader(path_);
    if (reader_.get() < 0) return base::fail_errno(errno, what);
    struct stat opened{};
    if (!owned_ || ::fstat(reader_.get(), &opened) != 0 || !same_file(opened, made_)) {
      return fail(errc::busy, what + ": another file has taken its place");
    }
    // Past the umask.
    if (::fchmod(reader_.get(), mode) != 0) {
      return base::fail_errno(errno, "cannot set the mode of the fifo " + path_);
    }
    return {};
  }

  Result<> open(EventLoop& loop, StreamHandler& handler) override {
    loop_ = &loop;
    handler_ = &handler;
    wanted_ = true;
    auto watching = loop.watch(reader_.get(), *this, {.read = true, .write = false});
    watched_ = watching.has_value();
    return watching;
  }

  IoResult read(std::span<std::byte> room) override {
    std::array<char, read_bytes> bytes;
    const auto got = ::read(reader_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno != EAGAIN && errno != EINTR) return {IoResult::Status::failed, 0, errno};
    if (got < 0) return {IoResult::Status::would_block, 0, 0};
    frames_.clear();
    if (got > 0) {
      take({bytes.data(), static_cast<std::size_t>(got)});
    } else {
      end_line();
      renew_reader();
      if (!failure_.empty()) return {IoResult::Status::failed, 0, 0};
    }
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
    wanted_ = interest.read;
    watch_as_wanted();
  }

  void retry() override {
    // The old reader is still hung up, so it is read at once and renewed again.
    paused_ = false;
    watch_as_wanted();
  }

  void close() override {
    look_away();
    reader_ = Descriptor();
    struct stat found{};
    if (std::exchange(owned_, false) && ::lstat(path_.c_str(), &found) == 0 && same_file(found, made_)) {
      ::unlink(path_.c_str());
    }
    lock_.release();
  }

  [[nodiscard]] const Peer& peer() const noexcept override { return peer_; }
  [[nodiscard]] std::string_view failure() const noexcept override { return failure_; }

 private:
  void on_ready(bool readable, bool /*writable*/, bool hung_up) override {
    if (readable || hung_up) handler_->on_readable();
  }

  /// A reader that is not watched at all: a hang-up is reported also to one that wants nothing.
  void look_away() {
    if (std::exchange(watched_, false)) loop_->unwatch(reader_.get(), *this);
  }

  void watch_as_wanted() {
    if (reader_.get() < 0 || loop_ == nullptr) return;
    if (!wanted_ || paused_) return look_away();
    if (watched_) return;
    const auto watching = loop_->watch(reader_.get(), *this, {.read = true, .write = false});
    watched_ = watching.has_value();
    if (!watching) pause(watching.error().code.message());
  }

  void renew_reader() {
    Descriptor fresh = open_reader(path_);
    const int error = errno;
    struct stat found{};
    if (fresh.get() < 0 && error != ENOENT && error != ELOOP) {
      // Writers may open the fifo meanwhile: its old reader is still there.
      return pause(std::generic_category().message(error));
    }
    if (fresh.get() < 0 || ::fstat(fresh.get(), &found) != 0 || !same_file(found, made_)) {
      failure_ = "the fifo " + path_ + " has been removed or replaced";
      return;
    }
    look_away();
    reader_ = std::move(fresh);
    watch_as_wanted();
  }

  void pause(const std::string& why) {
    paused_ = true;
    look_away();
    translator_->paused(why);
  }

  void take(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      const std::string_view piece = text.substr(0, end);
      passed_over_ += piece.size();
      if (line_.size() + piece.size() <= limits::fifo_line_bytes) line_ += piece;
      if (end == std::string_view::npos) return;
      end_line();
      text.remove_prefix(end + 1);
    }
  }

  void end_line() {
    if (passed_over_ > limits::fifo_line_bytes) {
      translator_->too_long(passed_over_);
    } else if (!line_.empty()) {
      translator_->translate(line_, frames_);
    }
    line_.clear();
    passed_over_ = 0;
  }

  PathLock lock_;
  const std::string path_;
  const std::unique_ptr<LineTranslator> translator_;
  Descriptor reader_;
  struct stat made_{};  // the fifo, so that only our own is read and removed
  bool owned_ = false;
  Peer peer_;
  EventLoop* loop_ = nullptr;
  StreamHandler* handler_ = nullptr;
  bool wanted_ = false;   // by the session
  bool watched_ = false;  // by the loop
  bool paused_ = false;   // until retry()
  std::string failure_;
  std::string line_;             // what is there of the line that has not ended
  std::size_t passed_over_ = 0;  // bytes of it, kept or not
  base::ByteBuffer frames_;
};

std::string owner_and_mode(const struct stat& found) {
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", found.st_mode & 07777U);
  return "of uid " + std::to_string(found.st_uid) + " with mode " + mode.data();
}

/// Whether the fifo that is there already may be used: one of ours that a dead broker has left. Scripts that
/// wait in it for a reader then get through.
Result<> check_fifo(const std::string& path, const struct stat& found) {
  const std::string what = "cannot make the fifo " + path + ": ";
  if (found.st_uid != ::geteuid()) return fail(errc::busy, what + "there is a fifo " + owner_and_mode(found));
  const Descriptor probe(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  if (probe.get() >= 0) return fail(errc::busy, what + "another process reads it");
  if (errno == ENXIO) return {};
  return base::fail_errno(errno, "cannot tell whether the fifo " + path + " is in use");
}

/// Leaves a fifo at the path. A script that wrote while there was none has left a plain file.
Result<> make_place(const std::string& path) {
  struct stat found{};
  const std::string what = "cannot make the fifo " + path;
  if (::lstat(path.c_str(), &found) == 0) {
    if (S_ISFIFO(found.st_mode)) return check_fifo(path, found);
    if (!S_ISREG(found.st_mode)) return fail(errc::busy, what + ": the file exists and is no fifo");
    if (found.st_size != 0) {
      return fail(errc::busy, what + ": a plain file is in its place that holds " +
                                  std::to_string(found.st_size) +
                                  " bytes, perhaps lines written while no broker ran; move it away");
    }
    if (::unlink(path.c_str()) != 0) return base::fail_errno(errno, "cannot replace the empty file " + path);
  }
  if (::mkfifo(path.c_str(), owner_only) != 0) return base::fail_errno(errno, what);
  return {};
}

}  // namespace

Result<std::unique_ptr<Stream>> make_fifo(const std::string& path, unsigned mode, std::string name,
                                          std::unique_ptr<LineTranslator> translator) {
  if ((mode & owner_only) != owner_only || (mode & ~allowed_mode) != 0) {
    return fail(errc::not_supported,
                "cannot make the fifo " + path +
                    ": its mode has to be 0600, 0620, 0602 or 0622: others may write at most");
  }
  auto lock = PathLock::take(path);
  if (!lock) return std::unexpected(std::move(lock).error());
  if (auto made = make_place(path); !made) return std::unexpected(std::move(made).error());
  auto stream = std::make_unique<FifoStream>(*std::move(lock), path, std::move(name), std::move(translator));
  if (auto started = stream->start(mode); !started) return std::unexpected(std::move(started).error());
  return stream;
}

}  // namespace busrt::transport
