// ipc addresses on Windows: named pipes.
#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "client/transports.hpp"
#include "client/windows/pipe_stream.hpp"
#include "transport/as_values.hpp"
#include "transport/windows/owner.hpp"

namespace busrt::detail {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// As the user wrote it, since few know the names of pipes.
std::string address_of(const std::string& target) {
  constexpr std::string_view prefix = R"(\\.\pipe\)";
  return target.starts_with(prefix) ? "ipc://" + target.substr(prefix.size()) : target;
}

transport::Handle connect_pipe(const std::wstring& name) {
  // The broker may identify this process, but not act in its name.
  constexpr DWORD flags = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
  return transport::Handle(
      ::CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING, flags, nullptr));
}
}  // namespace

asio::awaitable<Opened> open_ipc(asio::any_io_executor executor, std::string target,
                                 std::filesystem::path /*runtime_directory*/) {
  const std::wstring name = transport::widen(target);
  const std::string where = address_of(target);
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (auto wait = 1ms;; wait = std::min(wait * 2, 50ms)) {
    transport::Handle pipe = connect_pipe(name);
    const DWORD error = pipe ? ERROR_SUCCESS : ::GetLastError();
    if (pipe) {
      if (auto owned = transport::check_owner(pipe.get()); !owned) {
        co_return fail(owned.error().code, "cannot connect to " + where + ": " + owned.error().describe());
      }
      co_return make_pipe_stream(executor, std::move(pipe));
    }
    // Every instance has its client, and the broker makes more: no refusal, but there is nothing to wait on
    // that could be cancelled.
    if (error != ERROR_PIPE_BUSY) co_return no_connection(where, transport::system_message(error));
    pause.expires_after(wait);
    if (auto [ended] = co_await pause.async_wait(transport::as_values); ended) {
      co_return no_connection(where, "given up");
    }
  }
}

}  // namespace busrt::detail
