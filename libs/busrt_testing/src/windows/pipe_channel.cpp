// A named pipe under a WireClient.
#include <memory>
#include <stdexcept>

#include "busrt_testing/test_address.hpp"
#include "busrt_testing/wire_client.hpp"
#include "windows/pipe_end.hpp"

namespace busrt_testing {

namespace {

using busrt::transport::Handle;

/// How long one wait for a free instance of the pipe lasts, before looking again.
constexpr DWORD busy_ms = 100;

Handle connect(const std::string& address) {
  const std::wstring name = pipe_name(address);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    Handle pipe(::CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                              FILE_FLAG_OVERLAPPED, nullptr));
    if (pipe) return pipe;
    const DWORD error = ::GetLastError();
    if (error != ERROR_PIPE_BUSY || std::chrono::steady_clock::now() > deadline) {
      throw std::runtime_error("cannot connect to " + address + ": " +
                               busrt::transport::system_message(error));
    }
    ::WaitNamedPipeW(name.c_str(), busy_ms);
  }
}

class PipeChannel final : public Channel {
 public:
  explicit PipeChannel(const std::string& address) : pipe_(std::make_unique<PipeEnd>(connect(address))) {}

  void write(std::span<const std::byte> bytes) override { open().write(bytes); }

  std::size_t read(std::span<std::byte> room, std::chrono::milliseconds limit) override {
    const auto got = open().read(room, limit);
    if (!got) throw std::runtime_error("nothing arrived in time");
    return *got;
  }

  bool readable(std::chrono::milliseconds limit) override { return open().readable(limit); }

  void close() override { pipe_.reset(); }

 private:
  PipeEnd& open() {
    if (!pipe_) throw std::runtime_error("the channel is closed");
    return *pipe_;
  }

  std::unique_ptr<PipeEnd> pipe_;
};

}  // namespace

std::unique_ptr<Channel> connect_ipc(const std::string& address) {
  return std::make_unique<PipeChannel>(address);
}

std::string ipc_address_in(const std::filesystem::path& directory) {
  return "ipc://" + directory.filename().string();
}

}  // namespace busrt_testing
