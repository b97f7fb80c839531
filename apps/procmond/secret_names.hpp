// Which names of flags, variables and headers stand for a secret: the one table behind masking.
#pragma once

#include <string_view>

namespace procmond {

/// `name` without leading dashes and without its value. Decided by the last word of the name, words being
/// separated by `-`, `_`, `.` or a capital (accessKey): so `github-token`, `DB_PASSWORD` and `PGPASSWORD` are
/// secret, while `token-count`, `password-file`, `AWS_ACCESS_KEY_ID` and `max-tokens` are not. `PWD` and
/// `OLDPWD` are directories; `MYSQL_PWD` is secret. A name whose first word is `no` is a switch and has no
/// secret value.
[[nodiscard]] bool is_secret_name(std::string_view name);

/// The same for the name of a header, where `authorization` and cookies are secret as well.
[[nodiscard]] bool is_secret_header(std::string_view name);

}  // namespace procmond
