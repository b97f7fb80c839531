// The completion handler of an operation, type-erased. Only templates stay in the public headers; all other
// code is compiled once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <type_traits>
#include <utility>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt::detail {

/// The interface of a completion handler whose type is hidden.
template <class R>
class CompletionBase {
 public:
  virtual ~CompletionBase() = default;
  virtual void dispatch(std::unique_ptr<CompletionBase> self, R result) = 0;
  virtual void post(std::unique_ptr<CompletionBase> self, R result) = 0;
  [[nodiscard]] virtual boost::asio::cancellation_slot slot() const noexcept = 0;
};

/// A completion handler together with the work guard of its executor.
template <class R, class Handler>
class CompletionImpl final : public CompletionBase<R> {
  using Executor = boost::asio::associated_executor_t<Handler, boost::asio::any_io_executor>;

 public:
  CompletionImpl(const boost::asio::any_io_executor& fallback, Handler&& handler)
      : handler_(std::move(handler)), work_(boost::asio::get_associated_executor(handler_, fallback)) {}

  void dispatch(std::unique_ptr<CompletionBase<R>> self, R result) override {
    // execute() runs the handler at once if this thread may run it: an executor's default blocking property
    // permits that.
    const auto executor = work_.get_executor();
    executor.execute(Invoke{owned(std::move(self)), std::move(result)});
  }
  void post(std::unique_ptr<CompletionBase<R>> self, R result) override {
    const auto executor = work_.get_executor();
    boost::asio::post(executor, Invoke{owned(std::move(self)), std::move(result)});
  }
  [[nodiscard]] boost::asio::cancellation_slot slot() const noexcept override {
    return boost::asio::get_associated_cancellation_slot(handler_);
  }

 private:
  struct Invoke {
    std::unique_ptr<CompletionImpl> completion;
    R result;
    void operator()() {
      // The memory is freed before the handler runs. The handler can therefore start the next operation in
      // the same memory.
      auto slot = completion->slot();
      if (slot.is_connected()) slot.clear();
      Handler handler(std::move(completion->handler_));
      auto work = std::move(completion->work_);
      completion.reset();
      std::move(handler)(std::move(result));
    }
  };
  static std::unique_ptr<CompletionImpl> owned(std::unique_ptr<CompletionBase<R>> self) {
    return std::unique_ptr<CompletionImpl>(static_cast<CompletionImpl*>(self.release()));
  }

  Handler handler_;
  boost::asio::executor_work_guard<Executor> work_;
};

/// A caller's completion handler. It is called exactly once, or destroyed. It keeps work outstanding on its
/// associated executor. Move-only. Thread safety: one thread at a time.
template <class R>
class Completion {
 public:
  Completion() = default;
  template <class Handler>
  Completion(const boost::asio::any_io_executor& fallback, Handler&& handler)
      : impl_(std::make_unique<CompletionImpl<R, std::decay_t<Handler>>>(fallback,
                                                                         std::forward<Handler>(handler))) {}

  [[nodiscard]] explicit operator bool() const noexcept { return impl_ != nullptr; }

  /// Calls the handler on its executor, at once if this thread runs that executor. Do not call it while
  /// holding a lock, nor from the function that starts the operation.
  void dispatch(R result) {
    auto* const target = impl_.get();
    target->dispatch(std::move(impl_), std::move(result));
  }
  /// Calls the handler on its executor, later.
  void post(R result) {
    auto* const target = impl_.get();
    target->post(std::move(impl_), std::move(result));
  }

  /// Runs `cancel()` if the caller cancels the operation before the handler is called. `cancel` may run late:
  /// the operation may have completed on another thread.
  template <class Cancel>
  void on_cancel(Cancel cancel) {
    auto slot = impl_->slot();
    if (!slot.is_connected()) return;
    slot.assign([cancel = std::move(cancel)](boost::asio::cancellation_type type) mutable {
      if (type != boost::asio::cancellation_type::none) cancel();
    });
  }
  [[nodiscard]] bool cancellable() const noexcept { return impl_->slot().is_connected(); }

 private:
  std::unique_ptr<CompletionBase<R>> impl_;
};

/// Starts an operation that completes with one R, for any completion token. It calls `start(core,
/// Completion<R>)`.
template <class R, class Core, class Token, class Start>
auto initiate(const std::shared_ptr<Core>& core, Token& token, Start start) {
  return boost::asio::async_initiate<std::remove_const_t<Token>, void(R)>(
      [](auto handler, std::shared_ptr<Core> owner, Start begin) {
        Completion<R> done(executor_of(*owner), std::move(handler));
        begin(owner, std::move(done));
      },
      const_cast<std::remove_const_t<Token>&>(token), core, std::move(start));
}

}  // namespace busrt::detail
BUSRT_API_END
