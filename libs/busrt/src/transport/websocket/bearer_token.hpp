// The bearer token of a broker's WebSocket listeners, which can be replaced while connections come.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace busrt::transport {

/// Thread-safe.
class BearerToken {
 public:
  explicit BearerToken(std::string token) : token_(std::make_shared<const std::string>(std::move(token))) {}

  [[nodiscard]] std::shared_ptr<const std::string> current() const {
    const std::lock_guard lock(mutex_);
    return token_;
  }
  void replace(std::string token) {
    auto next = std::make_shared<const std::string>(std::move(token));
    const std::lock_guard lock(mutex_);
    token_.swap(next);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const std::string> token_;
};

}  // namespace busrt::transport
