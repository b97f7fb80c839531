// The fields of an alert, a finding of a rule.
#pragma once

#include <array>

#include "daemoneye/events/envelope_fields.hpp"
#include "daemoneye/events/field.hpp"
#include "daemoneye/events/process_fields.hpp"
#include "daemoneye/events/schema.hpp"

namespace daemoneye::events::alert {

inline constexpr Field id{.name = "id",
                          .type = Type::text,
                          .sentence = "Stable id of the alert, the same at each delivery.",
                          .indexed = true,
                          .ecs = "event.id"};
inline constexpr Field time{.name = "time",
                            .type = Type::time,
                            .sentence = "When the rule matched.",
                            .indexed = true,
                            .ecs = "@timestamp"};
inline constexpr Field severity{
    .name = "severity", .type = Type::text, .sentence = "low, medium, high or critical.", .indexed = true};
inline constexpr Field rule{
    .name = "rule", .type = Type::text, .sentence = "Id of the rule.", .indexed = true, .ecs = "rule.id"};
inline constexpr Field title{
    .name = "title", .type = Type::text, .sentence = "Title of the rule.", .ecs = "rule.name"};
inline constexpr Field attack{.name = "attack",
                              .type = Type::text_list,
                              .sentence = "Techniques of MITRE ATT&CK that the rule names.",
                              .presence = Presence::optional,
                              .ecs = "threat.technique.id"};
inline constexpr Field identity{.name = process::identity.name,
                                .type = Type::object,
                                .sentence = "The process that the alert is about.",
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
                           .ecs = "process.executable"};
inline constexpr Field rows{
    .name = "rows", .type = Type::text_list, .sentence = "Ids of the rows that matched."};
inline constexpr Field correlation_id{.name = envelope::correlation_id.name,
                                      .type = Type::text,
                                      .sentence = "Id that the alert shares with tasks and events.",
                                      .presence = Presence::optional,
                                      .indexed = true};
inline constexpr Field state{.name = "state",
                             .type = Type::text,
                             .sentence = "open, acknowledged, closed or reopened.",
                             .indexed = true};
inline constexpr Field folded{.name = "folded",
                              .type = Type::unsigned_integer,
                              .sentence = "How many equal findings the alert stands for besides the first.",
                              .unit = "alerts"};
inline constexpr Field complete{
    .name = "complete", .type = Type::boolean, .sentence = "Everything that the rule needed was known."};
inline constexpr Field reason{.name = "reason",
                              .type = Type::text,
                              .sentence = "Why the evaluation was degraded.",
                              .presence = Presence::optional,
                              .ecs = "event.reason"};

inline constexpr std::array fields = {
    &id,      &time, &severity, &rule,           &title, &attack, &identity, &pid,   &start_time,
    &boot_id, &exe,  &rows,     &correlation_id, &state, &folded, &complete, &reason};

inline constexpr Table table{
    .name = "alert", .sentence = "What a rule found.", .kinds = {}, .fields = fields};

}  // namespace daemoneye::events::alert
