// From a connection string to a connected stream: one attempt, which can be given up.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "busrt/client.hpp"
#include "client/stream.hpp"

namespace busrt::detail {

/// Thread-safe.
class OpenAttempt {
 public:
  virtual ~OpenAttempt() = default;
  /// Makes the attempt end soon, with an error; for nothing if it has ended.
  virtual void cancel() = 0;
};

using OpenDone = std::move_only_function<void(Result<std::unique_ptr<Stream>>)>;

/// `done` is called once, on the executor, never from within this call. Errors: bad_address, not_supported,
/// io, closed. There is no deadline here: the caller has one and cancels.
[[nodiscard]] std::shared_ptr<OpenAttempt> open_stream(const boost::asio::any_io_executor& executor,
                                                       const ClientConfig& config, OpenDone done);

}  // namespace busrt::detail
