#include "growth.hpp"

#include <fmt/core.h>

#include <initializer_list>

#include "temporary_directory.hpp"
#include "throughput.hpp"

namespace bench {

namespace {

/// Growth runs are many: each is shorter than one of the table.
constexpr double share_of_scale = 0.3;

/// The same broker with more options.
class WithOptions final : public Peer {
 public:
  WithOptions(const BusPeer& peer, std::vector<std::string> more) : peer_(peer), more_(std::move(more)) {}
  [[nodiscard]] std::unique_ptr<Broker> start() const override { return peer_.start_bus(more_); }

 private:
  const BusPeer& peer_;
  std::vector<std::string> more_;
};

/// A broker whose rules grant publishers so many patterns, the one that fits last.
class UnderRules final : public Peer {
 public:
  UnderRules(const BusPeer& peer, std::size_t patterns) : peer_(peer), patterns_(patterns) {}
  [[nodiscard]] std::unique_ptr<Broker> start() const override {
    const TemporaryDirectory directory;
    std::string publish;
    for (std::size_t i = 1; i < patterns_; ++i) publish += fmt::format("\"other/{}/+\", ", i);
    const std::string file = directory.write(
        "access.toml",
        fmt::format("[[client]]\nname = \"*\"\nsubscribe = [\"#\"]\npublish = [{}\"bench/#\"]\n", publish));
    return peer_.start_bus({"--access", file});  // it has read the file when it accepts
  }

 private:
  const BusPeer& peer_;
  std::size_t patterns_;
};

/// a/a/.../a with so many segments.
std::string deep_topic(std::size_t segments) {
  std::string topic = "a";
  for (std::size_t i = 1; i < segments; ++i) topic += "/a";
  return topic;
}

}  // namespace

std::vector<Measurement> growth_measurements(const BusPeer& peer, const Options& options,
                                             const Results& results) {
  std::vector<Measurement> measurements;
  const double scale = options.scale * share_of_scale;
  const auto add = [&](Shape shape, std::vector<std::string> more = {}) {
    measurements.push_back({shape.name, [=, &peer, &results] {
                              measure_throughput(WithOptions(peer, more), shape, scale, results);
                            }});
  };
  for (const std::size_t subscribers : std::initializer_list<std::size_t>{1, 2, 4, 8, 16, 32}) {
    add({.name = fmt::format("growth: subscribers {}", subscribers), .subscribers = subscribers});
  }
  for (const std::size_t topics : std::initializer_list<std::size_t>{1, 10, 100, 1000, 10'000, 100'000}) {
    add({.name = fmt::format("growth: topics {}", topics), .topics = topics});
  }
  for (const std::size_t bytes : std::initializer_list<std::size_t>{16, 64, 256, 1024, 4096, 16384, 65536}) {
    add({.name = fmt::format("growth: payload {}", bytes), .payload_bytes = bytes});
  }
  for (const std::size_t segments : std::initializer_list<std::size_t>{1, 2, 4, 8, 16, 32}) {
    add({.name = fmt::format("growth: depth {}", segments), .topic = deep_topic(segments)});
  }
  for (const std::size_t shards : std::initializer_list<std::size_t>{1, 2, 4}) {
    add({.name = fmt::format("growth: shards {}", shards), .subscribers = 8}, {"-w", std::to_string(shards)});
  }
  for (const std::size_t patterns : std::initializer_list<std::size_t>{1, 10, 100, 1000}) {
    // Many topics, since what was decided once is remembered for a topic.
    const Shape shape{.name = fmt::format("growth: rules {}", patterns), .topics = 1000};
    measurements.push_back({shape.name, [=, &peer, &results] {
                              measure_throughput(UnderRules(peer, patterns), shape, scale, results);
                            }});
  }
  return measurements;
}

}  // namespace bench
