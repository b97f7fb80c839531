// What this build does without: sockets, OpenSSL over them, fifos. Whoever asks for one is told so.
#include "transport/adopted.hpp"
#include "transport/fifo.hpp"
#include "transport/tcp_socket.hpp"
#include "transport/tls/tls_stream.hpp"
#include "transport/websocket/gateway.hpp"

namespace busrt::transport {

namespace {

std::unexpected<Error> refuse(const std::string& where, const std::string& why) {
  return fail(errc::not_supported, "cannot bind " + where + ": " + why);
}

constexpr const char* no_sockets = "this build for Windows has named pipes alone, ipc://NAME";

/// Never listens, since there are no sockets that it could be given.
class NoGateway final : public WebSocketGateway {
 public:
  Result<> listen(std::vector<Descriptor> /*descriptors*/, WebSocketRules rules) override {
    return refuse(rules.port, no_sockets);
  }
  void stop_listening() override {}
  void finish(std::chrono::steady_clock::time_point /*deadline*/) override {}
};

}  // namespace

std::string host_and_port(const std::string& host, unsigned port) {
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<HostAddresses> look_up(const std::string& host, NameUse /*use*/, std::chrono::milliseconds /*timeout*/,
                              const std::stop_token& /*stop*/) {
  // An address without sockets is refused when it is bound, by its own name.
  return HostAddresses{host};
}

Result<std::vector<Descriptor>> bind_tcp_sockets(const HostAddresses& addresses, unsigned port,
                                                 Reach /*reach*/) {
  return refuse(host_and_port(addresses.front(), port), no_sockets);
}

Result<std::vector<std::unique_ptr<Listener>>> bind_tcp(const HostAddresses& /*addresses*/,
                                                        const std::string& host, unsigned port,
                                                        Reach /*reach*/) {
  return refuse(host_and_port(host, port), no_sockets);
}

Result<Adopted> adopt_descriptor(int descriptor, Reach /*reach*/) {
  return refuse("fd:" + std::to_string(descriptor), no_sockets);
}

Result<std::vector<int>> systemd_descriptors(const std::string& name) {
  return refuse("systemd:" + name, "there is no systemd on Windows");
}

Result<std::unique_ptr<Stream>> make_fifo(const std::string& path, unsigned /*mode*/, std::string /*name*/,
                                          std::unique_ptr<LineTranslator> /*translator*/) {
  return refuse("fifo:" + path, "there are no fifos on Windows");
}

Result<> TlsServer::reload() {
  return fail(errc::not_supported, "this build for Windows has no TLS");
}

std::shared_ptr<const TlsContext> TlsServer::current() const {
  return nullptr;
}

std::optional<std::string> Revocations::find_revoked(const stack_st_X509& /*chain*/) const {
  return std::nullopt;
}

std::unique_ptr<Stream> make_tls_stream(std::unique_ptr<Stream> inner,
                                        std::shared_ptr<const TlsContext> /*context*/,
                                        const TlsPeerRules& /*rules*/) {
  // Not reached: a layer of TLS goes over TCP alone, and needs the certificates that reload() refuses.
  inner->close();
  return inner;
}

std::unique_ptr<WebSocketGateway> make_websocket_gateway(WebSocketGateway::Admit /*admit*/,
                                                         std::chrono::milliseconds /*handshake_limit*/,
                                                         base::LogSink /*log*/) {
  return std::make_unique<NoGateway>();
}

}  // namespace busrt::transport
