// What procmond answers when it is asked about processes. Each task reads /proc through a host of its own,
// because that of the watching thread belongs to it.
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <utility>

#include "daemoneye/events/process_fields.hpp"
#include "event_data.hpp"
#include "process_source.hpp"

namespace procmond {

namespace asio = boost::asio;

namespace {

namespace field = daemoneye::events::process;
using daemoneye::collector::ResultParts;
using OpenHost = decltype(Platform::open_host);

/// Processes that a snapshot reads before others have their turn, and a cancellation is seen.
constexpr std::size_t processes_per_turn = 32;

constexpr daemoneye::events::Field wanted_pid{
    .name = field::pid.name, .type = field::pid.type, .sentence = "Process id of the process to look for."};

/// What an event of kind snapshot holds, members of objects included.
std::vector<const daemoneye::events::Field*> snapshot_fields() {
  std::vector<const daemoneye::events::Field*> all;
  for (const auto* const one : field::table.fields) {
    if (one->is_carried_by(field::kind::snapshot)) all.push_back(one);
  }
  return all;
}

/// Empty when there is no such process.
std::optional<boost::json::object> look_at(Host& host, Pid pid) {
  const auto reading = host.read(pid, Wanted{});
  if (!reading) return std::nullopt;
  const Process process = to_process(pid, *reading);
  std::optional<Process> parent;
  if (const auto read = host.read(reading->parent, Wanted{false, false, false})) {
    parent = to_process(reading->parent, *read);
  }
  EventData data(process, parent ? &*parent : nullptr, host, ObservedBy::snapshot);
  return boost::json::parse(data.take()).as_object();
}

asio::awaitable<busrt::base::Result<>> find(OpenHost open_host, boost::json::object params,
                                            ResultParts& parts) {
  const auto& given = params.at(wanted_pid.name);
  const auto pid = given.is_int64() ? given.get_int64() : 0;
  if (pid < 1 || !std::in_range<Pid>(pid)) {
    co_return busrt::base::fail(std::make_error_code(std::errc::invalid_argument),
                                std::string(wanted_pid.name) + ": expected a process id");
  }
  auto host = open_host();
  if (!host) co_return std::unexpected(std::move(host.error()));
  if (auto found = look_at(**host, static_cast<Pid>(pid))) parts.add(*std::move(found));
  co_return busrt::base::Result<>();
}

asio::awaitable<busrt::base::Result<>> snapshot(OpenHost open_host, ResultParts& parts) {
  auto host = open_host();
  if (!host) co_return std::unexpected(std::move(host.error()));
  const auto pids = (*host)->list();
  if (!pids) co_return std::unexpected(pids.error());
  std::size_t read = 0;
  for (const Pid pid : *pids) {
    if (++read % processes_per_turn == 0) {
      co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    }
    auto found = look_at(**host, pid);
    if (found && !parts.add(*std::move(found))) {
      co_return busrt::base::fail(std::make_error_code(std::errc::value_too_large), "too many processes");
    }
  }
  co_return busrt::base::Result<>();
}

}  // namespace

std::vector<daemoneye::collector::Operation> ProcessSource::operations() {
  return {{.name = "process.find",
           .sentence = "Reads the process that has this id now; no part when there is none.",
           .params = {&wanted_pid},
           .results = snapshot_fields(),
           .run = [open = platform_.open_host](
                      boost::json::object params,
                      ResultParts& parts) { return find(open, std::move(params), parts); }},
          {.name = "process.snapshot",
           .sentence = "Reads every process that runs now; one part each.",
           .params = {},
           .results = snapshot_fields(),
           .run = [open = platform_.open_host](boost::json::object /*params*/, ResultParts& parts) {
             return snapshot(open, parts);
           }}};
}

}  // namespace procmond
