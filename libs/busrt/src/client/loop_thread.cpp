#include "client/loop_thread.hpp"

#include <exception>
#include <string>
#include <utility>

namespace busrt::detail {

LoopThread::LoopThread(base::LogSink log)
    : failures_(std::move(log), "handlers that fail"),
      work_(boost::asio::make_work_guard(context_)),
      thread_([this] { run(); }) {}

LoopThread::~LoopThread() {
  stop();
}

void LoopThread::run() {
  // A handler of the application that throws ends itself, not the loop.
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& fault) {
      log_failure(std::string("a handler failed: ") + fault.what());
    } catch (...) {
      log_failure("a handler failed");
    }
  }
}

void LoopThread::stop() {
  if (!thread_.joinable()) return;
  work_.reset();
  context_.stop();
  thread_.join();
  context_.restart();
  try {
    context_.poll();
  } catch (const std::exception& fault) {
    log_failure(std::string("a handler failed: ") + fault.what());
  }
}

}  // namespace busrt::detail
