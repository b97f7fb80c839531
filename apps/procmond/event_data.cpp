// Building JSON is a third of what an event costs, so objects reserve what they will hold.
#include "event_data.hpp"

#include <boost/json/array.hpp>

namespace procmond {
namespace {

namespace json = boost::json;

constexpr std::size_t usual_fields = 20;

void miss(json::object& data, std::string_view field) {
  auto [found, fresh] = data.emplace("incomplete", json::array());
  found->value().as_array().emplace_back(json::string(field));
}

template <class Value>
void put(json::object& data, std::string_view field, const std::optional<Value>& value) {
  if (value) {
    data.emplace(field, *value);
  } else {
    data.emplace(field, nullptr);
    miss(data, field);
  }
}

void put_ids(json::object& data, std::string_view real, std::string_view effective,
             const std::optional<IdPair>& ids) {
  put(data, real, ids ? std::optional(ids->real) : std::nullopt);
  if (ids) {
    data.emplace(effective, ids->effective);
  } else {
    data.emplace(effective, nullptr);
  }
}

json::object identity(const Process& process, const Host& host) {
  json::object object;
  object.reserve(5);
  object.emplace("pid", process.pid);
  if (process.start) {
    object.emplace("start_time", process.start->ticks);
    object.emplace("started_at", host.start_text(process.start->ticks));
    if (process.start->estimated) object.emplace("start_time_estimated", true);
  } else {
    object.emplace("start_time", nullptr);
  }
  object.emplace("boot_id", host.boot_id());
  return object;
}

void put_image(json::object& data, const Process& process) {
  if (process.kernel_thread) {
    data.emplace("exe", nullptr);
    data.emplace("args", json::array());
    data.emplace("kernel_thread", true);
    return;
  }
  const Image* image = process.image.get();
  put(data, "exe", image != nullptr ? image->exe : std::nullopt);
  if (image == nullptr || !image->args) {
    data.emplace("args", nullptr);
    miss(data, "args");
    return;
  }
  json::array args;
  args.reserve(image->args->size());
  for (const std::string& arg : *image->args) args.emplace_back(json::string(arg));
  data.emplace("args", std::move(args));
  if (image->args_truncated) data.emplace("args_truncated", true);
}

json::value id_pair(const IdPair& ids) {
  json::object object;
  object.emplace("real", ids.real);
  object.emplace("effective", ids.effective);
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
  data.emplace("process", identity(process, host));
  if (!process.start) miss(data, "start_time");
  put(data, "ppid", process.parent);
  if (parent != nullptr && parent->start) {
    data.emplace("parent", json::object{{"pid", parent->pid}, {"start_time", parent->start->ticks}});
  }
  put_ids(data, "uid", "euid", process.uid);
  put_ids(data, "gid", "egid", process.gid);
  put(data, "comm", process.comm);
  put_image(data, process);
  put(data, "cgroup", process.cgroup);
  data.emplace("observed_by", to_string(by));
  return data;
}

void add_exit(json::object& data, std::optional<std::uint32_t> status,
              std::optional<std::uint64_t> duration_ns) {
  const ExitStatus exit = status ? decode_wait_status(*status) : ExitStatus{};
  data.emplace("exit_code", exit.code ? json::value(*exit.code) : json::value());
  data.emplace("signal", exit.signal ? json::value(*exit.signal) : json::value());
  if (exit.core_dumped) data.emplace("core_dumped", true);
  if (!status) miss(data, "exit_code");
  if (duration_ns) data.emplace("duration_ms", *duration_ns / 1'000'000);
}

void add_change(json::object& data, std::string_view what, const std::optional<IdPair>& before,
                const IdPair& now) {
  data.emplace("changed", what);
  data.emplace("old", before ? id_pair(*before) : json::value());
  data.emplace("new", id_pair(now));
  if (!before) miss(data, "old");
}

bool is_incomplete(const json::object& data) noexcept {
  return data.contains("incomplete");
}

}  // namespace procmond
