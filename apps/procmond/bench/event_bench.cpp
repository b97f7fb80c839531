// What one exec event costs from the table's entry to the text that is published: time and allocations.
//
//   build/release/bin/procmond_event_bench
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "daemoneye/events/event.hpp"
#include "daemoneye/events/process_fields.hpp"
#include "event_data.hpp"
#include "tests/fake_host.hpp"

namespace {

std::atomic<std::uint64_t> allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace procmond {
namespace {

Process shell() {
  Process process;
  process.pid = 4242;
  process.start = StartTime{987654, false};
  process.parent = 17;
  process.uid = IdPair{1000, 1000};
  process.gid = IdPair{1000, 1000};
  process.comm = "sh";
  process.cgroup = "/user.slice/user-1000.slice/session-2.scope";
  auto image = std::make_shared<Image>();
  image->exe = "/usr/bin/dash";
  image->args = std::vector<std::string>{"sh", "-c", "make -C /home/user/project all 2>&1 | tee \"log\""};
  process.image = std::move(image);
  return process;
}

void exec_event(benchmark::State& state) {
  FakeHost host;
  host.boot = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
  const Process process = shell();
  Process parent = shell();
  parent.pid = 17;
  std::uint64_t seq = 0;
  const std::uint64_t before = allocations.load();
  for (auto _ : state) {
    EventData data(process, &parent, host, ObservedBy::connector);
    daemoneye::events::EventHead head;
    head.collector = "procmond";
    head.epoch = 1763940000000000;
    head.seq = ++seq;
    head.time = host.wall_time(seq);
    head.domain = daemoneye::events::process::domain;
    head.kind = daemoneye::events::process::kind::exec;
    benchmark::DoNotOptimize(encode_event(head, data.take()));
  }
  state.counters["allocations"] = benchmark::Counter(static_cast<double>(allocations.load() - before),
                                                     benchmark::Counter::kAvgIterations);
}
BENCHMARK(exec_event);

}  // namespace
}  // namespace procmond

BENCHMARK_MAIN();
