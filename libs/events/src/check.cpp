// Goes through an object member by member, then looks for what must be there and is not.
#include "daemoneye/events/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "daemoneye/events/loss_fields.hpp"
#include "daemoneye/events/schema.hpp"
#include "daemoneye/events/time_text.hpp"

namespace daemoneye::events {
namespace {

namespace json = boost::json;

bool is_unsigned(const json::value& value) {
  const auto* const integer = value.if_int64();
  return value.is_uint64() || (integer != nullptr && *integer >= 0);
}

bool is_list_of_text(const json::value& value) {
  const auto* const list = value.if_array();
  return list != nullptr &&
         std::ranges::all_of(*list, [](const json::value& one) { return one.is_string(); });
}

class Checker {
 public:
  Checker(const Table& table, std::string_view kind) : table_(table), kind_(kind) {}

  /// The members of one object; null: those of the data itself.
  void look_at(const json::object& members, const Field* object) {
    const std::string prefix = object == nullptr ? std::string() : object->path() + '.';
    for (const auto& member : members) {
      const std::string path = prefix + std::string(member.key());
      const Field* const field = find_field(table_, path);
      if (field == nullptr) {
        problems_.push_back(fmt::format("{}: no field of {}", path, table_.name));
      } else {
        look_at(*field, path, member.value());
      }
    }
    for (const Field* const field : table_.fields) {
      const bool missing = field->object == object && field->presence != Presence::optional &&
                           field->is_carried_by(kind_) && !members.contains(field->name);
      if (missing) problems_.push_back(fmt::format("{}: missing", field->path()));
    }
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(problems_); }

 private:
  void look_at(const Field& field, const std::string& path, const json::value& value) {
    if (!field.is_carried_by(kind_)) {
      problems_.push_back(fmt::format("{}: not a field of the kind {}", path, kind_));
    }
    if (value.is_null()) {
      if (field.presence != Presence::nullable) problems_.push_back(fmt::format("{}: null", path));
      return;
    }
    if (!has_type(value, field.type)) {
      problems_.push_back(fmt::format("{}: expected {}", path, to_string(field.type)));
      return;
    }
    if (field.type == Type::object) look_at(value.get_object(), &field);
  }

  const Table& table_;
  std::string_view kind_;
  std::vector<std::string> problems_;
};

}  // namespace

bool has_type(const json::value& value, Type type) {
  switch (type) {
    case Type::boolean:
      return value.is_bool();
    case Type::integer:
      return value.is_int64() || value.is_uint64();
    case Type::unsigned_integer:
      return is_unsigned(value);
    case Type::unsigned_or_unknown:
      return is_unsigned(value) || value == "unknown";
    case Type::real:
      return value.is_number();
    case Type::text:
    case Type::bytes:
    case Type::address:
      return value.is_string();
    case Type::text_list:
    case Type::bytes_list:
      return is_list_of_text(value);
    case Type::time:
      return value.is_string() && parse_time(value.get_string()).has_value();
    case Type::object:
      return value.is_object();
  }
  return false;
}

std::vector<std::string> check(const Event& event) {
  return check(event.domain, event.kind, event.data);
}

std::vector<std::string> check(std::string_view domain, std::string_view kind, const json::object& data) {
  const Table* const table = find_domain(domain);
  if (table == nullptr) return {fmt::format("{}: no such domain", domain)};
  const bool is_loss = kind == loss_kind;
  if (!is_loss && !has_kind(*table, kind)) return {fmt::format("{}.{}: no such kind", domain, kind)};
  Checker checker(is_loss ? loss::table : *table, kind);
  checker.look_at(data, nullptr);
  return checker.take();
}

}  // namespace daemoneye::events
