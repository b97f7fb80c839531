// The text format: https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4). Each family
// is written whole, help and type first.
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "busrt/metrics.hpp"

namespace busrt {

namespace {

using Label = std::pair<std::string_view, std::string_view>;

class Writer {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    append({"# HELP busrt_", name, " ", help, "\n# TYPE busrt_", name, " ", type, "\n"});
  }
  void value(std::initializer_list<Label> labels, std::uint64_t number) {
    append({"busrt_", name_});
    char separator = '{';
    for (const auto& [key, text] : labels) {
      text_ += separator;
      append({key, "=\""});
      escape(text);
      text_ += '"';
      separator = ',';
    }
    if (labels.size() != 0) text_ += '}';
    text_ += ' ';
    text_ += std::to_string(number);
    text_ += '\n';
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t number) {
    family(name, "gauge", help);
    value({}, number);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t number) {
    family(name, "counter", help);
    value({}, number);
  }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void append(std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) text_ += part;
  }
  void escape(std::string_view text) {
    for (const char character : text) {
      if (character == '\n') {
        text_ += "\\n";
      } else {
        if (character == '\\' || character == '"') text_ += '\\';
        text_ += character;
      }
    }
  }

  std::string text_;
  std::string_view name_;
};

void write_totals(Writer& writer, const BrokerStats& stats) {
  writer.gauge("uptime_seconds", "Seconds since the broker started.",
               static_cast<std::uint64_t>(stats.uptime.count()));
  writer.gauge("clients", "Registered clients, secondaries included.", stats.clients);
  writer.gauge("connections", "Connections, in-process ones not counted.", stats.connections);
  writer.gauge("memory_bytes", "Memory held for clients.", stats.memory_bytes);
  writer.gauge("memory_limit_bytes", "The budget that memory_bytes is held against.", stats.memory_limit);
  writer.counter("holds_total", "Times a publisher had to wait for a full receiver.", stats.holds);
  writer.counter("yields_total",
                 "Times a session gave way to the others of its shard, its turn being used up.",
                 stats.yields);
  writer.counter("patterns_refused_total", "Subscribe and exclude operations beyond a limit of patterns.",
                 stats.patterns_refused);
  writer.counter("refused_fifo_lines_total", "Lines of fifos that say nothing that can be sent.",
                 stats.refused_lines);
  writer.counter("accept_pauses_total", "Times a listener paused: no descriptor or memory for a connection.",
                 stats.accept_pauses);
  writer.family("frames_total", "counter", "Frames read from and queued for clients.");
  writer.value({{"direction", "in"}}, stats.frames_in);
  writer.value({{"direction", "out"}}, stats.frames_out);
  writer.family("bytes_total", "counter", "Bytes of those frames on the wire.");
  writer.value({{"direction", "in"}}, stats.bytes_in);
  writer.value({{"direction", "out"}}, stats.bytes_out);
  writer.family("lost_frames_total", "counter", "Frames that did not reach a receiver, by cause.");
  for (std::size_t i = 0; i < loss_causes; ++i)
    writer.value({{"cause", to_string(static_cast<LossCause>(i))}}, stats.lost[i]);
  writer.family("closed_total", "counter", "Connections that ended, by reason.");
  for (std::size_t i = 1; i < close_reasons; ++i)
    writer.value({{"reason", to_string(static_cast<CloseReason>(i))}}, stats.closed[i]);
  writer.family("refused_connections_total", "counter", "Connections turned away, by reason.");
  for (std::size_t i = 0; i < refusal_reasons; ++i)
    writer.value({{"reason", to_string(static_cast<RefusalReason>(i))}}, stats.refused[i]);
}

void write_clients(Writer& writer, const std::vector<ClientInfo>& clients) {
  writer.family("client_frames_total", "counter", "Frames read from and queued for a client.");
  for (const ClientInfo& client : clients) {
    writer.value({{"client", client.name}, {"direction", "in"}}, client.frames_in);
    writer.value({{"client", client.name}, {"direction", "out"}}, client.frames_out);
  }
  writer.family("client_bytes_total", "counter", "Bytes of those frames on the wire.");
  for (const ClientInfo& client : clients) {
    writer.value({{"client", client.name}, {"direction", "in"}}, client.bytes_in);
    writer.value({{"client", client.name}, {"direction", "out"}}, client.bytes_out);
  }
  writer.family("client_queue_frames", "gauge", "Frames that wait for a client.");
  for (const ClientInfo& client : clients) writer.value({{"client", client.name}}, client.queue);
  writer.family("client_memory_bytes", "gauge", "Memory held for a client.");
  for (const ClientInfo& client : clients) writer.value({{"client", client.name}}, client.memory_bytes);
  writer.family("client_holds_total", "counter", "Times a client had to wait for a full receiver.");
  for (const ClientInfo& client : clients) writer.value({{"client", client.name}}, client.holds);
  writer.family("client_lost_frames_total", "counter", "Frames lost for a client, by cause; zeros left out.");
  for (const ClientInfo& client : clients) {
    for (std::size_t i = 0; i < loss_causes; ++i) {
      if (client.lost[i] == 0) continue;
      writer.value({{"client", client.name}, {"cause", to_string(static_cast<LossCause>(i))}},
                   client.lost[i]);
    }
  }
}

}  // namespace

std::string prometheus_text(const BrokerStats& stats, const std::vector<ClientInfo>& clients) {
  Writer writer;
  write_totals(writer, stats);
  write_clients(writer, clients);
  return writer.take();
}

}  // namespace busrt
