#include <array>
#include <utility>

#include "transport/windows/named_pipe.hpp"

namespace busrt::transport {

namespace {

/// Clients that may connect before one of them is taken over: a burst at start-up must not find the pipe
/// busy.
constexpr std::size_t pending_instances = 16;

/// How soon an instance that the system had no room for is tried again.
constexpr DWORD retry_ms = 250;

Peer client_of(HANDLE pipe, const std::string& name) {
  Peer peer;
  peer.kind = StreamKind::local_ipc;
  peer.port = name;
  ULONG process = 0;
  if (::GetNamedPipeClientProcessId(pipe, &process) != 0) peer.pid = static_cast<int>(process);
  return peer;
}

std::unexpected<Error> taken(const std::string& name) {
  return fail(errc::busy, "cannot bind " + name + ": another process listens on it");
}

}  // namespace

struct NamedPipeListener::Instance {
  Handle pipe;
  Handle connected;  // event
  OVERLAPPED waiting{};
  bool at_once = false;  // the client came before the wait began, so that `waiting` has no result
};

NamedPipeListener::NamedPipeListener(std::string name, OwnerOnly owner)
    : name_(std::move(name)), wide_name_(widen(name_)), owner_(std::move(owner)) {}

bool NamedPipeListener::name_is_taken() const {
  // One millisecond, the shortest wait there is: this asks whether there is a pipe, not whether it has room.
  return ::WaitNamedPipeW(wide_name_.c_str(), 1) != 0 || ::GetLastError() != ERROR_FILE_NOT_FOUND;
}

Handle NamedPipeListener::create(bool first) {
  SECURITY_ATTRIBUTES attributes = owner_.attributes();
  const DWORD mode = PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED |
                     (first ? static_cast<DWORD>(FILE_FLAG_FIRST_PIPE_INSTANCE) : 0U);
  return Handle(::CreateNamedPipeW(
      wide_name_.c_str(), mode, PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
      PIPE_UNLIMITED_INSTANCES, pipe_buffer_bytes, pipe_buffer_bytes, 0, &attributes));
}

Result<std::unique_ptr<NamedPipeListener>> NamedPipeListener::bind(const std::string& name) {
  auto owner = OwnerOnly::make();
  if (!owner) return std::unexpected(std::move(owner).error());
  auto listener = std::unique_ptr<NamedPipeListener>(new NamedPipeListener(name, *std::move(owner)));
  auto first = std::make_unique<Instance>();
  // The flag for the first instance is the rule that holds; wine 8 has it not, and so this looks beforehand.
  if (listener->name_is_taken()) return taken(name);
  // The name is ours for as long as one instance lives, and nobody else's instance is among them.
  first->pipe = listener->create(true);
  if (!first->pipe) {
    const DWORD error = ::GetLastError();
    if (error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY) return taken(name);
    return fail_system(error, "cannot bind " + name);
  }
  listener->instances_.push_back(std::move(first));
  while (listener->instances_.size() < pending_instances) {
    listener->instances_.push_back(std::make_unique<Instance>());
  }
  for (const auto& instance : listener->instances_) {
    instance->connected = Handle(::CreateEventW(nullptr, /*manual reset*/ TRUE, FALSE, nullptr));
    if (!instance->connected) return fail_system(::GetLastError(), "cannot bind " + name);
  }
  listener->stop_ = Handle(::CreateEventW(nullptr, TRUE, FALSE, nullptr));
  if (!listener->stop_) return fail_system(::GetLastError(), "cannot bind " + name);
  return listener;
}

NamedPipeListener::~NamedPipeListener() {
  NamedPipeListener::close();
}

Result<> NamedPipeListener::open(EventLoop& /*loop*/, Accept accept, Paused paused) {
  accept_ = std::move(accept);
  on_pause_ = std::move(paused);
  // Clients may connect from here on, whenever the thread gets to run.
  for (const auto& instance : instances_) listen_on(*instance);
  thread_ = std::thread([this] { run(); });
  return {};
}

void NamedPipeListener::close() {
  if (thread_.joinable()) {
    ::SetEvent(stop_.get());
    thread_.join();
  }
  for (const auto& instance : instances_) {
    if (!instance->pipe) continue;
    DWORD ignored = 0;
    // The system writes into `waiting` until the operation has ended.
    if (::CancelIoEx(instance->pipe.get(), &instance->waiting) != 0) {
      ::GetOverlappedResult(instance->pipe.get(), &instance->waiting, &ignored, TRUE);
    }
  }
  instances_.clear();
}

bool NamedPipeListener::listen_on(Instance& instance) {
  for (;;) {
    if (!instance.pipe) instance.pipe = create(false);
    if (!instance.pipe) return false;
    instance.at_once = false;
    instance.waiting = {};
    instance.waiting.hEvent = instance.connected.get();
    ::ResetEvent(instance.connected.get());
    if (::ConnectNamedPipe(instance.pipe.get(), &instance.waiting) != 0) return true;
    const DWORD error = ::GetLastError();
    if (error == ERROR_IO_PENDING) return true;
    if (error == ERROR_PIPE_CONNECTED) {
      // A client came between the two calls; nothing is under way, so nothing else will set the event.
      instance.at_once = true;
      ::SetEvent(instance.connected.get());
      return true;
    }
    instance.pipe.reset();
    if (error != ERROR_NO_DATA) return false;  // else a client that has gone again
  }
}

void NamedPipeListener::accepted(Instance& instance) {
  Handle pipe = std::move(instance.pipe);
  DWORD ignored = 0;
  // Otherwise a client that has gone again.
  if (instance.at_once || ::GetOverlappedResult(pipe.get(), &instance.waiting, &ignored, FALSE) != 0) {
    const Peer peer = client_of(pipe.get(), name_);
    accept_(make_pipe_stream(std::move(pipe), peer));
  }
  listen_on(instance);
}

void NamedPipeListener::run() {
  while (::WaitForSingleObject(stop_.get(), 0) != WAIT_OBJECT_0) wait_for_clients();
}

void NamedPipeListener::wait_for_clients() {
  std::array<HANDLE, pending_instances + 1> events{};
  std::array<Instance*, pending_instances> waiting{};
  DWORD count = 0;
  events[count++] = stop_.get();
  for (const auto& instance : instances_) {
    if (!instance->pipe && !listen_on(*instance)) continue;
    waiting[count - 1] = instance.get();
    events[count++] = instance->connected.get();
  }
  const bool short_of_room = count <= instances_.size();
  if (short_of_room) on_pause_(system_message(::GetLastError()));
  const DWORD woken =
      ::WaitForMultipleObjects(count, events.data(), FALSE, short_of_room ? retry_ms : INFINITE);
  if (woken > WAIT_OBJECT_0 && woken < WAIT_OBJECT_0 + count) {
    accepted(*waiting[woken - WAIT_OBJECT_0 - 1]);
  }
}

Result<std::unique_ptr<Listener>> bind_ipc(const std::string& target,
                                           const std::filesystem::path& /*runtime_directory*/) {
  return NamedPipeListener::bind(target);
}

}  // namespace busrt::transport
