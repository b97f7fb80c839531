// The data of process events as JSON. The names, types and sentences of the fields are in
// daemoneye/events/process_fields.hpp.
//
// A field that could not be read is null and named in `incomplete`; a kernel thread has neither executable
// nor arguments, and misses nothing.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "host_names.hpp"

namespace procmond {

/// How something became known.
enum class ObservedBy : std::uint8_t {
  connector,  ///< the kernel reported it
  snapshot,   ///< it ran when watching began
  rescan,     ///< found, or found missing, after the kernel had dropped events
  scan,       ///< found, or found missing, by a periodic scan
  pid_reuse,  ///< its pid belongs to another process now
};
[[nodiscard]] std::string_view to_string(ObservedBy by) noexcept;

/// How a process ended, from its wait status.
struct ExitStatus {
  std::optional<int> code;    ///< of exit(); empty when a signal ended it
  std::optional<int> signal;  ///< empty when it called exit()
  bool core_dumped = false;
};
[[nodiscard]] ExitStatus decode_wait_status(std::uint32_t status) noexcept;

/// The fields that every event has. `parent` may be null.
[[nodiscard]] boost::json::object describe_process(const Process& process, const Process* parent,
                                                   const Host& host, ObservedBy by);
/// Adds the fields of an exit; without a status, code and signal are null and incomplete.
void add_exit(boost::json::object& data, std::optional<std::uint32_t> status,
              std::optional<std::uint64_t> duration_ns);
/// Adds changed ("uid" or "gid"), old and new: {real, effective}; old is null when it was not known.
void add_change(boost::json::object& data, std::string_view what, const std::optional<IdPair>& before,
                const IdPair& now);
/// Whether something is missing in the data.
[[nodiscard]] bool is_incomplete(const boost::json::object& data) noexcept;

}  // namespace procmond
