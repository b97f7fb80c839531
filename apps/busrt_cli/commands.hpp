// One function for each command. Each returns the exit code, after saying on standard error what failed.
#pragma once

#include "options.hpp"

namespace busrt_cli {

[[nodiscard]] int run_broker_command(const Options& options);
[[nodiscard]] int run_listen(const Options& options);
[[nodiscard]] int run_send(const Options& options);
[[nodiscard]] int run_publish(const Options& options);
[[nodiscard]] int run_rpc_listen(const Options& options);
[[nodiscard]] int run_rpc_notify(const Options& options);
[[nodiscard]] int run_rpc_call0(const Options& options);
[[nodiscard]] int run_rpc_call(const Options& options);
/// 0: allowed, 1: denied or failed.
[[nodiscard]] int run_access_explain(const Options& options);
[[nodiscard]] int run_benchmark(const Options& options);

}  // namespace busrt_cli
