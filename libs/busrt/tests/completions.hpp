// Completions whose results a test looks at.
#pragma once

#include <boost/asio/io_context.hpp>
#include <utility>
#include <vector>

#include "busrt/detail/completion.hpp"
#include "busrt/error.hpp"

namespace busrt::detail {

/// An executor of the test's own, and what was completed on it.
class Completions {
 public:
  /// Makes a completion that appends its result to `results`.
  template <class R>
  [[nodiscard]] Completion<R> into(std::vector<R>& results) {
    return Completion<R>(context_.get_executor(),
                         [&results](R result) { results.push_back(std::move(result)); });
  }
  /// Runs what was posted.
  void run() {
    context_.restart();
    context_.poll();
  }

 private:
  boost::asio::io_context context_;
};

}  // namespace busrt::detail
