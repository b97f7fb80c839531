// The schema: one table of fields for each domain, and for the envelope and the records loss, alert and task.
#pragma once

#include <span>
#include <string_view>

#include "daemoneye/events/field.hpp"

namespace daemoneye::events {

/// A kind of events in a domain.
struct Kind {
  std::string_view name;
  std::string_view sentence;
};

/// A table: what the events of one domain, or one other record, hold.
struct Table {
  std::string_view name;
  std::string_view sentence;
  std::span<const Kind> kinds;  ///< empty for what is no domain
  std::span<const Field* const> fields;
};

/// Returns the tables of the domains: process, network, filesystem, performance.
[[nodiscard]] std::span<const Table* const> domains() noexcept;

/// Returns the domains, then envelope, loss, alert and task.
[[nodiscard]] std::span<const Table* const> tables() noexcept;

/// Returns the table of a domain, null when there is none of that name.
[[nodiscard]] const Table* find_domain(std::string_view name) noexcept;

/// Returns the field with this path ("process.pid"), null when the table has none.
[[nodiscard]] const Field* find_field(const Table& table, std::string_view path) noexcept;

/// Returns the field that Sigma rules call by this name, null when the table has none.
[[nodiscard]] const Field* find_by_sigma(const Table& table, std::string_view sigma) noexcept;

/// Returns whether the domain has events of this kind.
[[nodiscard]] bool has_kind(const Table& domain, std::string_view kind) noexcept;

}  // namespace daemoneye::events
