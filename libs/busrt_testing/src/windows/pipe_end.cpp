#include "windows/pipe_end.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "busrt/address.hpp"

namespace busrt_testing {

using busrt::transport::Handle;

namespace {

constexpr std::size_t buffer_bytes = 64U << 10;

[[noreturn]] void fail_call(const std::string& what, DWORD error) {
  throw std::runtime_error(what + ": " + busrt::transport::system_message(error));
}

Handle make_event() {
  return Handle(::CreateEventW(nullptr, /*manual reset*/ TRUE, FALSE, nullptr));
}

}  // namespace

PipeEnd::PipeEnd(Handle pipe)
    : pipe_(std::move(pipe)), read_event_(make_event()), write_event_(make_event()), buffer_(buffer_bytes) {}

PipeEnd::~PipeEnd() {
  if (under_way_) cancel(reading_);
}

void PipeEnd::cancel(OVERLAPPED& operation) {
  ::CancelIoEx(pipe_.get(), &operation);
  DWORD ignored = 0;
  ::GetOverlappedResult(pipe_.get(), &operation, &ignored, TRUE);
}

void PipeEnd::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    OVERLAPPED writing{};
    writing.hEvent = write_event_.get();
    DWORD put = 0;
    if ((::WriteFile(pipe_.get(), bytes.data(), static_cast<DWORD>(bytes.size()), nullptr, &writing) == 0 &&
         ::GetLastError() != ERROR_IO_PENDING) ||
        ::GetOverlappedResult(pipe_.get(), &writing, &put, TRUE) == 0) {
      fail_call("write", ::GetLastError());
    }
    bytes = bytes.subspan(put);
  }
}

std::size_t PipeEnd::write_some(std::span<const std::byte> bytes) {
  OVERLAPPED writing{};
  writing.hEvent = write_event_.get();
  DWORD put = 0;
  if (::WriteFile(pipe_.get(), bytes.data(), static_cast<DWORD>(bytes.size()), nullptr, &writing) == 0) {
    if (const DWORD error = ::GetLastError(); error != ERROR_IO_PENDING) fail_call("write", error);
    ::CancelIoEx(pipe_.get(), &writing);
  }
  if (::GetOverlappedResult(pipe_.get(), &writing, &put, TRUE) != 0) return put;
  if (const DWORD error = ::GetLastError(); error != ERROR_OPERATION_ABORTED) fail_call("write", error);
  return put;
}

bool PipeEnd::readable(std::chrono::milliseconds limit) {
  if (begin_ != end_ || ended_) return true;
  if (!std::exchange(under_way_, true)) {
    reading_ = {};
    reading_.hEvent = read_event_.get();
    if (::ReadFile(pipe_.get(), buffer_.data(), static_cast<DWORD>(buffer_.size()), nullptr, &reading_) ==
            0 &&
        ::GetLastError() != ERROR_IO_PENDING) {
      under_way_ = false;
      if (!busrt::transport::means_closed(::GetLastError())) fail_call("read", ::GetLastError());
      ended_ = true;
      return true;
    }
  }
  if (::WaitForSingleObject(read_event_.get(), static_cast<DWORD>(limit.count())) != WAIT_OBJECT_0)
    return false;
  under_way_ = false;
  DWORD got = 0;
  if (::GetOverlappedResult(pipe_.get(), &reading_, &got, TRUE) == 0) {
    if (!busrt::transport::means_closed(::GetLastError())) fail_call("read", ::GetLastError());
    ended_ = true;
  }
  begin_ = 0;
  end_ = got;
  return true;
}

std::optional<std::size_t> PipeEnd::read(std::span<std::byte> room, std::chrono::milliseconds limit) {
  if (!readable(limit)) return std::nullopt;
  const std::size_t count = std::min(room.size(), end_ - begin_);
  std::memcpy(room.data(), buffer_.data() + begin_, count);
  begin_ += count;
  return count;
}

std::wstring pipe_name(const std::string& address) {
  const auto parsed = busrt::Address::parse(address);
  if (!parsed) throw std::runtime_error(parsed.error().describe());
  return busrt::transport::widen(parsed->target);
}

}  // namespace busrt_testing
