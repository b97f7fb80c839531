// One category, one code.
#include "daemoneye/events/error.hpp"

#include <string>

namespace daemoneye::events {
namespace {

class Category final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "daemoneye.events"; }
  [[nodiscard]] std::string message(int) const override { return "malformed"; }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

}  // namespace daemoneye::events
