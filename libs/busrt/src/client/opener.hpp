// Makes a connected stream from an address: one attempt, which can be cancelled.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "busrt/client.hpp"
#include "client/stream.hpp"

namespace busrt::detail {

/// An attempt that is under way. Thread safety: any thread.
class OpenAttempt {
 public:
  virtual ~OpenAttempt() = default;
  /// Makes the attempt end soon, with an error. Does nothing if it has ended.
  virtual void cancel() = 0;
};

using OpenDone = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;

/// Starts an attempt. `done` is called once, on the executor, and never from within this call. There is no
/// deadline: the caller cancels at its own. Errors: bad_address, not_supported, io, closed.
[[nodiscard]] std::shared_ptr<OpenAttempt> open_stream(const boost::asio::any_io_executor& executor,
                                                       const ClientConfig& config, OpenDone done);

}  // namespace busrt::detail
