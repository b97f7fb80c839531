// Results as values: what every fallible call of the project returns.
//
// An error that a caller can expect is a value; exceptions are for faults and end the operation at its
// boundary.
#pragma once

#include <expected>
#include <string>
#include <system_error>
#include <utility>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt::base {

/// An expected failure: a code to branch on and a sentence for people.
struct Error {
  std::error_code code;  ///< compare it with an error enum, such as busrt::errc
  /// What failed, naming the field, file, address or peer. May be empty when the code says it all.
  std::string message;

  /// A code, and what it is about.
  Error(std::error_code error_code, std::string text = {}) : code(error_code), message(std::move(text)) {}
  /// The same from a value of an error enum.
  template <class Enum>
    requires std::is_error_code_enum_v<Enum>
  Error(Enum value, std::string text = {}) : code(make_error_code(value)), message(std::move(text)) {}

  /// The sentence, followed by the code's own words when they add something.
  [[nodiscard]] std::string describe() const {
    return message.empty() ? code.message() : message + " (" + code.message() + ")";
  }
};

/// A value, or why there is none.
template <class T = void>
using Result = std::expected<T, Error>;

/// The usual way to return a failure: `return base::fail(errc::busy, "name taken: " + name);`
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Args&&... args) {
  return std::unexpected<Error>(std::in_place, std::forward<Args>(args)...);
}

/// A failed system call, from `errno` as it stands.
[[nodiscard]] inline std::unexpected<Error> fail_errno(int error_number, std::string what) {
  return std::unexpected<Error>(std::in_place, std::error_code(error_number, std::generic_category()),
                                std::move(what));
}

}  // namespace busrt::base
BUSRT_API_END
