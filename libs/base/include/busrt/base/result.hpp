// Results as values: the return type of every function that can fail.
//
// An error that a caller can expect is a value. An exception reports a fault, and ends the operation at its
// boundary.
#pragma once

#include <expected>
#include <string>
#include <system_error>
#include <utility>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt::base {

/// An expected failure: a code for the program and a message for people.
struct Error {
  std::error_code code;  ///< compare it with an error enum, such as busrt::errc
  /// What failed. The message names the field, file, address or peer. It may be empty if the code is enough.
  std::string message;

  /// Makes an error from a code and a message.
  Error(std::error_code error_code, std::string text = {}) : code(error_code), message(std::move(text)) {}
  /// Makes an error from a value of an error enum and a message.
  template <class Enum>
    requires std::is_error_code_enum_v<Enum>
  Error(Enum value, std::string text = {}) : code(make_error_code(value)), message(std::move(text)) {}

  /// Returns the message, followed by the code's own text in parentheses. Without a message it returns the
  /// code's text.
  [[nodiscard]] std::string describe() const {
    return message.empty() ? code.message() : message + " (" + code.message() + ")";
  }
};

/// A value, or the error that explains why there is none.
template <class T = void>
using Result = std::expected<T, Error>;

/// Returns a failure: `return base::fail(errc::busy, "name taken: " + name);`
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Args&&... args) {
  return std::unexpected<Error>(std::in_place, std::forward<Args>(args)...);
}

/// Returns the failure of a system call. `error_number` is the value of `errno`.
[[nodiscard]] inline std::unexpected<Error> fail_errno(int error_number, std::string what) {
  return std::unexpected<Error>(std::in_place, std::error_code(error_number, std::generic_category()),
                                std::move(what));
}

}  // namespace busrt::base
BUSRT_API_END
