// A field of the schema: everything that the project says about it, once.
//
// Collectors write fields by `name`; the store makes columns, rules match by `sigma`, exports rename to
// `ecs`, and docs/events.md prints `sentence`. An object is a field too, and its members point to it. A field
// of one event stands in `data` under its name, a member stands in the object's value under its own name;
// `path()` joins them by a dot: "process.pid".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace daemoneye::events {

/// What a field holds, and its form in JSON.
enum class Type : std::uint8_t {
  boolean,
  integer,
  unsigned_integer,
  unsigned_or_unknown,  ///< unsigned, or the text "unknown"
  real,
  text,        ///< UTF-8
  bytes,       ///< text; a byte that is not UTF-8 is written as \xNN
  text_list,   ///< array of text
  bytes_list,  ///< array of bytes
  time,        ///< RFC 3339 text in UTC with nanoseconds; INTEGER nanoseconds since 1970 in the store
  address,     ///< canonical text of an IPv4 or IPv6 address
  object,      ///< its members are fields of their own
};
[[nodiscard]] std::string_view to_string(Type type) noexcept;

/// Whether an event has the field.
enum class Presence : std::uint8_t {
  always,    ///< there, and never null
  nullable,  ///< there; null when it could not be read
  optional,  ///< there only where it applies, and never null
};
[[nodiscard]] std::string_view to_string(Presence presence) noexcept;

/// A constant of the schema; make it `inline constexpr`, since tables and members point to it.
struct Field {
  std::string_view name;
  Type type = Type::text;
  std::string_view sentence;  ///< for people: one sentence
  Presence presence = Presence::always;
  std::string_view unit{};                    ///< empty: none
  bool indexed = false;                       ///< questions often ask by it
  std::string_view ecs{};                     ///< its name in the Elastic Common Schema; empty: none
  std::string_view sigma{};                   ///< its name in Sigma rules; empty: none
  const Field* object = nullptr;              ///< the object that it is a member of
  std::span<const std::string_view> kinds{};  ///< the kinds of events that carry it; empty: every kind

  /// Returns the name with that of its object before it: "process.pid".
  [[nodiscard]] std::string path() const;
  [[nodiscard]] constexpr bool is_carried_by(std::string_view kind) const noexcept {
    for (const std::string_view one : kinds) {
      if (one == kind) return true;
    }
    return kinds.empty();
  }
};

}  // namespace daemoneye::events
