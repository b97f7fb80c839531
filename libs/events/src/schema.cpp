// The list of tables, and look-ups. Tables are short, so a look-up goes through the fields.
#include "daemoneye/events/schema.hpp"

#include <algorithm>
#include <array>

#include "daemoneye/events/alert_fields.hpp"
#include "daemoneye/events/envelope_fields.hpp"
#include "daemoneye/events/filesystem_fields.hpp"
#include "daemoneye/events/loss_fields.hpp"
#include "daemoneye/events/network_fields.hpp"
#include "daemoneye/events/performance_fields.hpp"
#include "daemoneye/events/process_fields.hpp"
#include "daemoneye/events/task_fields.hpp"

namespace daemoneye::events {
namespace {

constexpr std::size_t domain_count = 4;
constexpr std::array<const Table*, 8> all_tables = {&process::table,     &network::table,  &filesystem::table,
                                                    &performance::table, &envelope::table, &loss::table,
                                                    &alert::table,       &task::table};

/// Whether the field's path is this one; compares from the end, without making text.
bool has_path(const Field& field, std::string_view path) noexcept {
  if (!path.ends_with(field.name)) return false;
  path.remove_suffix(field.name.size());
  if (field.object == nullptr) return path.empty();
  if (!path.ends_with('.')) return false;
  path.remove_suffix(1);
  return has_path(*field.object, path);
}

}  // namespace

std::span<const Table* const> domains() noexcept {
  return std::span(all_tables).first<domain_count>();
}

std::span<const Table* const> tables() noexcept {
  return all_tables;
}

const Table* find_domain(std::string_view name) noexcept {
  const auto all = domains();
  const auto found = std::ranges::find(all, name, &Table::name);
  return found == all.end() ? nullptr : *found;
}

const Field* find_field(const Table& table, std::string_view path) noexcept {
  const auto found =
      std::ranges::find_if(table.fields, [path](const Field* field) { return has_path(*field, path); });
  return found == table.fields.end() ? nullptr : *found;
}

const Field* find_by_sigma(const Table& table, std::string_view sigma) noexcept {
  if (sigma.empty()) return nullptr;
  const auto found = std::ranges::find(table.fields, sigma, &Field::sigma);
  return found == table.fields.end() ? nullptr : *found;
}

bool has_kind(const Table& domain, std::string_view kind) noexcept {
  return std::ranges::find(domain.kinds, kind, &Kind::name) != domain.kinds.end();
}

}  // namespace daemoneye::events
