#include "transport/windows/owner.hpp"

#include <aclapi.h>

namespace busrt::transport {

namespace {

/// TOKEN_USER of this process.
Result<std::vector<std::byte>> current_user() {
  HANDLE opened = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &opened) == 0) {
    return fail_system(::GetLastError(), "cannot tell which user this is");
  }
  const Handle token(opened);
  DWORD size = 0;
  ::GetTokenInformation(token.get(), TokenUser, nullptr, 0, &size);
  std::vector<std::byte> user(size);
  if (::GetTokenInformation(token.get(), TokenUser, user.data(), size, &size) == 0) {
    return fail_system(::GetLastError(), "cannot tell which user this is");
  }
  return user;
}

PSID sid_of(std::vector<std::byte>& user) noexcept {
  return reinterpret_cast<TOKEN_USER*>(user.data())->User.Sid;
}

bool is_well_known(PSID sid, WELL_KNOWN_SID_TYPE type) {
  return ::IsWellKnownSid(sid, type) != 0;
}

}  // namespace

Result<OwnerOnly> OwnerOnly::make() {
  auto user = current_user();
  if (!user) return std::unexpected(std::move(user).error());
  OwnerOnly owner;
  owner.user_ = *std::move(user);
  const PSID sid = sid_of(owner.user_);
  owner.acl_.resize(sizeof(ACL) + sizeof(ACCESS_ALLOWED_ACE) + ::GetLengthSid(sid));
  auto* acl = reinterpret_cast<ACL*>(owner.acl_.data());
  owner.descriptor_ = std::make_unique<SECURITY_DESCRIPTOR>();
  auto* descriptor = owner.descriptor_.get();
  if (::InitializeAcl(acl, static_cast<DWORD>(owner.acl_.size()), ACL_REVISION) == 0 ||
      ::AddAccessAllowedAce(acl, ACL_REVISION, GENERIC_ALL, sid) == 0 ||
      ::InitializeSecurityDescriptor(descriptor, SECURITY_DESCRIPTOR_REVISION) == 0 ||
      ::SetSecurityDescriptorOwner(descriptor, sid, FALSE) == 0 ||
      ::SetSecurityDescriptorDacl(descriptor, TRUE, acl, FALSE) == 0) {
    return fail_system(::GetLastError(), "cannot make a security descriptor for this user");
  }
  return owner;
}

SECURITY_ATTRIBUTES OwnerOnly::attributes() noexcept {
  return {.nLength = sizeof(SECURITY_ATTRIBUTES),
          .lpSecurityDescriptor = descriptor_.get(),
          .bInheritHandle = FALSE};
}

Result<> check_owner(HANDLE pipe) {
  PSID owner = nullptr;
  PSECURITY_DESCRIPTOR found = nullptr;
  const DWORD error = ::GetSecurityInfo(pipe, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner, nullptr,
                                        nullptr, nullptr, &found);
  if (error != ERROR_SUCCESS) return fail_system(error, "cannot tell whose pipe it is");
  const std::unique_ptr<void, decltype(&::LocalFree)> free(found, &::LocalFree);
  auto user = current_user();
  if (!user) return std::unexpected(std::move(user).error());
  if (owner == nullptr) return fail(errc::access, "the pipe does not say whose it is");
  if (::EqualSid(owner, sid_of(*user)) != 0 || is_well_known(owner, WinLocalSystemSid) ||
      is_well_known(owner, WinBuiltinAdministratorsSid)) {
    return {};
  }
  return fail(errc::access, "the pipe belongs to another user");
}

}  // namespace busrt::transport
