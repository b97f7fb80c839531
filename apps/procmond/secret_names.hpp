// Which names of flags, variables and headers stand for a secret: the one table behind masking.
#pragma once

#include <string_view>

namespace procmond {

/// `name` without leading dashes and without its value; of a flag, a variable, a header or a member. Decided
/// by the last word of the name, words being separated by `-`, `_`, `.` or a capital (accessKey): so
/// `github-token`, `DB_PASSWORD`, `PGPASSWORD` and `Set-Cookie` are secret, while `token-count`,
/// `password-file`, `cookie-jar`, `AWS_ACCESS_KEY_ID` and `max-tokens` are not. `PWD` and `OLDPWD` are
/// directories; `MYSQL_PWD` is secret. A name whose first word is `no` is a switch and has no secret value.
[[nodiscard]] bool is_secret_name(std::string_view name);

/// The same for the name of a flag: `--pwd` is no directory.
[[nodiscard]] bool is_secret_flag(std::string_view name);

/// The same for `name=value`: `Uid=u;Pwd=x` of a connection string is secret, `PWD=/root` is not.
[[nodiscard]] bool is_secret_pair(std::string_view name, std::string_view value);

}  // namespace procmond
