// `benchmark`: the stages of the real tool, in its order, with its semantics: every client has one operation
// under way at a time, except where it wants no acks.
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <future>
#include <list>
#include <map>
#include <thread>
#include <vector>

#include "benchmark_stages.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "system.hpp"
#include "table.hpp"

namespace busrt_cli {
namespace {

namespace asio = boost::asio;

/// Half of the cores, because the broker needs the others.
std::size_t loop_count(std::size_t workers) {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, workers);
}

/// Event loops on threads of their own. A client lives on one loop for life.
class Loops {
 public:
  explicit Loops(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      asio::io_context& loop = loops_.emplace_back(1);
      guards_.push_back(asio::make_work_guard(loop));
      threads_.emplace_back([&loop] { loop.run(); });
    }
  }
  ~Loops() {
    guards_.clear();
    for (asio::io_context& loop : loops_) loop.stop();
    for (std::thread& thread : threads_) thread.join();
  }
  Loops(const Loops&) = delete;
  Loops& operator=(const Loops&) = delete;

  asio::io_context& at(std::size_t worker) {
    auto loop = loops_.begin();
    std::advance(loop, static_cast<std::ptrdiff_t>(worker % loops_.size()));
    return *loop;
  }

 private:
  std::list<asio::io_context> loops_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::vector<std::thread> threads_;
};

using Futures = std::vector<std::future<StageResult>>;

class Benchmark {
 public:
  explicit Benchmark(const Options& options)
      : options_(options),
        workers_(options.benchmark.workers),
        iterations_(options.benchmark.iterations / options.benchmark.workers),
        payload_(options.benchmark.payload_bytes, std::byte{0xEE}),
        loops_(loop_count(options.benchmark.workers)) {}

  busrt::base::Result<> run_rpc_stages();
  busrt::base::Result<> run_frame_stages();
  [[nodiscard]] std::string results() const;

 private:
  using StartStage = std::function<void(std::size_t worker, Futures& futures)>;

  busrt::base::Result<> stage(const std::string& name, const StartStage& start);
  template <class Coroutine>
  void spawn(std::size_t worker, Futures& futures, Coroutine coroutine) {
    futures.push_back(asio::co_spawn(loops_.at(worker), std::move(coroutine), asio::use_future));
  }
  busrt::base::Result<> connect_rpc(std::vector<std::unique_ptr<busrt::RpcClient>>& clients);
  busrt::base::Result<> connect(std::vector<std::unique_ptr<busrt::Client>>& clients);
  busrt::base::Result<> run_send_stage(const std::string& name,
                                       std::vector<std::unique_ptr<busrt::Client>>& clients, bool confirmed,
                                       bool receive);
  [[nodiscard]] std::string missing_name(std::size_t worker) const {
    return fmt::format("{}-{}-null", options_.name, worker + 1);
  }

  const Options& options_;
  std::size_t workers_;
  std::uint32_t iterations_;  ///< of each worker
  std::vector<std::byte> payload_;
  std::map<std::string, std::chrono::duration<double>>
      elapsed_;  ///< by stage; printed in the order of the names
  Loops loops_;
};

busrt::base::Result<> Benchmark::stage(const std::string& name, const StartStage& start) {
  print_out("!!! stage started: {} \n", name);
  const auto begin = std::chrono::steady_clock::now();
  Futures futures;
  for (std::size_t worker = 0; worker < workers_; ++worker) start(worker, futures);
  busrt::base::Result<> result;
  for (auto& future : futures) {
    if (auto done = future.get(); !done && result) result = std::move(done);
  }
  if (!result) {
    const std::string& reason = result.error().message;
    return busrt::base::fail(
        result.error().code,
        "stage " + name + ": " + (reason.empty() ? result.error().code.message() : reason));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  elapsed_[name] = took;
  print_out("*** stage completed: {} ({} iters, {:.3f} secs)\n", name, grouped(iterations_ * workers_),
            took.count());
  return {};
}

asio::awaitable<busrt::RpcResult> echo(busrt::RpcRequest request) {
  co_return std::vector<std::byte>(request.payload.begin(), request.payload.end());
}

busrt::base::Result<> Benchmark::connect_rpc(std::vector<std::unique_ptr<busrt::RpcClient>>& clients) {
  for (std::size_t worker = 0; worker < workers_; ++worker) {
    busrt::Client client(loops_.at(worker).get_executor(),
                         client_config(options_, fmt::format("-{}-rpc", worker + 1)));
    clients.push_back(std::make_unique<busrt::RpcClient>(std::move(client),
                                                         busrt::RpcConfig{.call_timeout = options_.timeout}));
    clients.back()->on("benchmark.selftest", echo);
    if (auto up = clients.back()->connect(asio::use_future).get(); !up) {
      return busrt::base::fail(up.error().code, connect_failure(options_, up.error()));
    }
  }
  return {};
}

busrt::base::Result<> Benchmark::connect(std::vector<std::unique_ptr<busrt::Client>>& clients) {
  for (std::size_t worker = 0; worker < workers_; ++worker) {
    clients.push_back(std::make_unique<busrt::Client>(
        loops_.at(worker).get_executor(), client_config(options_, fmt::format("-{}", worker + 1))));
    if (auto up = clients.back()->connect(asio::use_future).get(); !up) {
      return busrt::base::fail(up.error().code, connect_failure(options_, up.error()));
    }
  }
  return {};
}

busrt::base::Result<> Benchmark::run_rpc_stages() {
  std::vector<std::unique_ptr<busrt::RpcClient>> clients;
  if (auto up = connect_rpc(clients); !up) return up;
  auto done = stage("rpc.call", [this, &clients](std::size_t worker, Futures& futures) {
    spawn(worker, futures,
          call_repeatedly(*clients[worker], std::string(busrt::broker_name), "benchmark.test", payload_,
                          iterations_));
  });
  if (!done) return done;
  done = stage("rpc.call+handle", [this, &clients](std::size_t worker, Futures& futures) {
    busrt::RpcClient& rpc = *clients[worker];
    spawn(worker, futures,
          call_repeatedly(rpc, rpc.client().name(), "benchmark.selftest", payload_, iterations_));
  });
  if (!done) return done;
  return stage("rpc.call0", [this, &clients](std::size_t worker, Futures& futures) {
    spawn(worker, futures, call0_repeatedly(*clients[worker], missing_name(worker), payload_, iterations_));
  });
}

busrt::base::Result<> Benchmark::run_send_stage(const std::string& name,
                                                std::vector<std::unique_ptr<busrt::Client>>& clients,
                                                bool confirmed, bool receive) {
  return stage(name, [this, &clients, confirmed, receive](std::size_t worker, Futures& futures) {
    busrt::Client& client = *clients[worker];
    const std::string target = receive ? client.name() : missing_name(worker);
    const std::shared_ptr<Progress> progress = receive ? make_progress(client) : nullptr;
    auto send = confirmed
                    ? send_with_ack(client, target, payload_, iterations_)
                    : send_without_ack(client, target, payload_, iterations_, progress, options_.timeout);
    if (!receive) {
      spawn(worker, futures, std::move(send));
      return;
    }
    spawn(worker, futures, send_and_await(client, std::move(send), progress, iterations_, options_.timeout));
    spawn(worker, futures, receive_messages(client, iterations_, progress));
  });
}

busrt::base::Result<> Benchmark::run_frame_stages() {
  std::vector<std::unique_ptr<busrt::Client>> clients;
  if (auto up = connect(clients); !up) return up;
  for (const bool receive : {false, true}) {
    for (const bool confirmed : {false, true}) {
      const std::string name =
          fmt::format("{}.qos.{}", receive ? "send+recv" : "send", confirmed ? "processed" : "no");
      if (auto done = run_send_stage(name, clients, confirmed, receive); !done) return done;
    }
  }
  return {};
}

std::string Benchmark::results() const {
  const std::uint64_t iterations = iterations_ * workers_;
  Table table({"stage", "iters", "secs", "msecs", "iters/s"}, {"stage", "iters/s", "secs", "msecs", "iters"});
  for (const auto& [name, took] : elapsed_) {
    const double seconds = took.count();
    table.add_row({name, Cell(grouped(iterations), Style::magenta),
                   Cell(fmt::format("{:.3f}", seconds), Style::blue),
                   Cell(fmt::format("{:.3f}", seconds * 1000.0), Style::cyan),
                   Cell(grouped(static_cast<std::uint64_t>(static_cast<double>(iterations) / seconds)),
                        Style::yellow)});
  }
  return fmt::format("--- Benchmark results ------------------\n{}", table.to_string(output_columns()));
}

}  // namespace

int run_benchmark(const Options& options) {
  const BenchmarkOptions& wanted = options.benchmark;
  print_out("Starting benchmark, {} worker(s), {} iters, {} iters/worker, {} byte(s) payload\n",
            paint(Style::blue, std::to_string(wanted.workers)),
            paint(Style::yellow, grouped(wanted.iterations)),
            paint(Style::bold, grouped(wanted.iterations / wanted.workers)),
            paint(Style::cyan, grouped(wanted.payload_bytes)));
  Benchmark benchmark(options);
  if (auto done = benchmark.run_rpc_stages(); !done) return fail(done.error().message);
  if (auto done = benchmark.run_frame_stages(); !done) return fail(done.error().message);
  print_out("{}", benchmark.results());
  return EXIT_SUCCESS;
}

}  // namespace busrt_cli
