// Who may open a pipe, and whose pipe it is.
#pragma once

#include <memory>
#include <vector>

#include "transport/windows/win32.hpp"

namespace busrt::transport {

/// A security descriptor that lets the user of this process in and nobody else.
class OwnerOnly {
 public:
  [[nodiscard]] static Result<OwnerOnly> make();
  /// For the call that creates an object; valid as long as this is.
  [[nodiscard]] SECURITY_ATTRIBUTES attributes() noexcept;

 private:
  OwnerOnly() = default;
  std::vector<std::byte> user_;  // TOKEN_USER
  std::vector<std::byte> acl_;
  std::unique_ptr<SECURITY_DESCRIPTOR> descriptor_;
};

/// The names of pipes are everybody's, so another user may have made one of the name we look for. Fails with
/// errc::access unless this user, the system or the administrators own the pipe.
[[nodiscard]] Result<> check_owner(HANDLE pipe);

}  // namespace busrt::transport
