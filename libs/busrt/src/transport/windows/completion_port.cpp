#include "transport/windows/completion_port.hpp"

#include <algorithm>
#include <system_error>

namespace busrt::transport {

void Operation::cancel() noexcept {
  if (under_way()) ::CancelIoEx(handle_, this);
}

CompletionPort::CompletionPort()
    : port_(::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, /*threads*/ 1)) {
  if (!port_) {
    throw std::system_error(static_cast<int>(::GetLastError()), std::system_category(),
                            "cannot create an event loop");
  }
}

CompletionPort::~CompletionPort() {
  // The system writes into the memory of what is under way until it says that it has ended.
  for (Operation* operation = first_; operation != nullptr; operation = operation->next_) operation->cancel();
  while (first_ != nullptr) {
    wait_for(INFINITE);
    dispatch();
  }
}

Result<> CompletionPort::associate(HANDLE handle) {
  if (::CreateIoCompletionPort(handle, port_.get(), 0, 0) == nullptr) {
    return fail_system(::GetLastError(), "cannot watch a pipe");
  }
  return {};
}

OVERLAPPED* CompletionPort::begin(Operation& operation, HANDLE handle) {
  static_cast<OVERLAPPED&>(operation) = OVERLAPPED{};
  operation.handle_ = handle;
  operation.port_ = this;
  operation.previous_ = nullptr;
  operation.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &operation;
  first_ = &operation;
  return &operation;
}

void CompletionPort::end(Operation& operation) {
  if (operation.previous_ != nullptr) operation.previous_->next_ = operation.next_;
  if (operation.next_ != nullptr) operation.next_->previous_ = operation.previous_;
  if (first_ == &operation) first_ = operation.next_;
  operation.port_ = nullptr;
}

DWORD CompletionPort::begun(Operation& operation, BOOL done) {
  // What succeeds at once is queued at the port as well.
  if (done != 0) return 0;
  const DWORD error = ::GetLastError();
  if (error == ERROR_IO_PENDING) return 0;
  end(operation);
  return error;
}

DWORD CompletionPort::read(Operation& operation, HANDLE handle, void* room, std::size_t size) {
  OVERLAPPED* overlapped = begin(operation, handle);
  return begun(operation, ::ReadFile(handle, room, static_cast<DWORD>(size), nullptr, overlapped));
}

DWORD CompletionPort::write(Operation& operation, HANDLE handle, const void* bytes, std::size_t size) {
  OVERLAPPED* overlapped = begin(operation, handle);
  return begun(operation, ::WriteFile(handle, bytes, static_cast<DWORD>(size), nullptr, overlapped));
}

void CompletionPort::wait_for(DWORD timeout_ms) {
  if (::GetQueuedCompletionStatusEx(port_.get(), entries_.data(), max_entries, &count_, timeout_ms, FALSE) ==
      0) {
    count_ = 0;
  }
}

void CompletionPort::wait(std::chrono::milliseconds timeout) {
  wait_for(static_cast<DWORD>(timeout.count()));
}

void CompletionPort::dispatch() {
  const ULONG count = std::exchange(count_, 0);
  for (ULONG i = 0; i < count; ++i) {
    if (entries_[i].lpOverlapped == nullptr) continue;  // a wake-up
    auto& operation = *static_cast<Operation*>(entries_[i].lpOverlapped);
    DWORD bytes = 0;
    // It has ended, so this neither waits nor uses the handle: it only translates the status.
    const BOOL done = ::GetOverlappedResult(operation.handle_, &operation, &bytes, FALSE);
    const DWORD error = done != 0 ? 0 : ::GetLastError();
    end(operation);
    operation.completed(error, bytes);
  }
}

void CompletionPort::wake() {
  // Fails only for want of memory, and then the loop wakes at its next tick.
  ::PostQueuedCompletionStatus(port_.get(), 0, 0, nullptr);
}

std::unique_ptr<Poller> make_poller() {
  return std::make_unique<CompletionPort>();
}

}  // namespace busrt::transport
