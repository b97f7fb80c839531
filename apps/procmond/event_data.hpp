// The data of process events as JSON. The names, types and sentences of the fields are in
// daemoneye/events/process_fields.hpp.
//
// A field that could not be read is null and named in `incomplete`; a kernel thread has neither executable
// nor arguments, and misses nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemoneye/events/object_writer.hpp"
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

/// Writes the data of one event as JSON text. A field that could not be read is null and named in
/// `incomplete`, which the writer adds at the end.
///
/// The constructor writes the fields that every event has; the members add those of a kind, and take() ends
/// the object.
class EventData {
 public:
  /// `parent` may be null.
  EventData(const Process& process, const Process* parent, const Host& host, ObservedBy by);
  EventData(const EventData&) = delete;  // the writer points to the text
  EventData& operator=(const EventData&) = delete;

  /// Adds the fields of an exit; without a status, code and signal are null and incomplete.
  void add_exit(std::optional<std::uint32_t> status, std::optional<std::uint64_t> duration_ns);
  /// Adds changed ("uid" or "gid"), old and new: {real, effective}; old is null when it was not known.
  void add_change(std::string_view what, const std::optional<IdPair>& before, const IdPair& now);
  /// Adds what an exec replaced, where that is known.
  void add_previous(const Image* before);

  /// Returns whether something is missing in the data.
  [[nodiscard]] bool is_incomplete() const noexcept { return missing_count_ != 0; }
  [[nodiscard]] ObservedBy observed_by() const noexcept { return by_; }
  /// Ends the object and returns its text.
  [[nodiscard]] std::string take();

 private:
  template <class Value>
  void put(const daemoneye::events::Field& field, const std::optional<Value>& value);
  void put_identity(const Process& process, const Host& host);
  void put_ids(const daemoneye::events::Field& real, const daemoneye::events::Field& effective,
               const std::optional<IdPair>& ids);
  void put_image(const Process& process);
  void put_pair(const daemoneye::events::Field& object, const daemoneye::events::Field& real,
                const daemoneye::events::Field& effective, const IdPair& ids);
  void miss(const daemoneye::events::Field& field) { missing_.at(missing_count_++) = &field; }

  /// More than there are fields that can be missing.
  static constexpr std::size_t most_missing = 16;

  std::string text_;
  daemoneye::events::ObjectWriter writer_;
  std::array<const daemoneye::events::Field*, most_missing> missing_{};
  std::size_t missing_count_ = 0;
  ObservedBy by_;
};

}  // namespace procmond
