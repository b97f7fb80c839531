// Takes secrets out of command lines before anything else of procmond sees them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace procmond {

/// What takes a secret's place.
inline constexpr std::string_view masked = "***";

/// Masks in place, by the names of secret_names.hpp:
/// - the argument after a secret flag, `--password x`, `-token x`, unless it looks like a long option itself
///   (`--verbose`); hiding a harmless argument is better than showing a secret one;
/// - `--password=x`, `PASSWORD=x`, `-Ddb.password=x`, `--env=PASSWORD=x`, and pairs inside lists, queries and
///   connection strings: `username=u,password=x`, `?token=x&a=b`, `Uid=u;Password=x`;
/// - `"password": "x"` in JSON;
/// - headers: `Authorization: Bearer x` (the scheme stays), `X-Api-Key: x`, `Cookie: x`, attached to -H as
/// well;
/// - user:password@ in URLs, and a user part of 20 bytes or more in an http URL, which is a token;
/// - `--user name:x`, `--proxy-user name:x`, except for the container tools, where it is user:group;
/// - by program, as program_rules.cpp lists them: mysql and its family `-px`, sshpass `-p x`, redis-cli `-a
/// x`, curl `-u user:x` and `-sSu user:x`, smbclient `-U user%x`, sqlplus `user/x@db`, and others;
/// - all of it again inside an argument that holds blanks (`sh -c "..."`), quotes respected.
///
/// `program` is the executable's path or name; it chooses the rules of programs, as does any argument that
/// names one (`sudo mysql -px`). Pure.
void mask_arguments(std::string_view program, std::vector<std::string>& args);

}  // namespace procmond
