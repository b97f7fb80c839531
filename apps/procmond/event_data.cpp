// The text is written in the order of the schema, and memory is asked for once.
#include "event_data.hpp"

#include <ranges>
#include <span>
#include <utility>

#include "daemoneye/events/process_fields.hpp"

namespace procmond {
namespace {

namespace field = daemoneye::events::process;
using daemoneye::events::Field;

/// An event without its executable, arguments and control group.
constexpr std::size_t usual_bytes = 512;

std::size_t expected_bytes(const Process& process) {
  std::size_t bytes = usual_bytes;
  if (process.cgroup) bytes += process.cgroup->size();
  if (process.image == nullptr) return bytes;
  if (process.image->exe) bytes += process.image->exe->size();
  if (process.image->args) {
    // Quotes, a comma, and a few escapes.
    for (const std::string& arg : *process.image->args) bytes += arg.size() + 8;
  }
  return bytes;
}

std::string reserved(std::size_t bytes) {
  std::string text;
  text.reserve(bytes);
  return text;
}

}  // namespace

std::string_view to_string(ObservedBy by) noexcept {
  switch (by) {
    case ObservedBy::connector:
      return "connector";
    case ObservedBy::snapshot:
      return "snapshot";
    case ObservedBy::rescan:
      return "rescan";
    case ObservedBy::scan:
      return "scan";
    case ObservedBy::pid_reuse:
      return "pid_reuse";
  }
  return "unknown";
}

ExitStatus decode_wait_status(std::uint32_t status) noexcept {
  ExitStatus result;
  const auto signal = static_cast<int>(status & 0x7fU);
  if (signal == 0) {
    result.code = static_cast<int>((status >> 8U) & 0xffU);
  } else {
    result.signal = signal;
    result.core_dumped = (status & 0x80U) != 0;
  }
  return result;
}

EventData::EventData(const Process& process, const Process* parent, const Host& host, ObservedBy by)
    : text_(reserved(expected_bytes(process))), writer_(text_), by_(by) {
  put_identity(process, host);
  put(field::ppid, process.parent);
  if (parent != nullptr && parent->start) {
    auto object = writer_.object(field::parent);
    object.put(field::parent_pid, parent->pid);
    object.put(field::parent_start_time, parent->start->ticks);
    object.end();
  }
  put_ids(field::uid, field::euid, process.uid);
  put_ids(field::gid, field::egid, process.gid);
  put(field::comm, process.comm);
  put_image(process);
  put(field::cgroup, process.cgroup);
  writer_.put(field::observed_by, to_string(by));
}

void EventData::add_exit(std::optional<std::uint32_t> status, std::optional<std::uint64_t> duration_ns) {
  const ExitStatus exit = status ? decode_wait_status(*status) : ExitStatus{};
  writer_.put(field::exit_code, exit.code);
  writer_.put(field::signal, exit.signal);
  if (exit.core_dumped) writer_.put(field::core_dumped, true);
  if (!status) miss(field::exit_code);
  if (duration_ns) writer_.put(field::duration_ms, *duration_ns / 1'000'000);
}

void EventData::add_change(std::string_view what, const std::optional<IdPair>& before, const IdPair& now) {
  writer_.put(field::changed, what);
  if (before) {
    put_pair(field::old_ids, field::old_real, field::old_effective, *before);
  } else {
    writer_.put(field::old_ids, nullptr);
    miss(field::old_ids);
  }
  put_pair(field::new_ids, field::new_real, field::new_effective, now);
}

void EventData::add_previous(const Image* before) {
  if (before != nullptr && before->exe) writer_.put(field::previous_exe, *before->exe);
}

std::string EventData::take() {
  if (is_incomplete()) {
    const std::span missing(missing_.data(), missing_count_);
    writer_.put(field::incomplete,
                missing | std::views::transform([](const Field* one) { return one->name; }));
  }
  writer_.end();
  return std::move(text_);
}

template <class Value>
void EventData::put(const Field& described, const std::optional<Value>& value) {
  writer_.put(described, value);
  if (!value) miss(described);
}

void EventData::put_identity(const Process& process, const Host& host) {
  auto object = writer_.object(field::identity);
  object.put(field::pid, process.pid);
  if (process.start) {
    object.put(field::start_time, process.start->ticks);
    object.put(field::started_at, host.start_text(process.start->ticks));
    if (process.start->estimated) object.put(field::start_time_estimated, true);
  } else {
    object.put(field::start_time, nullptr);
    miss(field::start_time);
  }
  object.put(field::boot_id, host.boot_id());
  object.end();
}

void EventData::put_ids(const Field& real, const Field& effective, const std::optional<IdPair>& ids) {
  put(real, ids ? std::optional(ids->real) : std::nullopt);
  writer_.put(effective, ids ? std::optional(ids->effective) : std::nullopt);
}

void EventData::put_image(const Process& process) {
  if (process.kernel_thread) {
    writer_.put(field::exe, nullptr);
    writer_.put(field::args, std::span<const std::string>());
    writer_.put(field::kernel_thread, true);
    return;
  }
  const Image* image = process.image.get();
  put(field::exe, image != nullptr ? image->exe : std::nullopt);
  if (image == nullptr || !image->args) {
    writer_.put(field::args, nullptr);
    miss(field::args);
    return;
  }
  writer_.put(field::args, *image->args);
  if (image->args_truncated) writer_.put(field::args_truncated, true);
}

void EventData::put_pair(const Field& object, const Field& real, const Field& effective, const IdPair& ids) {
  auto pair = writer_.object(object);
  pair.put(real, ids.real);
  pair.put(effective, ids.effective);
  pair.end();
}

}  // namespace procmond
