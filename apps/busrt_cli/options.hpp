// The command line of `busrt` as a value: the real BUS/RT tool's, option by option.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "busrt/limits.hpp"
#include "busrt/tls.hpp"

namespace busrt_cli {

enum class Command : std::uint8_t {
  broker_client_list,
  broker_info,
  broker_stats,
  broker_test,
  listen,
  send,
  publish,
  rpc_listen,
  rpc_notify,
  rpc_call0,
  rpc_call,
  benchmark,
  access_explain,
};

struct BenchmarkOptions {
  std::uint32_t workers = 1;
  std::size_t payload_bytes = 100;
  std::uint32_t iterations = 1'000'000;  ///< of all workers together
};

/// `access explain`: the question, and who the client is assumed to be where the broker does not know it.
struct AccessOptions {
  std::string client;
  std::string operation;
  std::string target;
  std::string file;  ///< empty: the rules of the broker at the address
  std::optional<std::uint32_t> uid, gid;
  std::optional<std::string> host, certificate;
};

struct Options {
  std::string address;  ///< empty only for `access explain` with a file
  std::string name;     ///< this client's; unless given its certificate's, or cli.HOST.PID
  std::size_t queue_frames = 8192;
  bool timeout_given = false;
  std::chrono::milliseconds timeout = busrt::limits::timeout;
  busrt::TlsFiles tls;
  std::optional<std::string> server_name;  ///< absent: the host of the address
  std::optional<std::string> token;
  bool verbose = false;
  bool silent = false;

  Command command{};
  std::vector<std::string> topics;
  std::vector<std::string> excluded;
  std::string target;  ///< a client name, a mask or a topic
  std::string method;
  std::optional<std::string> payload;  ///< absent: standard input
  std::vector<std::string> params;
  BenchmarkOptions benchmark;
  AccessOptions access;
};

/// Parsed options, or what the process exits with (help and version: 0, bad usage: 2), after printing why.
struct Parsed {
  std::optional<Options> options;
  int exit_code = 0;
};
[[nodiscard]] Parsed parse_options(int argc, char** argv);

}  // namespace busrt_cli
