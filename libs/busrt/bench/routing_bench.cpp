// What one subscription and one match cost, with a table that already holds 1 to a million patterns.
//
// Topics of a fleet of sensors: site/N/line/N/device/N/KIND. A table of `n` patterns is one half exact
// topics, one half patterns with wildcards, of a thousand subscribers. Matching cycles through topics that
// are spread over the whole table, so large tables are measured with cold caches, as a broker meets them when
// its shards' own caches miss.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "routing/name_tree.hpp"
#include "routing/subscription_table.hpp"

namespace {

using busrt::routing::NameTree;
using busrt::routing::SubscriberId;
using busrt::routing::SubscriptionTable;

constexpr std::uint32_t subscribers = 1000;

/// The i-th device of the fleet.
std::string device(std::uint64_t i) {
  return "site/" + std::to_string(i % 40) + "/line/" + std::to_string(i / 40 % 50) + "/device/" +
         std::to_string(i);
}

std::string topic(std::uint64_t i) {
  return device(i) + "/temperature";
}

std::string pattern(std::uint64_t i) {
  switch (i % 4) {
    case 0:
    case 1:
      return topic(i);
    case 2:
      return device(i) + "/#";
    default:
      return "site/" + std::to_string(i % 40) + "/+/+/device/" + std::to_string(i) + "/+";
  }
}

SubscriberId owner(std::uint64_t i) {
  return static_cast<SubscriberId>(i % subscribers);
}

/// One table per size for all measurements: a million patterns take seconds to fill.
SubscriptionTable& table_of(std::uint64_t patterns) {
  static std::uint64_t size = 0;
  static std::unique_ptr<SubscriptionTable> table;
  if (size != patterns) {
    table.reset();
    table = std::make_unique<SubscriptionTable>();
    for (std::uint64_t i = 0; i < patterns; ++i) table->subscribe(owner(i), pattern(i));
    size = patterns;
  }
  return *table;
}

/// A scattered sample of the numbers 0..n-1.
std::vector<std::uint64_t> sample(std::uint64_t n) {
  std::vector<std::uint64_t> out;
  std::uint64_t state = 1;
  for (std::size_t i = 0; i < 65536; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    out.push_back((state >> 33U) % n);
  }
  return out;
}

void match_one_of(benchmark::State& state) {
  const auto patterns = static_cast<std::uint64_t>(state.range(0));
  const SubscriptionTable& table = table_of(patterns);
  std::vector<std::string> topics;
  for (const std::uint64_t i : sample(patterns)) topics.push_back(topic(i));
  std::vector<SubscriberId> out;
  std::size_t at = 0;
  std::size_t found = 0;
  for (auto _ : state) {
    out.clear();
    table.match(topics[at++ % topics.size()], out);
    found += out.size();
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["receivers"] =
      benchmark::Counter(static_cast<double>(found), benchmark::Counter::kAvgIterations);
}

void match_nothing_in(benchmark::State& state) {
  const auto patterns = static_cast<std::uint64_t>(state.range(0));
  const SubscriptionTable& table = table_of(patterns);
  std::vector<std::string> topics;
  for (const std::uint64_t i : sample(patterns)) topics.push_back(device(patterns + i) + "/temperature");
  std::vector<SubscriberId> out;
  std::size_t at = 0;
  for (auto _ : state) {
    out.clear();
    table.match(topics[at++ % topics.size()], out);
    benchmark::DoNotOptimize(out.data());
  }
}

// Adds patterns that are new to the table, in batches that are taken out again (not timed), so that its size
// stays.
void subscribe_to(benchmark::State& state) {
  const auto patterns = static_cast<std::uint64_t>(state.range(0));
  SubscriptionTable& table = table_of(patterns);
  constexpr std::size_t batch = 4096;
  std::vector<std::string> fresh;
  for (std::size_t i = 0; i < batch; ++i) fresh.push_back(pattern(patterns * 2 + i * 97));
  std::size_t at = 0;
  for (auto _ : state) {
    if (at == batch) {
      state.PauseTiming();
      for (std::size_t i = 0; i < batch; ++i) table.unsubscribe(subscribers + 1, fresh[i]);
      at = 0;
      state.ResumeTiming();
    }
    benchmark::DoNotOptimize(table.subscribe(subscribers + 1, fresh[at++]));
  }
  table.remove(subscribers + 1);
}

void unsubscribe_from(benchmark::State& state) {
  const auto patterns = static_cast<std::uint64_t>(state.range(0));
  SubscriptionTable& table = table_of(patterns);
  constexpr std::size_t batch = 4096;
  std::vector<std::string> fresh;
  for (std::size_t i = 0; i < batch; ++i) fresh.push_back(pattern(patterns * 2 + i * 97));
  std::size_t at = batch;
  for (auto _ : state) {
    if (at == batch) {
      state.PauseTiming();
      for (const std::string& text : fresh) table.subscribe(subscribers + 1, text);
      at = 0;
      state.ResumeTiming();
    }
    benchmark::DoNotOptimize(table.unsubscribe(subscribers + 1, fresh[at++]));
  }
  table.remove(subscribers + 1);
}

// Filling a table from nothing, which includes every growth of its indexes.
void fill(benchmark::State& state) {
  const auto patterns = static_cast<std::uint64_t>(state.range(0));
  for (auto _ : state) {
    SubscriptionTable table;
    for (std::uint64_t i = 0; i < patterns; ++i) table.subscribe(owner(i), pattern(i));
    benchmark::DoNotOptimize(table.subscriptions());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(patterns));
}

// A client with 100 patterns leaves a table of many.
void remove_subscriber_from(benchmark::State& state) {
  const auto patterns = static_cast<std::uint64_t>(state.range(0));
  SubscriptionTable& table = table_of(patterns);
  std::vector<std::string> own;
  for (std::size_t i = 0; i < 100; ++i) own.push_back(pattern(patterns * 2 + i * 97));
  for (auto _ : state) {
    state.PauseTiming();
    for (const std::string& text : own) table.subscribe(subscribers + 1, text);
    state.ResumeTiming();
    table.remove(subscribers + 1);
  }
}

// 128 levels of '+' and literals side by side: the widest walk that the limits allow for so few patterns.
void match_deep_wildcards(benchmark::State& state) {
  SubscriptionTable table;
  std::string topic_text = "a";
  std::string plus = "+";
  for (int level = 1; level < 127; ++level) {
    table.subscribe(1, plus + "/#");
    table.subscribe(2, topic_text + "/+/#");
    topic_text += "/a";
    plus += "/+";
  }
  std::vector<SubscriberId> out;
  for (auto _ : state) {
    out.clear();
    table.match(topic_text, out);
    benchmark::DoNotOptimize(out.data());
  }
}

// One client whose 512 patterns use all the shapes that it may: the costliest topic for it.
void match_all_shapes_of_a_client(benchmark::State& state) {
  SubscriptionTable table;
  for (unsigned bits = 0; bits < 512; ++bits) {
    std::string text;
    for (unsigned i = 0; i < 9; ++i) text += (bits >> i & 1U) != 0 ? "+/" : "a/";
    table.subscribe(1, text + "z");
  }
  std::vector<SubscriberId> out;
  for (auto _ : state) {
    out.clear();
    table.match("a/a/a/a/a/a/a/a/a/x", out);
    benchmark::DoNotOptimize(out.data());
  }
}

void excluded_by(benchmark::State& state) {
  SubscriptionTable table;
  for (int i = 0; i < state.range(0); ++i) table.subscribe(1, pattern(static_cast<std::uint64_t>(i)));
  const std::string text = topic(100000);
  std::vector<SubscriberId> out;
  for (auto _ : state) {
    out.clear();
    table.match(text, out);
    benchmark::DoNotOptimize(out.data());
  }
}

// Masks over so many names of three segments: one that names a client, and one that finds none.
void mask_finds(benchmark::State& state, const char* mask) {
  NameTree tree;
  for (SubscriberId i = 0; i < state.range(0); ++i) tree.insert("client.number." + std::to_string(i), i);
  std::vector<SubscriberId> out;
  for (auto _ : state) {
    out.clear();
    tree.match(mask, out);
    benchmark::DoNotOptimize(out.data());
  }
}

const std::vector<std::int64_t> sizes{1, 1000, 100000, 1000000};

void for_all_sizes(benchmark::internal::Benchmark* bench) {
  for (const std::int64_t size : sizes) bench->Arg(size);
}

}  // namespace

BENCHMARK(match_one_of)->Apply(for_all_sizes);
BENCHMARK(match_nothing_in)->Apply(for_all_sizes);
BENCHMARK(subscribe_to)->Apply(for_all_sizes);
BENCHMARK(unsubscribe_from)->Apply(for_all_sizes);
BENCHMARK(remove_subscriber_from)->Apply(for_all_sizes);
BENCHMARK(fill)->Apply(for_all_sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(match_deep_wildcards);
BENCHMARK(excluded_by)->Arg(0)->Arg(1)->Arg(100);
BENCHMARK(match_all_shapes_of_a_client);
BENCHMARK_CAPTURE(mask_finds, one, "client.number.17")->Arg(1)->Arg(16000);
BENCHMARK_CAPTURE(mask_finds, none, "?.?.?.x")->Arg(1)->Arg(16000);
BENCHMARK_CAPTURE(mask_finds, all, "client.*")->Arg(1)->Arg(16000);
BENCHMARK_MAIN();
