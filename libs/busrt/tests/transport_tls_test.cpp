// tcp://: who is let in, who is told what, and what a hostile peer costs.
#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "broker_fixture.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt_testing/certificates.hpp"
#include "client_fixture.hpp"

namespace busrt {
namespace {

using busrt_testing::CertificateAuthority;
using busrt_testing::CertificateOrder;
using std::chrono::milliseconds;

class Tls : public testing::Test {
 protected:
  void start(BrokerConfig config = {}) {
    const auto revocations = config.tls.revocations;
    config.tls = authority.issue("broker", broker_order);
    config.tls.revocations = revocations;
    config.log = [this](busrt::base::LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex);
      log += std::string(line) + "\n";
    };
    broker = std::make_unique<Broker>(std::move(config));
    Result<> bound;
    do {
      port = busrt_testing::free_tcp_port();
      bound = broker->listen(address());
    } while (!bound && bound.error().code == std::errc::address_in_use);
    ASSERT_TRUE(bound) << bound.error().describe();
  }
  [[nodiscard]] std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port); }
  [[nodiscard]] ClientConfig config(const std::string& name, TlsFiles files) const {
    ClientConfig made{.name = name, .address = address()};
    made.tls = std::move(files);
    return made;
  }
  [[nodiscard]] ClientConfig good(const std::string& name) {
    return config(name, authority.issue(name, {.common_name = name}));
  }
  static Result<> outcome(const ClientConfig& config) { return BlockingClient(config).connect(); }
  [[nodiscard]] bool logged(std::string_view words) {
    return eventually([&] {
      const std::lock_guard lock(mutex);
      return log.find(words) != std::string::npos;
    });
  }

  /// A copy of a file with more behind it.
  [[nodiscard]] std::string with_end(const std::string& name, const std::string& file,
                                     std::string_view end) const {
    const auto path = directory.path() / name;
    std::ofstream(path) << std::ifstream(file).rdbuf() << end;
    return path.string();
  }

  const CertificateOrder broker_order{.common_name = "broker", .alternative = "DNS:localhost,IP:127.0.0.1"};
  busrt_testing::TemporaryDirectory directory;
  CertificateAuthority authority{directory.path(), "authority"};
  CertificateAuthority stranger{directory.path(), "stranger"};
  std::mutex mutex;
  std::string log;
  std::unique_ptr<Broker> broker;
  unsigned port = 0;
};

TEST_F(Tls, AClientWithItsOwnCertificateIsLetInAndListedWithWhereItCameFrom) {
  start();
  BlockingClient client(good("app"));
  ASSERT_TRUE(client.connect());
  const auto clients = broker->clients();
  const auto app = std::ranges::find(clients, "app", &ClientInfo::name);
  ASSERT_NE(app, clients.end());
  EXPECT_EQ(app->kind, "tcp");
  EXPECT_TRUE(app->source && app->source->starts_with("127.0.0.1:"));
  EXPECT_EQ(app->port, "127.0.0.1:" + std::to_string(port));
  auto secondary = good("app");
  secondary.name = "app%%1";
  EXPECT_TRUE(outcome(secondary));
}

TEST_F(Tls, FilesThatOthersMayWriteAreRefused) {
  start();
  auto files = authority.issue("app", {.common_name = "app"});
  files.revocations = authority.revoke("none", {});
  for (const std::string& file : {*files.certificate, *files.key, *files.authority, *files.revocations}) {
    const auto usual = std::filesystem::status(file).permissions();
    std::filesystem::permissions(file, std::filesystem::perms::others_write,
                                 std::filesystem::perm_options::add);
    const auto up = outcome(config("app", files));
    ASSERT_FALSE(up) << file;
    EXPECT_EQ(up.error().code, errc::access);
    EXPECT_NE(up.error().message.find(file + " belongs to uid"), std::string::npos) << up.error().message;
    Broker other({.tls = files, .log = {}});
    const auto bound = other.listen("tcp://127.0.0.1:" + std::to_string(busrt_testing::free_tcp_port()));
    ASSERT_FALSE(bound) << file;
    EXPECT_NE(bound.error().message.find(file + " belongs to uid"), std::string::npos)
        << bound.error().message;
    std::filesystem::permissions(file, usual);
  }
  EXPECT_TRUE(outcome(config("app", files)));
}

TEST_F(Tls, EachConnectionIsChargedForItsStateFromAcceptOn) {
  start({.memory_bytes = 2 * (limits::connection_bytes + limits::tls_handshake_memory_bytes), .log = {}});
  const WireClient silent(busrt_testing::connect_tcp(port));
  const std::uint64_t one = limits::connection_bytes + limits::tls_handshake_memory_bytes;
  EXPECT_TRUE(eventually([&] { return broker->stats().memory_bytes >= one; }));
  BlockingClient client(good("app"));
  ASSERT_TRUE(client.connect());
  // Registered, it has left the handshake behind, and there is no room for another one.
  const auto clients = broker->clients();
  const auto app = std::ranges::find(clients, "app", &ClientInfo::name);
  ASSERT_NE(app, clients.end());
  EXPECT_GE(app->memory_bytes, limits::connection_bytes + limits::tls_connection_bytes);
  EXPECT_LT(app->memory_bytes, one);
  WireClient third(busrt_testing::connect_tcp(port));
  EXPECT_TRUE(third.wait_for_close());
  EXPECT_EQ(broker->stats().refused[static_cast<std::size_t>(RefusalReason::over_memory)], 1U);
}

TEST_F(Tls, TheNameIsTheCommonNameElseTheFirstDnsNameElseTheFirstUri) {
  start();
  EXPECT_TRUE(outcome(config("dns.name", authority.issue("a", {.alternative = "DNS:dns.name,DNS:other"}))));
  EXPECT_TRUE(outcome(config("urn:app", authority.issue("b", {.alternative = "URI:urn:app"}))));
  EXPECT_EQ(code_of(outcome(config(
                "dns.name", authority.issue("c", {.common_name = "cn", .alternative = "DNS:dns.name"})))),
            errc::access);
  EXPECT_EQ(code_of(outcome(config("", authority.issue("d", {})))), errc::data);
  EXPECT_EQ(code_of(outcome(config("nobody", authority.issue("e", {})))), errc::access);
}

TEST_F(Tls, ACertificateForAnotherClientIsAccessDenied) {
  start();
  EXPECT_EQ(code_of(outcome(config("admin", authority.issue("app", {.common_name = "app"})))), errc::access);
  EXPECT_TRUE(logged("certificate is for another name"));
  auto secondary = good("app");
  secondary.name = "admin%%1";
  EXPECT_EQ(code_of(outcome(secondary)), errc::access);
}

TEST_F(Tls, ARefusedClientIsToldWhichNameItsCertificateIsFor) {
  start();
  const auto alice = authority.issue("alice", {.common_name = "alice"});
  const auto as_bob = outcome(config("bob%%1", alice));
  ASSERT_FALSE(as_bob);
  EXPECT_EQ(as_bob.error().code, errc::access);
  EXPECT_EQ(as_bob.error().message,
            "the broker refused the client: its certificate is for alice, its name is bob");
  const auto nameless = outcome(config("bob", authority.issue("nameless", {})));
  ASSERT_FALSE(nameless);
  EXPECT_TRUE(nameless.error().message.contains("its certificate has no name")) << nameless.error().message;
  EXPECT_TRUE(logged("its certificate is for nobody: it has no name"));
  broker->set_access(std::make_shared<const AccessRules>());
  const auto by_rules = outcome(config("alice", alice));
  ASSERT_FALSE(by_rules);
  EXPECT_EQ(by_rules.error().message, "the broker's access rules refused the client");
}

TEST_F(Tls, ACertificatesNameCanBeReadFromItsFile) {
  const auto name = [this](const CertificateOrder& order) {
    return certificate_name(authority.issue("named", order).certificate.value());
  };
  EXPECT_EQ(name({.common_name = "app", .alternative = "DNS:other"}), "app");
  EXPECT_EQ(name({.alternative = "DNS:dns.name,DNS:other"}), "dns.name");
  EXPECT_EQ(name({}), "");
  const auto missing = certificate_name("/no/such/file");
  ASSERT_FALSE(missing);
  EXPECT_TRUE(missing.error().message.contains("certificate /no/such/file")) << missing.error().message;
  EXPECT_FALSE(certificate_name(authority.issue("named", {}).key.value()));
}

TEST_F(Tls, AccessRulesCanDemandHostAndCertificateTogether) {
  BrokerConfig rules;
  auto parsed = AccessRules::parse(
      "[[client]]\nname = 'app'\nhosts = '127.0.0.1'\ncertificate = 'app'\n"
      "[[client]]\nname = 'far'\nhosts = '127.0.0.2'\ncertificate = 'far'\n",
      "rules.toml");
  ASSERT_TRUE(parsed) << parsed.error().message;
  rules.access = std::make_shared<const AccessRules>(*std::move(parsed));
  start(std::move(rules));
  EXPECT_TRUE(outcome(good("app")));
  EXPECT_EQ(code_of(outcome(good("far"))), errc::access);
  EXPECT_TRUE(logged("rules.toml:6: the [[client]] \"far\" demands another host"));
}

TEST_F(Tls, EachThingWrongWithTheClientsCertificateHasItsOwnErrorAndLine) {
  start();
  CertificateOrder order{.common_name = "app"};
  EXPECT_EQ(code_of(outcome(config("app", {.authority = authority.file()}))), errc::certificate_required);
  EXPECT_TRUE(logged("the client showed no certificate"));
  auto foreign = stranger.issue("foreign", order);
  foreign.authority = authority.file();
  EXPECT_EQ(code_of(outcome(config("app", foreign))), errc::certificate_untrusted);
  EXPECT_TRUE(logged("issued by no authority trusted here"));
  order.valid_to = std::chrono::minutes(-1);
  EXPECT_EQ(code_of(outcome(config("app", authority.issue("expired", order)))), errc::certificate_expired);
  EXPECT_TRUE(logged("(CN = app) has expired")) << log;
  EXPECT_EQ(broker->stats().closed[static_cast<std::size_t>(CloseReason::tls)], 3U);
}

TEST_F(Tls, EachThingWrongWithTheBrokersCertificateHasItsOwnErrorAndLine) {
  start();
  auto app = good("app");
  app.server_name = "elsewhere";
  EXPECT_EQ(code_of(outcome(app)), errc::certificate_name);
  app = good("app");
  app.tls.authority = stranger.file();
  const auto untrusted = outcome(app);
  EXPECT_EQ(code_of(untrusted), errc::certificate_untrusted);
  EXPECT_TRUE(untrusted.error().message.contains("the broker's certificate (CN = broker) was issued by no"))
      << untrusted.error().message;
  EXPECT_TRUE(logged("the client does not know the authority of this broker's certificate"));
  app.server_name = "localhost";
  app.tls.authority = authority.file();
  EXPECT_TRUE(outcome(app));
}

TEST_F(Tls, ABrokerWhoseCertificateHasExpiredIsNotTrusted) {
  start();
  CertificateOrder expired = broker_order;
  expired.valid_to = std::chrono::minutes(-1);
  (void)authority.issue("broker", expired);
  ASSERT_TRUE(broker->reload_certificates());
  EXPECT_EQ(code_of(outcome(good("app"))), errc::certificate_expired);
  EXPECT_TRUE(logged("the client says that this broker's certificate has expired"));
}

TEST_F(Tls, ReloadingTakesTheNewFilesAndABadOneKeepsTheOld) {
  start();
  BlockingClient before(good("before"));
  ASSERT_TRUE(before.connect());
  // A new authority in the same files: clients of the old one are strangers from now on.
  CertificateAuthority next(directory.path(), "authority");
  (void)next.issue("broker", broker_order);
  const auto old = good("old");
  ASSERT_TRUE(broker->reload_certificates());
  EXPECT_FALSE(outcome(old));
  EXPECT_TRUE(outcome(config("new", next.issue("new", {.common_name = "new"}))));
  EXPECT_TRUE(before.publish("still/there", {}));
  std::ofstream(directory.path() / "broker.key") << "nonsense";
  const auto refused = broker->reload_certificates();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("key " + (directory.path() / "broker.key").string()),
            std::string::npos);
  EXPECT_TRUE(outcome(config("newer", next.issue("newer", {.common_name = "newer"}))));
}

TEST_F(Tls, AClientWhoseCertificateIsRevokedIsRefusedAndToldSo) {
  const auto lost = authority.issue("lost", {.common_name = "lost"});
  BrokerConfig config;
  config.tls.revocations = authority.revoke("revoked", {lost});
  start(config);
  EXPECT_TRUE(outcome(good("app")));
  const auto refused = outcome(this->config("lost", lost));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::certificate_revoked);
  EXPECT_TRUE(refused.error().message.contains("says that this client's certificate has been revoked"))
      << refused.error().message;
  EXPECT_TRUE(logged("the client's certificate (CN = lost) has been revoked")) << log;
  EXPECT_EQ(broker->stats().closed[static_cast<std::size_t>(CloseReason::tls)], 1U);
}

TEST_F(Tls, AReloadOfRevocationsClosesTheClientsThatTheyName) {
  const auto lost = authority.issue("lost", {.common_name = "lost"});
  BrokerConfig config;
  config.tls.revocations = authority.revoke("revoked", {});
  start(config);
  BlockingClient stays(good("app"));
  ASSERT_TRUE(stays.connect());
  auto once = this->config("lost", lost);
  once.reconnect.enabled = false;
  BlockingClient goes(once);
  ASSERT_TRUE(goes.connect());
  (void)authority.revoke("revoked", {lost});
  EXPECT_TRUE(goes.publish("still/there", {}));
  ASSERT_TRUE(broker->reload_certificates());
  EXPECT_TRUE(logged("access revoked: its certificate (CN = lost) has been revoked")) << log;
  EXPECT_TRUE(eventually([&] { return broker->clients().size() == 1; }));
  EXPECT_FALSE(goes.publish("gone", {}));
  EXPECT_TRUE(stays.publish("still/there", {}));
  EXPECT_EQ(broker->stats().closed[static_cast<std::size_t>(CloseReason::access_revoked)], 1U);
  EXPECT_EQ(code_of(outcome(once)), errc::certificate_revoked);
  // A file that does not serve changes nothing.
  std::ofstream(directory.path() / "revoked.crl") << "nonsense";
  const auto kept = broker->reload_certificates();
  ASSERT_FALSE(kept);
  EXPECT_TRUE(kept.error().message.contains("revocations " + (directory.path() / "revoked.crl").string()))
      << kept.error().message;
  EXPECT_EQ(code_of(outcome(once)), errc::certificate_revoked);
}

TEST_F(Tls, WithoutAListInForceOfItsAuthorityNobodyIsLetIn) {
  const auto app = good("app");
  BrokerConfig config;
  config.tls.revocations = authority.revoke("revoked", {}, std::chrono::minutes(-1));
  start(config);
  const auto expired = outcome(good("app"));
  EXPECT_EQ(code_of(expired), errc::tls);
  EXPECT_FALSE(expired.error().message.contains("expired")) << expired.error().message;
  EXPECT_TRUE(logged("(CN = app) cannot be checked: the revocation list of its authority has expired"))
      << log;
  std::filesystem::copy_file(stranger.revoke("strange", {}), directory.path() / "revoked.crl",
                             std::filesystem::copy_options::overwrite_existing);
  ASSERT_TRUE(broker->reload_certificates());
  EXPECT_EQ(code_of(outcome(good("app"))), errc::tls);
  EXPECT_TRUE(logged("(CN = app) cannot be checked: the file of revocations has no list of its authority"))
      << log;
  (void)authority.revoke("revoked", {});
  ASSERT_TRUE(broker->reload_certificates());
  EXPECT_TRUE(outcome(good("app")));
}

TEST_F(Tls, AClientChecksItsBrokerByRevocationsToo) {
  start();
  auto app = good("app");
  app.tls.revocations = authority.revoke("none", {});
  EXPECT_TRUE(outcome(app));
  TlsFiles brokers;
  brokers.certificate = (directory.path() / "broker.pem").string();
  app.tls.revocations = authority.revoke("broker", {brokers});
  const auto refused = outcome(app);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::certificate_revoked);
  EXPECT_TRUE(refused.error().message.contains("the broker's certificate (CN = broker) has been revoked"))
      << refused.error().message;
  EXPECT_TRUE(logged("the client says that this broker's certificate has been revoked")) << log;
}

TEST_F(Tls, FilesThatDoNotServeAreNamedWithTheReason) {
  const auto files = authority.issue("one", {.common_name = "one"});
  const auto other = authority.issue("other", {.common_name = "other"});
  const struct {
    TlsFiles files;
    std::string words;
  } cases[] = {
      {{}, "needs both"},
      {{files.certificate, {}, files.authority, {}}, "key: missing"},
      {{{}, files.key, files.authority, {}}, "certificate: missing"},
      {{files.certificate, files.key, {}, {}}, "authority"},
      {{files.certificate, other.key, files.authority, {}}, "does not belong"},
      {{files.certificate, files.key, "/no/such/file", {}}, "authority /no/such/file"},
      {{files.key, files.key, files.authority, {}}, "certificate " + files.key.value()},
      {{files.certificate, files.key, files.authority, "/no/such/file"},
       "revocations /no/such/file: cannot be read"},
      {{files.certificate, files.key, files.authority, files.certificate},
       "holds no revocation list in PEM form"},
      {{files.certificate, files.key, {}, authority.revoke("none", {})}, "revocations: without an authority"},
  };
  EXPECT_TRUE(check_listener_files(files));
  for (const auto& each : cases) {
    // Without an authority wss:// is served, and tcp:// is not.
    if (each.words != "authority") {
      const auto checked = check_listener_files(each.files);
      ASSERT_FALSE(checked) << each.words;
      EXPECT_NE(checked.error().message.find(each.words), std::string::npos) << checked.error().message;
    }
    BrokerConfig wrong;
    wrong.tls = each.files;
    Broker refusing(wrong);
    const auto refused = refusing.listen("tcp://127.0.0.1:1");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find(each.words), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find("tcp://127.0.0.1:1"), std::string::npos);
  }
}

TEST_F(Tls, AFifoInAFilesPlaceIsAnErrorAtOnceThatNamesFieldAndFile) {
  const std::string fifo = (directory.path() / "fifo").string();
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  // With a writer that gives nothing, and without.
  for (const bool written : {true, false}) {
    const int writer = written ? ::open(fifo.c_str(), O_RDWR | O_CLOEXEC) : -1;
    auto files = authority.issue("one", {.common_name = "one"});
    files.revocations = authority.revoke("none", {});
    const std::pair<std::optional<std::string> TlsFiles::*, const char*> fields[] = {
        {&TlsFiles::certificate, "certificate "},
        {&TlsFiles::key, "key "},
        {&TlsFiles::authority, "authority "},
        {&TlsFiles::revocations, "revocations "}};
    for (const auto& [field, name] : fields) {
      const std::string words = name + fifo + ": it is a pipe, expected a regular file";
      BrokerConfig wrong;
      wrong.tls = files;
      wrong.tls.*field = fifo;
      Broker refusing(wrong);
      const auto refused = refusing.listen("tcp://127.0.0.1:1");
      ASSERT_FALSE(refused);
      EXPECT_TRUE(refused.error().message.contains(words)) << refused.error().message;
    }
    EXPECT_FALSE(certificate_name(fifo));
    if (writer >= 0) ::close(writer);
  }
}

TEST_F(Tls, AReloadIsNotHeldByAFifoAndKeepsTheCertificates) {
  start();
  std::filesystem::remove(authority.file());
  ASSERT_EQ(::mkfifo(authority.file().c_str(), 0600), 0);
  const auto refused = broker->reload_certificates();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("authority " + authority.file() + ": it is a pipe"))
      << refused.error().message;
}

TEST_F(Tls, ABrokenCertificateAtAnyPlaceOfAFileIsAnError) {
  const auto files = authority.issue("one", {.common_name = "one"});
  const auto fault = [&](const TlsFiles& wrong) {
    BrokerConfig config;
    config.tls = wrong;
    const auto refused = Broker(config).listen("tcp://127.0.0.1:1");
    return refused ? std::string("none") : refused.error().message;
  };
  for (const char* broken : {"-----BEGIN CERTIFICATE-----\nAAAA\n",
                             "-----BEGIN CERTIFICATE-----\n!!\n-----END "
                             "CERTIFICATE-----\n",
                             "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    TlsFiles wrong = files;
    wrong.certificate = with_end("chain.pem", *files.certificate, broken);
    EXPECT_TRUE(fault(wrong).contains("certificate " + *wrong.certificate + ": ")) << fault(wrong);
    wrong = files;
    wrong.authority = with_end("authorities.pem", *files.authority, broken);
    EXPECT_TRUE(fault(wrong).contains("authority " + *wrong.authority + ": ")) << fault(wrong);
    wrong = files;
    wrong.revocations =
        with_end("lists.pem", authority.revoke("none", {}), "-----BEGIN X509 CRL-----\nAAAA\n");
    EXPECT_TRUE(fault(wrong).contains("revocations " + *wrong.revocations + ": ")) << fault(wrong);
  }
  TlsFiles wrong = files;
  wrong.authority = files.key;
  EXPECT_TRUE(fault(wrong).contains("authority " + *files.key + ": holds no certificate in PEM form"))
      << fault(wrong);
  wrong.authority = files.authority;
  wrong.key = files.certificate;
  EXPECT_TRUE(fault(wrong).contains("key " + *files.certificate + ": ")) << fault(wrong);
}

TEST_F(Tls, AnOverlongFileIsAnError) {
  auto files = authority.issue("one", {.common_name = "one"});
  std::filesystem::resize_file(*files.authority, limits::tls_file_bytes + 1);
  BrokerConfig config;
  config.tls = files;
  const auto refused = Broker(config).listen("tcp://127.0.0.1:1");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(
      refused.error().message.contains("authority " + *files.authority + ": it has more than 16777216"))
      << refused.error().message;
}

TEST_F(Tls, AllAuthoritiesOfAFileAreTrusted) {
  start();
  std::ifstream more(stranger.file());
  std::ofstream(authority.file(), std::ios::app) << more.rdbuf();
  ASSERT_TRUE(broker->reload_certificates());
  auto foreign = stranger.issue("foreign", {.common_name = "foreign"});
  foreign.authority = authority.file();
  EXPECT_TRUE(outcome(config("foreign", foreign)));
  EXPECT_TRUE(outcome(good("app")));
}

/// A client of OpenSSL's own, for what ours does not do.
class BareTls {
 public:
  explicit BareTls(unsigned port, int version)
      : context_(::SSL_CTX_new(::TLS_client_method()), ::SSL_CTX_free) {
    ::SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    ::SSL_CTX_set_max_proto_version(context_.get(), version);
    ::SSL_CTX_set_cipher_list(context_.get(), "ALL:@SECLEVEL=0");
    BIO* socket = ::BIO_new_connect(("127.0.0.1:" + std::to_string(port)).c_str());
    session_.reset(::SSL_new(context_.get()));
    connected_ = ::BIO_do_connect(socket) == 1;
    ::SSL_set_bio(session_.get(), socket, socket);
  }
  [[nodiscard]] bool shakes_hands() { return connected_ && ::SSL_connect(session_.get()) == 1; }

 private:
  bool connected_ = false;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> session_{nullptr, ::SSL_free};
};

TEST_F(Tls, VersionsBelow12AreRefused) {
  start();
  EXPECT_FALSE(BareTls(port, TLS1_1_VERSION).shakes_hands());
  EXPECT_TRUE(logged("no common version of TLS"));
}

TEST_F(Tls, APeerThatStallsAtAnyStageOfTheHandshakeIsClosedInTime) {
  start({.timeout = milliseconds(300), .log = {}});
  // The beginning of a ClientHello that never ends.
  const std::string hello("\x16\x03\x01\x00\x40\x01\x00\x00\x3C\x03\x03", 11);
  for (std::size_t length = 0; length <= hello.size(); ++length) {
    WireClient peer(busrt_testing::connect_tcp(port));
    if (length != 0) peer.write_raw(std::string_view(hello).substr(0, length));
    EXPECT_TRUE(peer.wait_for_close());
  }
  EXPECT_EQ(broker->stats().closed[static_cast<std::size_t>(CloseReason::handshake_timeout)],
            hello.size() + 1);
}

TEST_F(Tls, RandomBytesAndOtherProtocolsDisturbNobody) {
  start({.timeout = milliseconds(500), .log = {}});
  BlockingClient witness(good("witness"));
  ASSERT_TRUE(witness.connect());
  std::mt19937 random(7);
  std::vector<std::string> inputs{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", std::string("\xEB\x01\x00", 3)};
  for (const std::string& start_of :
       {std::string(), std::string("\x16\x03\x01", 3), std::string("\x16\x03\x03\x40\x00", 5),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11)}) {
    for (int round = 0; round < 4; ++round) {
      std::string bytes = start_of;
      for (int i = 0; i < 3'000; ++i) bytes += static_cast<char>(random());
      inputs.push_back(bytes);
    }
  }
  for (const std::string& bytes : inputs) {
    WireClient peer(busrt_testing::connect_tcp(port));
    try {
      peer.write_raw(bytes);
      EXPECT_TRUE(peer.wait_for_close());
    } catch (const std::exception&) {
      // Closed while we wrote: it had seen enough.
    }
    ASSERT_TRUE(witness.publish("x", {}));
  }
}

TEST_F(Tls, ManyClientsAtOnceOnSeveralShards) {
  BrokerConfig config;
  config.shards = 3;
  start(config);
  auto receiver = std::make_unique<BlockingClient>(good("receiver"));
  ASSERT_TRUE(receiver->connect());
  ASSERT_TRUE(receiver->subscribe({"many"}));
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<BlockingClient>(good("client" + std::to_string(i))));
    ASSERT_TRUE(clients.back()->connect());
  }
  for (const auto& client : clients) ASSERT_TRUE(client->publish("many", as_bytes("x")));
  for (std::size_t i = 0; i < clients.size(); ++i) ASSERT_TRUE(receiver->receive(busrt_testing::patience));
}

}  // namespace
}  // namespace busrt
