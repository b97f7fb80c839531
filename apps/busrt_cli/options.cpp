// The command line. Names and defaults are the real tool's, because scripts rely on them.
#include "options.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <sstream>
#include <utility>

#include "busrt/address.hpp"
#include "busrt/base/print_last.hpp"
#include "busrt/client.hpp"
#include "common/as_typed.hpp"
#include "common/command_failure.hpp"
#include "common/complain.hpp"
#include "common/not_empty.hpp"
#include "common/runtime_directory.hpp"
#include "common/seconds.hpp"
#include "system.hpp"

namespace busrt_cli {
namespace {

using command_line::as_typed;
using command_line::not_empty;
using command_line::seconds_from;
using command_line::to_milliseconds;

constexpr std::uint32_t max_workers = 4096;

/// What the parser fills besides Options, and which subcommand stands for which command.
struct Raw {
  double timeout_seconds = std::chrono::duration<double>(busrt::limits::timeout).count();
  std::size_t buffer_bytes = 8192;
  std::string payload;
  std::string first_param;
  std::vector<std::pair<CLI::App*, Command>> commands;
  std::vector<CLI::Option*> payload_options;
};

CLI::App* add_command(CLI::App& parent, Raw& raw, const std::string& name, const std::string& help,
                      Command command) {
  CLI::App* sub = parent.add_subcommand(name, help);
  raw.commands.emplace_back(sub, command);
  return sub;
}

void add_payload(CLI::App& command, Options& options, Raw& raw, const std::string& target_name,
                 const std::string& target_help) {
  command.add_option(target_name, options.target, target_help)->required();
  raw.payload_options.push_back(
      command.add_option("payload", raw.payload, "Payload; without it, standard input"));
}

void add_topics(CLI::App& command, Options& options) {
  as_typed(command.add_option("-t,--topics", options.topics, "Topic pattern to subscribe to, any number"))
      ->type_name("TOPIC");
}

void add_general_options(CLI::App& app, Options& options, Raw& raw) {
  app.add_option(
      "path", options.address,
      "The broker: a socket path or ipc://PATH, HOST:PORT, tcp://HOST:PORT (mutual TLS), ws://HOST:PORT "
      "or wss://HOST:PORT; every command but access explain --file needs it");
  app.add_option("-n,--name", options.name,
                 "Name of this client [that of --cert for tcp:// and wss://, else cli.HOST.PID]");
  app.add_option("--buf-size", raw.buffer_bytes,
                 "Accepted for the real tool's scripts; no effect: buffers grow with the load")
      ->type_name("BYTES");
  app.add_option("--queue-size", options.queue_frames, "Received frames that may wait")
      ->type_name("FRAMES")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 30))
      ->capture_default_str();
  app.add_option("--timeout", raw.timeout_seconds,
                 "Timeout of connecting and of every operation, in seconds; without it an acknowledgement "
                 "may take 30")
      ->type_name("SECONDS")
      ->check(seconds_from(0.001))
      ->capture_default_str();
  app.add_option("--token", options.token, "Bearer token for ws:// and wss://")->check(not_empty());
  app.add_option("--ca", options.tls.authority,
                 "Authority that has issued the broker's certificate (PEM); without it, those of the system")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--crl", options.tls.revocations,
                 "Certificate revocation lists, one of each authority of the broker's certificate (PEM)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option(
         "--cert", options.tls.certificate,
         "Certificate for tcp:// and wss://, with its intermediates (PEM); its name has to be that of "
         "the client")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--key", options.tls.key, "Key of the certificate (PEM)")
      ->type_name("FILE")
      ->check(not_empty());
  app.add_option("--server-name", options.server_name,
                 "What the broker's certificate is for, if not the host of its address")
      ->type_name("NAME")
      ->check(not_empty());
  app.add_flag("-v,--verbose", options.verbose, "Log everything");
  app.add_flag("-s,--silent", options.silent, "No log lines, and payloads in their short form");
  app.set_version_flag("-V,--version", "busrt " BUSRT_VERSION " (BUS/RT protocol 1)");
  app.require_subcommand(1);
}

void add_broker_commands(CLI::App& app, Raw& raw) {
  CLI::App* broker = app.add_subcommand("broker", "Ask the broker");
  broker->require_subcommand(1);
  add_command(*broker, raw, "client.list", "The registered clients", Command::broker_client_list);
  add_command(*broker, raw, "info", "The broker's author and version", Command::broker_info);
  add_command(*broker, raw, "stats", "The broker's counters", Command::broker_stats);
  add_command(*broker, raw, "test", "Whether the broker answers", Command::broker_test);
}

void add_frame_commands(CLI::App& app, Options& options, Raw& raw) {
  CLI::App* listen = add_command(app, raw, "listen", "Print what arrives", Command::listen);
  add_topics(*listen, options);
  as_typed(listen->add_option("--exclude", options.excluded, "Topic pattern to leave out, any number"))
      ->type_name("TOPIC");
  CLI::App* send = add_command(app, raw, "send",
                               "Send to a client, or to every client of a mask (with * or ?)", Command::send);
  add_payload(*send, options, raw, "target", "Client name or mask");
  CLI::App* publish = add_command(app, raw, "publish", "Publish to a topic", Command::publish);
  add_payload(*publish, options, raw, "topic", "Topic");
}

void add_rpc_commands(CLI::App& app, Options& options, Raw& raw) {
  CLI::App* rpc = app.add_subcommand("rpc", "Remote calls");
  rpc->require_subcommand(1);
  CLI::App* listen =
      add_command(*rpc, raw, "listen", "Print incoming calls, and answer them", Command::rpc_listen);
  add_topics(*listen, options);
  CLI::App* notify = add_command(*rpc, raw, "notify", "Send a notification", Command::rpc_notify);
  add_payload(*notify, options, raw, "target", "Client name");
  const std::vector<std::tuple<const char*, const char*, Command>> calls = {
      {"call0", "Call and want no reply", Command::rpc_call0},
      {"call", "Call and print the reply", Command::rpc_call}};
  for (const auto& [name, help, command] : calls) {
    CLI::App* call = add_command(*rpc, raw, name, help, command);
    call->add_option("target", options.target, "Client name")->required();
    call->add_option("method", options.method, "Method")->required();
    // CLI11 takes [a,b] for a list where a positional has any number of values. So this one has one, and what
    // follows it is taken as it was typed.
    call->add_option(
            "params", raw.first_param,
            "key=value ... (a MessagePack map; values are bool, integer, float, else string), or - for "
            "the bytes of standard input")
        ->type_name("TEXT ...");
    call->prefix_command();
  }
}

void add_benchmark(CLI::App& app, Options& options, Raw& raw) {
  CLI::App* benchmark = add_command(app, raw, "benchmark", "Measure the broker", Command::benchmark);
  benchmark->add_option("-w,--workers", options.benchmark.workers, "Clients at once")
      ->check(CLI::Range(std::uint32_t{1}, max_workers))
      ->capture_default_str();
  benchmark->add_option("--payload-size", options.benchmark.payload_bytes, "Payload of one frame, in bytes")
      ->check(CLI::Range(std::size_t{0}, std::size_t{busrt::limits::max_body_bytes} / 2))
      ->capture_default_str();
  benchmark
      ->add_option("-i,--iters", options.benchmark.iterations,
                   "Iterations of one stage, of all clients together")
      ->check(CLI::Range(std::uint32_t{1}, std::uint32_t{4'000'000'000}))
      ->capture_default_str();
}

void add_access(CLI::App& app, Options& options, Raw& raw) {
  CLI::App* access = app.add_subcommand("access", "Access rules");
  access->require_subcommand(1);
  CLI::App* explain =
      add_command(*access, raw, "explain",
                  "What the rules decide, and by which line: exit code 0 for allowed, 1 for denied",
                  Command::access_explain);
  AccessOptions& question = options.access;
  explain->add_option("client", question.client, "Client name")->required();
  explain->add_option("operation", question.operation, "connect, publish, subscribe, message or broadcast")
      ->required()
      ->check(CLI::IsMember({"connect", "publish", "subscribe", "message", "broadcast"}).description(""));
  explain->add_option("target", question.target,
                      "Topic, topic pattern, client name or mask; not for connect");
  explain->add_option("--file", question.file, "Rules of this file instead of those of the broker at PATH")
      ->type_name("RULES")
      ->check(not_empty());
  explain->add_option("--uid", question.uid, "Assume that the client runs as this user")->type_name("UID");
  explain->add_option("--gid", question.gid, "Assume that this is its group")->type_name("GID");
  explain->add_option("--host", question.host, "Assume that it connects over a network, from this address")
      ->type_name("ADDRESS")
      ->check(not_empty());
  explain
      ->add_option("--certificate", question.certificate, "Assume that it shows a certificate of this name")
      ->type_name("NAME")
      ->check(not_empty());
}

/// A broker that asks for a certificate takes its client under the certificate's name alone.
std::string default_name(const Options& options) {
  const bool shows_certificate =
      options.address.starts_with("tcp://") || options.address.starts_with("wss://");
  if (shows_certificate && options.tls.certificate.has_value()) {
    // A file that does not serve is an error of the connection, which names it.
    if (auto name = busrt::certificate_name(*options.tls.certificate); name && !name->empty()) return *name;
  }
  return "cli." + process_identity();
}

std::string_view flag_of(busrt::SecurityOption option) {
  switch (option) {
    case busrt::SecurityOption::token:
      return "--token";
    case busrt::SecurityOption::certificate:
      return "--cert";
    case busrt::SecurityOption::key:
      return "--key";
    case busrt::SecurityOption::authority:
      return "--ca";
    case busrt::SecurityOption::revocations:
      return "--crl";
    case busrt::SecurityOption::server_name:
      return "--server-name";
    case busrt::SecurityOption::websocket_origins:
    case busrt::SecurityOption::insecure_tcp:
    case busrt::SecurityOption::max_connections_per_uid:
      break;
  }
  return to_string(option);
}

/// Why this tool cannot connect to an address, or an empty text.
std::string address_mistake(const std::string& text) {
  const auto address = busrt::Address::parse_for_client(text, command_line::runtime_directory());
  if (!address) return address.error().message;
  if (address->scheme == busrt::Address::Scheme::inproc) return "inproc addresses are for embedded brokers";
  return {};
}

/// False for `access explain` with a file of rules.
bool needs_broker(const Options& options) {
  return options.command != Command::access_explain || options.access.file.empty();
}

/// A security option that is empty or that the connection does not use, as a sentence.
std::string security_mistake(const Options& options) {
  busrt::ClientConfig config;
  config.address = needs_broker(options) ? options.address : "systemd:";
  config.runtime_directory = command_line::runtime_directory();
  config.tls = options.tls;
  config.server_name = options.server_name;
  config.token = options.token;
  const auto misuse = busrt::find_security_misuse(config);
  if (!misuse) return {};
  if (!needs_broker(options))
    return fmt::format("{} has no effect: a file of rules is asked, and no broker", flag_of(misuse->option));
  return fmt::format("{} {}", flag_of(misuse->option), misuse->reason);
}

/// What the parser could not check, or an empty text.
std::string finish(Options& options, const Raw& raw) {
  for (const auto& [sub, command] : raw.commands) {
    if (!sub->parsed()) continue;
    options.command = command;
    if (command != Command::rpc_call && command != Command::rpc_call0) continue;
    options.params = sub->remaining();
    if (sub->count("params") > 0) options.params.insert(options.params.begin(), raw.first_param);
    // Ends the options, and is none of what follows.
    const auto mark = std::ranges::find(options.params, "--");
    if (mark != options.params.end()) options.params.erase(mark);
  }
  for (const CLI::Option* payload : raw.payload_options) {
    if (payload->count() > 0) options.payload = raw.payload;
  }
  options.timeout = to_milliseconds(raw.timeout_seconds);
  if (options.name.empty()) options.name = default_name(options);
  const bool explains = options.command == Command::access_explain;
  if (needs_broker(options)) {
    if (options.address.empty()) return "path is required";
    if (std::string wrong = address_mistake(options.address); !wrong.empty()) return wrong;
  }
  if (std::string mistake = security_mistake(options); !mistake.empty()) return mistake;
  if (explains && options.access.target.empty() && options.access.operation != "connect") {
    return "target is required for " + options.access.operation;
  }
  if (options.command == Command::benchmark && options.benchmark.iterations < options.benchmark.workers) {
    return "--iters: at least one iteration for each of the workers";
  }
  return {};
}

}  // namespace

Parsed parse_options(int argc, char** argv) {
  Options options;
  Raw raw;
  CLI::App app("Command line client of a BUS/RT message broker", "busrt");
  // A topic or a path may begin with a slash, also on Windows.
  app.allow_windows_style_options(false);
  app.failure_message(command_line::describe_failure);
  add_general_options(app, options, raw);
  add_broker_commands(app, raw);
  add_frame_commands(app, options, raw);
  add_rpc_commands(app, options, raw);
  add_benchmark(app, options, raw);
  add_access(app, options, raw);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    std::ostringstream text;
    if (app.exit(stop, text, std::cerr) != 0) return {.options = std::nullopt, .exit_code = 2};
    return {.options = std::nullopt, .exit_code = busrt::base::print_last("busrt", text.str(), 0, 1)};
  }
  options.timeout_given = app.count("--timeout") != 0;
  if (const std::string wrong = finish(options, raw); !wrong.empty()) {
    program::complain("busrt", wrong);
    return {.options = std::nullopt, .exit_code = 2};
  }
  return {.options = std::move(options), .exit_code = 0};
}

}  // namespace busrt_cli
