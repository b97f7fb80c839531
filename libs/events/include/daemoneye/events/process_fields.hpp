// The fields of the process domain. procmond writes them; a process is boot, pid and start time together.
#pragma once

#include <array>

#include "daemoneye/events/field.hpp"
#include "daemoneye/events/schema.hpp"

namespace daemoneye::events::process {

inline constexpr std::string_view domain = "process";

namespace kind {
inline constexpr std::string_view snapshot = "snapshot";
inline constexpr std::string_view created = "new";
inline constexpr std::string_view exec = "exec";
inline constexpr std::string_view exit = "exit";
inline constexpr std::string_view change = "change";
}  // namespace kind

inline constexpr std::array only_exec = {kind::exec};
inline constexpr std::array only_exit = {kind::exit};
inline constexpr std::array only_change = {kind::change};

inline constexpr Field identity{.name = "process",
                                .type = Type::object,
                                .sentence = "The process that the event is about: its identity.",
                                .ecs = "process"};
inline constexpr Field pid{.name = "pid",
                           .type = Type::integer,
                           .sentence = "Process id; the kernel gives it again to later processes.",
                           .indexed = true,
                           .ecs = "process.pid",
                           .sigma = "ProcessId",
                           .object = &identity};
inline constexpr Field start_time{.name = "start_time",
                                  .type = Type::unsigned_integer,
                                  .sentence = "When the process started, as in /proc/PID/stat.",
                                  .presence = Presence::nullable,
                                  .unit = "clock ticks since boot",
                                  .object = &identity};
inline constexpr Field started_at{.name = "started_at",
                                  .type = Type::time,
                                  .sentence = "When the process started, by the wall clock.",
                                  .presence = Presence::optional,
                                  .ecs = "process.start",
                                  .object = &identity};
inline constexpr Field start_time_estimated{
    .name = "start_time_estimated",
    .type = Type::boolean,
    .sentence = "The start time was computed from the kernel's report and is one tick late at most.",
    .presence = Presence::optional,
    .object = &identity};
inline constexpr Field boot_id{.name = "boot_id",
                               .type = Type::text,
                               .sentence = "Id of the host's boot, as in /proc/sys/kernel/random/boot_id.",
                               .ecs = "host.boot.id",
                               .object = &identity};

inline constexpr Field ppid{.name = "ppid",
                            .type = Type::integer,
                            .sentence = "Process id of the parent at the time of the event.",
                            .presence = Presence::nullable,
                            .indexed = true,
                            .ecs = "process.parent.pid",
                            .sigma = "ParentProcessId"};
inline constexpr Field parent{.name = "parent",
                              .type = Type::object,
                              .sentence = "Identity of the parent, where the collector knows it.",
                              .presence = Presence::optional,
                              .ecs = "process.parent"};
inline constexpr Field parent_pid{.name = pid.name,
                                  .type = pid.type,
                                  .sentence = "Process id of the parent, the same as ppid.",
                                  .object = &parent};
inline constexpr Field parent_start_time{.name = start_time.name,
                                         .type = start_time.type,
                                         .sentence = "When the parent started.",
                                         .unit = start_time.unit,
                                         .object = &parent};

inline constexpr Field uid{.name = "uid",
                           .type = Type::unsigned_integer,
                           .sentence = "Real user id; rules match the name of this user.",
                           .presence = Presence::nullable,
                           .indexed = true,
                           .ecs = "process.real_user.id",
                           .sigma = "User"};
inline constexpr Field euid{.name = "euid",
                            .type = Type::unsigned_integer,
                            .sentence = "Effective user id.",
                            .presence = Presence::nullable,
                            .ecs = "process.user.id"};
inline constexpr Field gid{.name = "gid",
                           .type = Type::unsigned_integer,
                           .sentence = "Real group id.",
                           .presence = Presence::nullable,
                           .ecs = "process.real_group.id"};
inline constexpr Field egid{.name = "egid",
                            .type = Type::unsigned_integer,
                            .sentence = "Effective group id.",
                            .presence = Presence::nullable,
                            .ecs = "process.group.id"};
inline constexpr Field comm{.name = "comm",
                            .type = Type::bytes,
                            .sentence = "The kernel's short name of the process, at most 15 bytes.",
                            .presence = Presence::nullable,
                            .ecs = "process.name"};
inline constexpr Field exe{.name = "exe",
                           .type = Type::bytes,
                           .sentence = "Path of the executable; null for a kernel thread.",
                           .presence = Presence::nullable,
                           .indexed = true,
                           .ecs = "process.executable",
                           .sigma = "Image"};
inline constexpr Field args{
    .name = "args",
    .type = Type::bytes_list,
    .sentence = "The arguments, secrets masked; rules match them joined by one blank.",
    .presence = Presence::nullable,
    .ecs = "process.args",
    .sigma = "CommandLine"};
inline constexpr Field args_truncated{.name = "args_truncated",
                                      .type = Type::boolean,
                                      .sentence = "The arguments were longer than the collector keeps.",
                                      .presence = Presence::optional};
inline constexpr Field kernel_thread{
    .name = "kernel_thread",
    .type = Type::boolean,
    .sentence = "It is a thread of the kernel, without executable and arguments.",
    .presence = Presence::optional};
inline constexpr Field cgroup{.name = "cgroup",
                              .type = Type::bytes,
                              .sentence = "Path of its control group.",
                              .presence = Presence::nullable,
                              .indexed = true};
inline constexpr Field observed_by{
    .name = "observed_by",
    .type = Type::text,
    .sentence = "How it became known: connector, snapshot, rescan, scan or pid_reuse."};
inline constexpr Field incomplete{.name = "incomplete",
                                  .type = Type::text_list,
                                  .sentence = "Names of the fields that could not be read and are null.",
                                  .presence = Presence::optional};

inline constexpr Field previous_exe{.name = "previous_exe",
                                    .type = Type::bytes,
                                    .sentence = "Path of the executable that ran before this one.",
                                    .presence = Presence::optional,
                                    .ecs = "process.previous.executable",
                                    .kinds = only_exec};

inline constexpr Field exit_code{.name = "exit_code",
                                 .type = Type::integer,
                                 .sentence = "What the process gave to exit(); null when a signal ended it.",
                                 .presence = Presence::nullable,
                                 .ecs = "process.exit_code",
                                 .kinds = only_exit};
inline constexpr Field signal{
    .name = "signal",
    .type = Type::integer,
    .sentence = "Number of the signal that ended the process; null when it called exit().",
    .presence = Presence::nullable,
    .kinds = only_exit};
inline constexpr Field core_dumped{.name = "core_dumped",
                                   .type = Type::boolean,
                                   .sentence = "The kernel wrote its memory to a core file.",
                                   .presence = Presence::optional,
                                   .kinds = only_exit};
inline constexpr Field duration_ms{.name = "duration_ms",
                                   .type = Type::unsigned_integer,
                                   .sentence = "How long the process ran.",
                                   .presence = Presence::optional,
                                   .unit = "ms",
                                   .kinds = only_exit};

inline constexpr Field changed{
    .name = "changed", .type = Type::text, .sentence = "What changed: uid or gid.", .kinds = only_change};
inline constexpr Field old_ids{.name = "old",
                               .type = Type::object,
                               .sentence = "The ids before the change.",
                               .presence = Presence::nullable,
                               .kinds = only_change};
inline constexpr Field old_real{.name = "real",
                                .type = Type::unsigned_integer,
                                .sentence = "Real id before the change.",
                                .object = &old_ids,
                                .kinds = only_change};
inline constexpr Field old_effective{.name = "effective",
                                     .type = Type::unsigned_integer,
                                     .sentence = "Effective id before the change.",
                                     .object = &old_ids,
                                     .kinds = only_change};
inline constexpr Field new_ids{
    .name = "new", .type = Type::object, .sentence = "The ids after the change.", .kinds = only_change};
inline constexpr Field new_real{.name = old_real.name,
                                .type = old_real.type,
                                .sentence = "Real id after the change.",
                                .object = &new_ids,
                                .kinds = only_change};
inline constexpr Field new_effective{.name = old_effective.name,
                                     .type = old_effective.type,
                                     .sentence = "Effective id after the change.",
                                     .object = &new_ids,
                                     .kinds = only_change};

inline constexpr std::array kinds = {
    Kind{kind::snapshot, "The process ran already when watching began."},
    Kind{kind::created, "The process was forked, or a scan found it."},
    Kind{kind::exec, "The process runs another program."},
    Kind{kind::exit, "The process ended."},
    Kind{kind::change, "The user or group of the process changed."},
};

inline constexpr std::array fields = {
    &identity,
    &pid,
    &start_time,
    &started_at,
    &start_time_estimated,
    &boot_id,
    &ppid,
    &parent,
    &parent_pid,
    &parent_start_time,
    &uid,
    &euid,
    &gid,
    &egid,
    &comm,
    &exe,
    &args,
    &args_truncated,
    &kernel_thread,
    &cgroup,
    &observed_by,
    &incomplete,
    &previous_exe,
    &exit_code,
    &signal,
    &core_dumped,
    &duration_ms,
    &changed,
    &old_ids,
    &old_real,
    &old_effective,
    &new_ids,
    &new_real,
    &new_effective,
};

inline constexpr Table table{
    .name = domain, .sentence = "Processes: start, program, user and end.", .kinds = kinds, .fields = fields};

}  // namespace daemoneye::events::process
