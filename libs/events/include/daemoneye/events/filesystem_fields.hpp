// The fields of the filesystem domain, for fsmond.
#pragma once

#include <array>

#include "daemoneye/events/field.hpp"
#include "daemoneye/events/process_fields.hpp"
#include "daemoneye/events/schema.hpp"

namespace daemoneye::events::filesystem {

inline constexpr std::string_view domain = "filesystem";

namespace kind {
inline constexpr std::string_view create = "create";
inline constexpr std::string_view modify = "modify";
inline constexpr std::string_view close_write = "close_write";
inline constexpr std::string_view remove = "delete";
inline constexpr std::string_view rename = "rename";
inline constexpr std::string_view attributes = "attributes";
inline constexpr std::string_view owner = "owner";
inline constexpr std::string_view link = "link";
inline constexpr std::string_view exec = "exec";
inline constexpr std::string_view mount = "mount";
inline constexpr std::string_view unmount = "unmount";
}  // namespace kind

inline constexpr std::array only_rename = {kind::rename};
inline constexpr std::array only_link = {kind::link};
inline constexpr std::array hashed_kinds = {kind::close_write, kind::exec};
inline constexpr std::array mounts = {kind::mount, kind::unmount};

inline constexpr Field identity{.name = process::identity.name,
                                .type = Type::object,
                                .sentence = "The process that did it, where the source can tell.",
                                .presence = Presence::optional,
                                .ecs = "process"};
inline constexpr Field pid{.name = process::pid.name,
                           .type = process::pid.type,
                           .sentence = "Process id.",
                           .indexed = true,
                           .ecs = "process.pid",
                           .sigma = "ProcessId",
                           .object = &identity};
inline constexpr Field start_time{.name = process::start_time.name,
                                  .type = process::start_time.type,
                                  .sentence = "When the process started.",
                                  .presence = Presence::nullable,
                                  .unit = process::start_time.unit,
                                  .object = &identity};
inline constexpr Field boot_id{.name = process::boot_id.name,
                               .type = process::boot_id.type,
                               .sentence = "Id of the host's boot.",
                               .ecs = "host.boot.id",
                               .object = &identity};
inline constexpr Field exe{.name = process::exe.name,
                           .type = process::exe.type,
                           .sentence = "Path of the executable of the process.",
                           .presence = Presence::optional,
                           .indexed = true,
                           .ecs = "process.executable",
                           .sigma = "Image"};
inline constexpr Field uid{.name = process::uid.name,
                           .type = process::uid.type,
                           .sentence = "Real user id of the process; rules match the name of this user.",
                           .presence = Presence::optional,
                           .indexed = true,
                           .ecs = "process.real_user.id",
                           .sigma = "User"};
inline constexpr Field path{.name = "path",
                            .type = Type::bytes,
                            .sentence = "Path of the file; after a rename the new one.",
                            .indexed = true,
                            .ecs = "file.path",
                            .sigma = "TargetFilename"};
inline constexpr Field old_path{.name = "old_path",
                                .type = Type::bytes,
                                .sentence = "Path of the file before the rename.",
                                .presence = Presence::nullable,
                                .indexed = true,
                                .sigma = "SourceFilename",
                                .kinds = only_rename};
inline constexpr Field target_path{.name = "target_path",
                                   .type = Type::bytes,
                                   .sentence = "What the link points to.",
                                   .presence = Presence::nullable,
                                   .ecs = "file.target_path",
                                   .kinds = only_link};
inline constexpr Field file_type{
    .name = "file_type",
    .type = Type::text,
    .sentence = "What it is: file, dir, symlink, fifo, socket, char_device or block_device.",
    .presence = Presence::optional,
    .ecs = "file.type"};
inline constexpr Field device{.name = "device",
                              .type = Type::unsigned_integer,
                              .sentence = "Number of the device that holds the file.",
                              .presence = Presence::optional};
inline constexpr Field inode{.name = "inode",
                             .type = Type::unsigned_integer,
                             .sentence = "Number of the inode on its device.",
                             .presence = Presence::optional,
                             .ecs = "file.inode"};
inline constexpr Field mode{.name = "mode",
                            .type = Type::text,
                            .sentence = "Permissions in octal digits.",
                            .presence = Presence::optional,
                            .ecs = "file.mode"};
inline constexpr Field owner{.name = "owner",
                             .type = Type::unsigned_integer,
                             .sentence = "User id of the owner of the file.",
                             .presence = Presence::optional,
                             .ecs = "file.uid"};
inline constexpr Field group{.name = "group",
                             .type = Type::unsigned_integer,
                             .sentence = "Group id of the file.",
                             .presence = Presence::optional,
                             .ecs = "file.gid"};
inline constexpr Field size{.name = "size",
                            .type = Type::unsigned_integer,
                            .sentence = "Size of the file.",
                            .presence = Presence::optional,
                            .unit = "bytes",
                            .ecs = "file.size"};
inline constexpr Field hash{.name = "sha256",
                            .type = Type::text,
                            .sentence = "SHA-256 of the contents in lower-case hexadecimal digits.",
                            .presence = Presence::optional,
                            .indexed = true,
                            .ecs = "file.hash.sha256",
                            .kinds = hashed_kinds};
inline constexpr Field hash_state{.name = "hash_state",
                                  .type = Type::text,
                                  .sentence = "hashed, too_large, vanished, denied or changed_while_read.",
                                  .presence = Presence::optional,
                                  .kinds = hashed_kinds};
inline constexpr Field filesystem_type{.name = "filesystem_type",
                                       .type = Type::text,
                                       .sentence = "Type of the mounted filesystem.",
                                       .kinds = mounts};
inline constexpr Field by_rescan{
    .name = "by_rescan",
    .type = Type::boolean,
    .sentence = "A rescan after a loss found it, so time and process are not known.",
    .presence = Presence::optional};
inline constexpr Field observed_by{.name = process::observed_by.name,
                                   .type = process::observed_by.type,
                                   .sentence = "How it became known: the name of the source."};
inline constexpr Field incomplete{.name = process::incomplete.name,
                                  .type = process::incomplete.type,
                                  .sentence = "Names of the fields that could not be read and are null.",
                                  .presence = Presence::optional};

inline constexpr std::array kinds = {
    Kind{kind::create, "A file or directory was made."},
    Kind{kind::modify, "The contents of a file changed."},
    Kind{kind::close_write, "A file that was open for writing was closed."},
    Kind{kind::remove, "A file or directory was removed."},
    Kind{kind::rename, "A file or directory was moved."},
    Kind{kind::attributes, "Mode, times or extended attributes changed."},
    Kind{kind::owner, "Owner or group changed."},
    Kind{kind::link, "A hard or symbolic link was made."},
    Kind{kind::exec, "A file was run."},
    Kind{kind::mount, "A filesystem was mounted."},
    Kind{kind::unmount, "A filesystem was unmounted."},
};

inline constexpr std::array fields = {
    &identity,    &pid,        &start_time,      &boot_id,   &exe,         &uid,       &path,  &old_path,
    &target_path, &file_type,  &device,          &inode,     &mode,        &owner,     &group, &size,
    &hash,        &hash_state, &filesystem_type, &by_rescan, &observed_by, &incomplete};

inline constexpr Table table{.name = domain,
                             .sentence = "Files and directories: made, changed, moved, removed, run; mounts.",
                             .kinds = kinds,
                             .fields = fields};

}  // namespace daemoneye::events::filesystem
