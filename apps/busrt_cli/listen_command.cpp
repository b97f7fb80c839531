// `listen`: prints every frame until the connection or the process ends.
#include <fmt/core.h>

#include <chrono>

#include "busrt/base/printable.hpp"
#include "busrt/blocking_client.hpp"
#include "commands.hpp"
#include "connection.hpp"
#include "frame_output.hpp"
#include "payload.hpp"

namespace busrt_cli {
namespace {

/// Nothing depends on it: waiting simply starts again.
constexpr std::chrono::seconds receive_wait{60};

std::string_view kind_name(busrt::FrameKind kind) {
  switch (kind) {
    case busrt::FrameKind::publish:
      return "Publish";
    case busrt::FrameKind::broadcast:
      return "Broadcast";
    default:
      return "Message";
  }
}

}  // namespace

PayloadForm listed(const Journal& journal) {
  return journal.silent() ? PayloadForm::line : PayloadForm::headed;
}

void print_separator() {
  print_out("{}\n", paint(Style::dimmed, "----"));
}

void print_sender(std::string_view what, const busrt::Frame& frame) {
  if (!what.empty()) print_out("{} ", paint(Style::yellow, what));
  print_out("from {} ({})\n", paint(Style::bold, busrt::base::printable(frame.sender())),
            busrt::base::printable(frame.primary_sender()));
}

void print_frame(const busrt::Frame& frame, const Journal& journal) {
  journal.info(fmt::format("Incoming frame {} byte(s)", grouped(frame.payload().size())));
  print_sender(kind_name(frame.kind()), frame);
  if (frame.kind() == busrt::FrameKind::publish) {
    print_out("topic: {}\n", paint(Style::magenta, busrt::base::printable(frame.topic())));
  }
  print_out("{}", payload_text(frame.payload(), listed(journal)));
  print_separator();
}

int run_listen(const Options& options) {
  const Journal journal(options.silent);
  busrt::BlockingClient client(client_config(options));
  if (auto up = client.connect(); !up) return fail_to_connect(options, up.error());
  for (const std::string& topic : options.excluded) {
    journal.info("excluding a topic " + paint(Style::yellow, shown(topic)));
  }
  if (!options.excluded.empty()) {
    if (auto done = client.exclude(options.excluded); !done) return fail_with("excluding", done.error());
  }
  for (const std::string& topic : options.topics) {
    journal.info("subscribing to a topic " + paint(Style::yellow, shown(topic)));
  }
  if (!options.topics.empty()) {
    if (auto done = client.subscribe(options.topics); !done) return fail_with("subscribing", done.error());
  }
  print_separator();
  print_out("Listening to messages for {} ...\n", paint(Style::cyan, shown(options.name)));
  for (;;) {
    const auto frame = client.receive(receive_wait);
    if (frame) {
      print_frame(*frame, journal);
    } else if (frame.error().code != busrt::errc::timeout) {
      return fail_with("the connection to the broker ended", frame.error());
    }
  }
}

}  // namespace busrt_cli
