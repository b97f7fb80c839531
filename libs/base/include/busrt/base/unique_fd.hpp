// An open file descriptor with one owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace busrt::base {

/// Owns a descriptor and closes it at the end of its life. A negative number means that there is none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}  ///< takes ownership
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  /// Closes the present descriptor and takes the other's.
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  /// Returns the descriptor, which the caller closes from now on.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  /// Closes the present descriptor and owns `fd` instead.
  void reset(int fd = -1) noexcept {
    if (const int old = std::exchange(fd_, fd); old >= 0) ::close(old);
  }

 private:
  int fd_ = -1;
};

}  // namespace busrt::base
