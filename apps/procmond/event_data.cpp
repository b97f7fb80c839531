// Building JSON is a third of what an event costs, so objects reserve what they will hold.
#include "event_data.hpp"

#include <boost/json/array.hpp>

#include "daemoneye/events/process_fields.hpp"

namespace procmond {
namespace {

namespace json = boost::json;
namespace field = daemoneye::events::process;
using daemoneye::events::Field;

constexpr std::size_t usual_fields = 20;

void miss(json::object& data, const Field& missing) {
  auto [found, fresh] = data.emplace(field::incomplete.name, json::array());
  found->value().as_array().emplace_back(json::string(missing.name));
}

template <class Value>
void put(json::object& data, const Field& described, const std::optional<Value>& value) {
  if (value) {
    data.emplace(described.name, *value);
  } else {
    data.emplace(described.name, nullptr);
    miss(data, described);
  }
}

void put_ids(json::object& data, const Field& real, const Field& effective,
             const std::optional<IdPair>& ids) {
  put(data, real, ids ? std::optional(ids->real) : std::nullopt);
  if (ids) {
    data.emplace(effective.name, ids->effective);
  } else {
    data.emplace(effective.name, nullptr);
  }
}

json::object identity(const Process& process, const Host& host) {
  json::object object;
  object.reserve(5);
  object.emplace(field::pid.name, process.pid);
  if (process.start) {
    object.emplace(field::start_time.name, process.start->ticks);
    object.emplace(field::started_at.name, host.start_text(process.start->ticks));
    if (process.start->estimated) object.emplace(field::start_time_estimated.name, true);
  } else {
    object.emplace(field::start_time.name, nullptr);
  }
  object.emplace(field::boot_id.name, host.boot_id());
  return object;
}

void put_image(json::object& data, const Process& process) {
  if (process.kernel_thread) {
    data.emplace(field::exe.name, nullptr);
    data.emplace(field::args.name, json::array());
    data.emplace(field::kernel_thread.name, true);
    return;
  }
  const Image* image = process.image.get();
  put(data, field::exe, image != nullptr ? image->exe : std::nullopt);
  if (image == nullptr || !image->args) {
    data.emplace(field::args.name, nullptr);
    miss(data, field::args);
    return;
  }
  json::array args;
  args.reserve(image->args->size());
  for (const std::string& arg : *image->args) args.emplace_back(json::string(arg));
  data.emplace(field::args.name, std::move(args));
  if (image->args_truncated) data.emplace(field::args_truncated.name, true);
}

json::value id_pair(const Field& real, const Field& effective, const IdPair& ids) {
  json::object object;
  object.emplace(real.name, ids.real);
  object.emplace(effective.name, ids.effective);
  return object;
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

json::object describe_process(const Process& process, const Process* parent, const Host& host,
                              ObservedBy by) {
  json::object data;
  data.reserve(usual_fields);
  data.emplace(field::identity.name, identity(process, host));
  if (!process.start) miss(data, field::start_time);
  put(data, field::ppid, process.parent);
  if (parent != nullptr && parent->start) {
    data.emplace(field::parent.name, json::object{{field::parent_pid.name, parent->pid},
                                                  {field::parent_start_time.name, parent->start->ticks}});
  }
  put_ids(data, field::uid, field::euid, process.uid);
  put_ids(data, field::gid, field::egid, process.gid);
  put(data, field::comm, process.comm);
  put_image(data, process);
  put(data, field::cgroup, process.cgroup);
  data.emplace(field::observed_by.name, to_string(by));
  return data;
}

void add_exit(json::object& data, std::optional<std::uint32_t> status,
              std::optional<std::uint64_t> duration_ns) {
  const ExitStatus exit = status ? decode_wait_status(*status) : ExitStatus{};
  data.emplace(field::exit_code.name, exit.code ? json::value(*exit.code) : json::value());
  data.emplace(field::signal.name, exit.signal ? json::value(*exit.signal) : json::value());
  if (exit.core_dumped) data.emplace(field::core_dumped.name, true);
  if (!status) miss(data, field::exit_code);
  if (duration_ns) data.emplace(field::duration_ms.name, *duration_ns / 1'000'000);
}

void add_change(json::object& data, std::string_view what, const std::optional<IdPair>& before,
                const IdPair& now) {
  data.emplace(field::changed.name, what);
  data.emplace(field::old_ids.name,
               before ? id_pair(field::old_real, field::old_effective, *before) : json::value());
  data.emplace(field::new_ids.name, id_pair(field::new_real, field::new_effective, now));
  if (!before) miss(data, field::old_ids);
}

bool is_incomplete(const json::object& data) noexcept {
  return data.contains(field::incomplete.name);
}

}  // namespace procmond
