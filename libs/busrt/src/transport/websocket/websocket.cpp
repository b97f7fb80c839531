// Everything that needs Boost.Beast, for broker and client, in one translation unit: it takes the compiler
// long and much memory.
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "transport/websocket/client_channel.hpp"
#include "transport/websocket/server_session.hpp"

namespace busrt::transport {

namespace {

using namespace websockets;

/// How long accepting pauses when descriptors run out.
constexpr std::chrono::milliseconds accept_pause{100};

Peer websocket_peer(const Socket& socket, const std::string& port) {
  Peer peer;
  peer.kind = StreamKind::websocket;
  peer.port = port;
  beast::error_code error;
  const auto remote = socket.remote_endpoint(error);
  if (!error) peer.source = host_and_port(remote.address().to_string(), remote.port());
  return peer;
}

class Gateway final : public WebSocketGateway {
 public:
  Gateway(Admit admit, std::chrono::milliseconds handshake_limit, base::LogSink log)
      : environment_{std::move(admit), handshake_limit, std::move(log)},
        work_(asio::make_work_guard(context_)),
        thread_([this] { run(); }) {}
  ~Gateway() override { finish(std::chrono::steady_clock::now()); }

  Result<> listen(std::vector<Descriptor> sockets, WebSocketRules rules) override {
    const auto shared = std::make_shared<const WebSocketRules>(std::move(rules));
    std::vector<std::shared_ptr<Tcp::acceptor>> added;
    try {
      for (Descriptor& socket : sockets) {
        // The first one makes Asio's loop, which may find no room for itself.
        auto acceptor = std::make_shared<Tcp::acceptor>(context_);
        beast::error_code error;
        // The family matters to Asio for nothing that is asked of this socket.
        acceptor->assign(Tcp::v4(), socket.get(), error);
        if (error) return fail(errc::io, error.message());
        static_cast<void>(socket.release());
        added.push_back(std::move(acceptor));
      }
    } catch (const std::exception& fault) {
      return fail(errc::io, fault.what());
    }
    const std::lock_guard lock(mutex_);
    for (const auto& acceptor : added) {
      acceptors_.push_back(acceptor);
      // An exception leaves context_.run(), and run() logs it.
      asio::co_spawn(context_, accept_all(acceptor, shared), [](const std::exception_ptr& fault) {
        if (fault) std::rethrow_exception(fault);
      });
    }
    return {};
  }

  void stop_listening() override {
    const std::lock_guard lock(mutex_);
    for (const auto& acceptor : std::exchange(acceptors_, {})) {
      asio::post(context_, [acceptor] {
        beast::error_code ignored;
        acceptor->close(ignored);
      });
    }
  }

  void finish(std::chrono::steady_clock::time_point deadline) override {
    if (!thread_.joinable()) return;
    stop_listening();
    work_.reset();
    auto late = std::make_shared<asio::steady_timer>(context_);
    asio::post(context_, [this, late, deadline] {
      for (const auto& weak : sessions_) {
        if (const auto session = weak.lock()) session->cut_unless_upgraded();
      }
      late->expires_at(deadline);
      late->async_wait([this, late](beast::error_code) { cut_all(); });
      watch_end(late);
    });
    thread_.join();
  }

 private:
  void run() {
    for (;;) {
      try {
        context_.run();
        return;
      } catch (const std::exception& fault) {
        // A fault of one connection ends that connection's coroutine, not the gateway.
        if (environment_.log)
          environment_.log(base::LogLevel::error, std::string("WebSocket: ") + fault.what());
      }
    }
  }

  asio::awaitable<void> accept_all(std::shared_ptr<Tcp::acceptor> acceptor,
                                   std::shared_ptr<const WebSocketRules> rules) {
    asio::steady_timer pause(context_);
    while (acceptor->is_open()) {
      // No memory: the listener outlasts it, wherever it is missing.
      try {
        auto [error, socket] = co_await acceptor->async_accept(as_values);
        std::string trouble = error.message();
        if (!error) {
          try {
            take(std::move(socket), rules);
            continue;
          } catch (const std::exception& fault) {
            trouble = fault.what();
          }
        }
        if (error == asio::error::operation_aborted || error == asio::error::connection_aborted) continue;
        rules->paused(trouble);
        pause.expires_after(accept_pause);
        co_await pause.async_wait(as_values);
      } catch (const std::exception&) {
        continue;
      }
    }
  }

  void take(Socket socket, const std::shared_ptr<const WebSocketRules>& rules) {
    beast::error_code ignored;
    socket.set_option(Tcp::no_delay(true), ignored);
    Peer peer = websocket_peer(socket, rules->port);
    auto place = environment_.admit(peer, rules->tls != nullptr);
    if (!place) return;
    std::shared_ptr<AnyServerSession> session;
    if (rules->tls == nullptr) {
      session = std::make_shared<ServerSession<Plain>>(environment_, rules, std::move(place), std::move(peer),
                                                       std::move(socket));
    } else {
      SSL* tls = new_session(*rules->tls->current(), rules->peer);
      session = std::make_shared<ServerSession<Secure>>(environment_, rules, std::move(place),
                                                        std::move(peer), std::move(socket), tls);
    }
    // Those that have ended are dropped whenever the list has doubled, which costs each accept little.
    if (sessions_.size() > sessions_limit_) {
      std::erase_if(sessions_, [](const auto& each) { return each.expired(); });
      sessions_limit_ = 2 * sessions_.size() + 16;
    }
    sessions_.push_back(session);
    session->start();
  }

  void cut_all() {
    for (const auto& weak : sessions_) {
      if (const auto session = weak.lock()) session->cut();
    }
  }
  /// Ends the timer, the last work of the context, when the last session has ended.
  void watch_end(const std::shared_ptr<asio::steady_timer>& late) {
    std::erase_if(sessions_, [](const auto& each) { return each.expired(); });
    if (sessions_.empty()) {
      late->cancel();
      return;
    }
    auto soon = std::make_shared<asio::steady_timer>(context_, std::chrono::milliseconds(5));
    soon->async_wait([this, soon, late](beast::error_code) { watch_end(late); });
  }

  const ServerEnvironment environment_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Tcp::acceptor>> acceptors_;  // guarded by mutex_
  std::vector<std::weak_ptr<AnyServerSession>> sessions_;  // of the thread
  std::size_t sessions_limit_ = 16;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<WebSocketGateway> make_websocket_gateway(WebSocketGateway::Admit admit,
                                                         std::chrono::milliseconds handshake_limit,
                                                         base::LogSink log) {
  return std::make_unique<Gateway>(std::move(admit), handshake_limit, std::move(log));
}

asio::awaitable<Result<std::unique_ptr<WebSocketChannel>>> connect_websocket(asio::any_io_executor executor,
                                                                             int descriptor,
                                                                             WebSocketTarget target) {
  Socket socket(asio::make_strand(executor));
  beast::error_code error;
  socket.assign(Tcp::v4(), descriptor, error);
  if (error) {
    // It has not been taken.
    ::close(descriptor);
    co_return fail(errc::io, "cannot watch the connection: " + error.message());
  }
  if (!target.secure) {
    auto state = std::make_shared<ClientState<Plain>>(std::move(socket));
    co_return co_await upgrade_client(std::move(state), std::move(target));
  }
  auto context = TlsContext::load(TlsRole::client, target.tls);
  if (!context) co_return std::unexpected(std::move(context).error());
  TlsPeerRules rules;
  rules.server_name = target.server_name;
  SSL* tls = new_session(**context, rules);
  auto state = std::make_shared<ClientState<Secure>>(std::move(socket), tls);
  co_return co_await upgrade_client(std::move(state), std::move(target));
}

}  // namespace busrt::transport
