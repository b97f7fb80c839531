// The command line: names and defaults are the real server's where it has the option, so that its scripts
// keep working.
#include "options.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <sstream>
#include <thread>

#include "busrt/address.hpp"
#include "busrt/base/print_last.hpp"
#include "busrt/base/printable.hpp"
#include "common/complain.hpp"
#include "common/not_empty.hpp"
#include "common/runtime_directory.hpp"
#include "common/seconds.hpp"
#include "system.hpp"
#include "token_file.hpp"

namespace busrtd {
namespace {

using command_line::not_empty;
using command_line::seconds_from;
using command_line::to_milliseconds;

constexpr std::size_t max_workers = 256;
constexpr double default_timeout_seconds = std::chrono::duration<double>(busrt::limits::timeout).count();
constexpr double default_stall_seconds = std::chrono::duration<double>(busrt::limits::stall_limit).count();

/// Options as the parser fills them, before they are checked and converted.
struct Raw {
  double timeout_seconds = default_timeout_seconds;
  double stall_seconds = default_stall_seconds;
  std::uint64_t buffer_bytes = 16384;
  std::uint64_t buffer_ttl_us = 10;
  std::uint64_t queue_bytes = busrt::limits::queue_bytes;
  std::uint64_t max_frame_bytes = busrt::limits::max_body_bytes;
  std::uint64_t memory_bytes = busrt::limits::broker_memory_bytes;
  std::uint64_t client_memory_bytes = busrt::limits::client_memory_bytes;
  std::string slow_consumer = "wait";
  std::string fifo_mode = "0600";
  CLI::Option* buffer_bytes_option = nullptr;
  CLI::Option* buffer_ttl_option = nullptr;
  CLI::Option* queue_bytes_option = nullptr;
  CLI::Option* max_frame_option = nullptr;
  CLI::Option* memory_option = nullptr;
  CLI::Option* client_memory_option = nullptr;
};

std::size_t default_workers() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 4);
}

void add_real_options(CLI::App& app, Options& options, Raw& raw) {
  app.add_option(
         "-B,--bind", options.binds,
         "Where to listen, any number of times: a socket path or ipc://PATH, HOST:PORT (TCP, loopback "
         "only), tcp://HOST:PORT (mutual TLS), ws://HOST:PORT, wss://HOST:PORT, fifo:PATH (one "
         "command a line, for scripts), systemd:[NAME] (sockets from systemd), fd:N (a socket of the parent "
         "process)")
      ->required()
      ->expected(1)
      ->allow_extra_args(false)  // else [a,b] is taken for a list
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("ADDRESS");
  app.add_option("-P,--pid-file", options.pid_file, "Write the process id here once the broker listens")
      ->check(not_empty())
      ->type_name("PATH");
  app.add_flag("--verbose", options.verbose, "Log everything");
  app.add_flag("-D", options.daemonize, "Go to the background once the broker listens, and log to syslog");
  app.add_flag("--log-syslog", options.log_syslog, "Log to syslog also in the foreground");
  app.add_flag(
      "--force-register", options.broker.force_register,
      "A new client that takes a registered name disconnects the earlier one instead of being refused");
  app.add_option("-w", options.broker.shards, "Event loops, one thread each")
      ->type_name("WORKERS")
      ->check(CLI::Range(std::size_t{1}, max_workers))
      ->capture_default_str();
  app.add_option("-t", raw.timeout_seconds,
                 "Timeout of a client's whole handshake, and of its silence, in seconds")
      ->type_name("SECONDS")
      ->check(seconds_from(0.001))
      ->capture_default_str();
  raw.buffer_bytes_option =
      app.add_option("--buf-size", raw.buffer_bytes,
                     "Accepted for the real server's scripts; no effect: buffers grow with the load")
          ->type_name("BYTES");
  raw.buffer_ttl_option = app.add_option("--buf-ttl", raw.buffer_ttl_us,
                                         "Accepted for the real server's scripts; no effect: nothing waits "
                                         "for a timer before it is written")
                              ->type_name("MICROSECONDS");
  app.add_option("--queue-size", options.broker.queue_frames, "Frames that may wait for one client")
      ->type_name("FRAMES")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30))
      ->capture_default_str();
}

void add_own_options(CLI::App& app, Options& options, Raw& raw) {
  app.add_option("--access", options.access_file,
                 "Access rules, a TOML file: what it does not grant is denied. SIGHUP reads it again")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option(
         "--token", options.broker.token,
         "Bearer token that clients of ws:// and wss:// have to show; others can see it in the list of "
         "processes, so better:")
      ->type_name("TOKEN")
      ->check(not_empty());
  app.add_option("--token-file", options.token_file,
                 "File with the bearer token in its first line. SIGHUP reads it again")
      ->type_name("FILE")
      ->check(not_empty())
      ->excludes("--token");
  app.add_option(
         "--ws-origin", options.broker.websocket_origins,
         "Origin of a web page that may connect to ws:// and wss://, SCHEME://HOST[:PORT], any number of "
         "times; pages of other origins are refused")
      ->type_name("ORIGIN")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(not_empty());
  app.add_option("--cert", options.broker.tls.certificate,
                 "Certificate of the broker for tcp:// and wss://, with its intermediates (PEM)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--key", options.broker.tls.key, "Key of the certificate (PEM)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--ca", options.broker.tls.authority,
                 "Authority that has issued the clients' certificates (PEM)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--crl", options.broker.tls.revocations,
                 "Certificate revocation lists, one of each authority of --ca and of those between (PEM); "
                 "clients whose "
                 "certificate is on one are refused. SIGHUP reads the four files again")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_flag(
      "--insecure-tcp", options.broker.insecure_tcp,
      "Bind HOST:PORT and ws:// also to addresses that other hosts can reach: no encryption, no proof "
      "of who the clients are");
  raw.queue_bytes_option = app.add_option("--queue-bytes", raw.queue_bytes,
                                          "Bytes that may wait for one client (suffixes k, m, g: 1024)")
                               ->type_name("BYTES")
                               ->transform(CLI::AsSizeValue(false))
                               ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40))
                               ->capture_default_str();
  app.add_option(
         "--slow-consumer", raw.slow_consumer,
         "When a client's queue is full: wait (hold the publisher up to the stall limit, then disconnect the "
         "client), drop the frame and count it, or disconnect the client at once, as the real server does")
      ->type_name("wait|drop|disconnect")
      ->check(CLI::IsMember({"wait", "drop", "disconnect"}).description(""))
      ->capture_default_str();
  app.add_option(
         "--stall-limit", raw.stall_seconds,
         "Longest time in seconds for which a full client may hold its publishers and take nothing, or "
         "less than 256 KiB a second")
      ->type_name("SECONDS")
      ->check(seconds_from(0.0))
      ->capture_default_str();
  app.add_option("--fifo-mode", raw.fifo_mode,
                 "Who may write to the fifos beside their owner, group or others")
      ->type_name("0600|0620|0602|0622")
      ->check(CLI::IsMember({"0600", "0620", "0602", "0622"}).description(""))
      ->capture_default_str();
  raw.max_frame_option =
      app.add_option("--max-frame", raw.max_frame_bytes,
                     "Largest body of a frame that a client sends, at most 1g (suffixes k, m, g: "
                     "1024); one that is delivered carries its sender's name besides")
          ->type_name("BYTES")
          ->transform(CLI::AsSizeValue(false))
          ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{busrt::limits::most_body_bytes}))
          ->capture_default_str();
  app.add_option("--max-patterns", options.broker.max_patterns,
                 "Topic patterns that one client may subscribe to or exclude")
      ->type_name("COUNT")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30))
      ->capture_default_str();
  raw.memory_option =
      app.add_option(
             "--memory", raw.memory_bytes,
             "Bytes that peers may make the broker hold; beyond, connections are refused, and those that "
             "have not "
             "registered, or the client that holds most, are disconnected "
             "(suffixes k, m, g: 1024)")
          ->type_name("BYTES")
          ->transform(CLI::AsSizeValue(false))
          ->check(CLI::Range(std::uint64_t{1} << 20, std::uint64_t{1} << 50))
          ->capture_default_str();
  raw.client_memory_option = app.add_option("--client-memory", raw.client_memory_bytes,
                                            "The same for one client, which is disconnected beyond it. Where "
                                            "--max-frame or --queue-bytes need "
                                            "more, this is raised, and --memory with it")
                                 ->type_name("BYTES")
                                 ->transform(CLI::AsSizeValue(false))
                                 ->check(CLI::Range(std::uint64_t{1} << 16, std::uint64_t{1} << 50))
                                 ->capture_default_str();
  app.add_option("--max-connections", options.broker.max_connections, "Connections in all")
      ->type_name("COUNT")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 24))
      ->capture_default_str();
  app.add_option("--max-connections-per-uid", options.broker.max_connections_per_uid,
                 "Connections of one user over unix sockets, the only ones whose user is known; 0: no limit")
      ->type_name("COUNT")
      ->check(CLI::Range(std::size_t{0}, std::size_t{1} << 24))
      ->capture_default_str();
  app.add_option("--metrics", options.metrics,
                 "Serve the broker's numbers to Prometheus at http://ADDRESS/metrics; loopback only")
      ->type_name("HOST:PORT")
      ->check(not_empty());
  app.set_version_flag("-V,--version", "busrtd " BUSRT_VERSION " (BUS/RT protocol 1)");
}

busrt::SlowConsumer to_rule(const std::string& word) {
  if (word == "drop") return busrt::SlowConsumer::drop;
  return word == "disconnect" ? busrt::SlowConsumer::disconnect : busrt::SlowConsumer::wait;
}

/// Memory limits that --max-frame and --queue-bytes fit in: raised where they were not given, else what is
/// wrong.
std::string set_memory(busrt::BrokerConfig& broker, const Raw& raw) {
  broker.memory_bytes = raw.memory_bytes;
  broker.client_memory_bytes = raw.client_memory_bytes;
  if (raw.max_frame_option->count() == 0 && raw.queue_bytes_option->count() == 0) return {};
  const std::uint64_t least = busrt::least_client_memory(broker.max_body_bytes, broker.queue_bytes);
  const bool fits_client = raw.client_memory_option->count() == 0 || raw.client_memory_bytes >= least;
  const bool fits_all = raw.memory_option->count() == 0 || raw.memory_bytes >= least;
  if (!fits_client || !fits_all) {
    return fmt::format("{} {}: with --max-frame {} and --queue-bytes {} one client needs {} bytes",
                       fits_client ? "--memory" : "--client-memory",
                       fits_client ? raw.memory_bytes : raw.client_memory_bytes, broker.max_body_bytes,
                       broker.queue_bytes, least);
  }
  busrt::fit_memory_limits(broker);
  if (raw.memory_option->count() != 0) broker.memory_bytes = raw.memory_bytes;
  return {};
}

void finish(Options& options, const Raw& raw) {
  options.broker.fifo_mode = static_cast<unsigned>(std::stoul(raw.fifo_mode, nullptr, 8));
  options.broker.runtime_directory = command_line::runtime_directory();
  options.broker.timeout = to_milliseconds(raw.timeout_seconds);
  options.broker.stall_limit = to_milliseconds(raw.stall_seconds);
  options.broker.slow_consumer = to_rule(raw.slow_consumer);
  options.broker.queue_bytes = static_cast<std::size_t>(raw.queue_bytes);
  options.broker.max_body_bytes = static_cast<std::uint32_t>(raw.max_frame_bytes);
  if (raw.buffer_bytes_option->count() > 0) {
    options.without_effect.emplace_back("--buf-size has no effect: buffers grow with the load");
  }
  if (raw.buffer_ttl_option->count() > 0) {
    options.without_effect.emplace_back(
        "--buf-ttl has no effect: nothing waits for a timer before it is written");
  }
}

/// Why an address cannot be bound by this server, or an empty text.
std::string refusal(const std::string& bind) {
  const auto address = busrt::Address::parse(bind, command_line::runtime_directory());
  if (!address) return address.error().message;
  if (address->scheme == busrt::Address::Scheme::inproc) return "inproc addresses are for embedded brokers";
  return {};
}

std::string_view flag_of(busrt::SecurityOption option, const Options& options) {
  switch (option) {
    case busrt::SecurityOption::token:
      return options.token_file.empty() ? "--token" : "--token-file";
    case busrt::SecurityOption::certificate:
      return "--cert";
    case busrt::SecurityOption::key:
      return "--key";
    case busrt::SecurityOption::authority:
      return "--ca";
    case busrt::SecurityOption::revocations:
      return "--crl";
    case busrt::SecurityOption::websocket_origins:
      return "--ws-origin";
    case busrt::SecurityOption::insecure_tcp:
      return "--insecure-tcp";
    case busrt::SecurityOption::max_connections_per_uid:
      return "--max-connections-per-uid";
    case busrt::SecurityOption::server_name:
      break;
  }
  return to_string(option);
}

/// What the parser could not check, or an empty text.
std::string mistake(Options& options) {
  if (std::string reason = unavailable(options); !reason.empty()) return reason;
  for (const std::string& bind : options.binds) {
    if (const std::string reason = refusal(bind); !reason.empty()) return "--bind " + bind + ": " + reason;
  }
  if (!options.token_file.empty()) {
    auto token = read_token_file(options.token_file);
    if (!token) return "--token-file: " + token.error().describe();
    options.broker.token = *std::move(token);
  }
  if (const auto misuse = busrt::find_security_misuse(options.broker, options.binds)) {
    return fmt::format("{} {}", flag_of(misuse->option, options), misuse->reason);
  }
  return {};
}

}  // namespace

Parsed parse_options(int argc, char** argv) {
  Options options;
  options.broker.shards = default_workers();
  Raw raw;
  CLI::App app("BUS/RT message broker", "busrtd");
  // A topic or a path may begin with a slash, also on Windows.
  app.allow_windows_style_options(false);
  app.failure_message([](const CLI::App*, const CLI::Error& wrong) {
    return fmt::format("busrtd: {}\nbusrtd --help shows the options\n",
                       busrt::base::printable_lines(wrong.what()));
  });
  add_real_options(app, options, raw);
  add_own_options(app, options, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    std::ostringstream text;
    if (app.exit(stop, text, std::cerr) != 0) return {.options = std::nullopt, .exit_code = 2};
    return {.options = std::nullopt, .exit_code = busrt::base::print_last("busrtd", text.str(), 0, 1)};
  }
  finish(options, raw);
  std::string wrong = set_memory(options.broker, raw);
  if (wrong.empty()) wrong = mistake(options);
  if (!wrong.empty()) {
    program::complain("busrtd", wrong);
    return {.options = std::nullopt, .exit_code = 2};
  }
  return {.options = std::move(options), .exit_code = 0};
}

}  // namespace busrtd
