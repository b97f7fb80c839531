// The scripted peer's named pipe.
#include "peer_transport.hpp"

#include <span>

#include "busrt/frame.hpp"
#include "busrt_testing/wire_client.hpp"
#include "transport/windows/owner.hpp"
#include "windows/pipe_end.hpp"

namespace busrt_testing {

namespace {

using busrt::transport::Handle;
using busrt::transport::OwnerOnly;

/// Small, so that tests which fill a connection need not send much.
constexpr DWORD pipe_buffer_bytes = 64U << 10;

class PipePeer final : public PeerTransport {
 public:
  explicit PipePeer(const std::string& address) : name_(pipe_name(address)), waiting_(create()) {}

  void accept() override {
    close();
    const Handle connected(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
    OVERLAPPED connecting{};
    connecting.hEvent = connected.get();
    if (::ConnectNamedPipe(waiting_.get(), &connecting) == 0) {
      const DWORD error = ::GetLastError();
      if (error == ERROR_IO_PENDING) {
        wait(connected.get(), connecting);
      } else if (error != ERROR_PIPE_CONNECTED) {
        fail_step("accept: " + busrt::transport::system_message(error));
      }
    }
    connection_ = std::make_unique<PipeEnd>(std::move(waiting_));
    waiting_ = create();
  }

  void close() override { connection_.reset(); }

  void send(std::string_view bytes) override { connection().write(busrt::as_bytes(bytes)); }

  std::size_t send_some(std::string_view bytes) override {
    return connection().write_some(busrt::as_bytes(bytes));
  }

  std::size_t read_some(char* room, std::size_t size) override {
    const auto got = connection().read(std::as_writable_bytes(std::span(room, size)), patience);
    if (!got) fail_step("nothing came from the client");
    return *got;
  }

 private:
  Handle create() {
    SECURITY_ATTRIBUTES attributes = owner_.attributes();
    Handle pipe(::CreateNamedPipeW(name_.c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
                                   PIPE_TYPE_BYTE | PIPE_READMODE_BYTE, PIPE_UNLIMITED_INSTANCES,
                                   pipe_buffer_bytes, pipe_buffer_bytes, 0, &attributes));
    if (!pipe) fail_step("listen: " + busrt::transport::system_message(::GetLastError()));
    return pipe;
  }

  void wait(HANDLE connected, OVERLAPPED& connecting) {
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
    const bool came = ::WaitForSingleObject(connected, static_cast<DWORD>(limit.count())) == WAIT_OBJECT_0;
    if (!came) ::CancelIoEx(waiting_.get(), &connecting);
    DWORD ignored = 0;
    ::GetOverlappedResult(waiting_.get(), &connecting, &ignored, TRUE);
    if (!came) fail_step("nothing came from the client");
  }

  PipeEnd& connection() {
    if (!connection_) fail_step("there is no connection");
    return *connection_;
  }

  std::wstring name_;
  OwnerOnly owner_ = OwnerOnly::make().value();  // clients talk to nobody else's pipe
  Handle waiting_;
  std::unique_ptr<PipeEnd> connection_;
};

}  // namespace

std::unique_ptr<PeerTransport> listen_ipc(const std::string& address) {
  return std::make_unique<PipePeer>(address);
}

}  // namespace busrt_testing
