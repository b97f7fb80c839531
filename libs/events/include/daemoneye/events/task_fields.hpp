// The fields of a task that the agent gives to collectors.
#pragma once

#include <array>

#include "daemoneye/events/envelope_fields.hpp"
#include "daemoneye/events/field.hpp"
#include "daemoneye/events/schema.hpp"

namespace daemoneye::events::task {

inline constexpr Field id{.name = "id",
                          .type = Type::text,
                          .sentence = "Id of the task; its results stand on results.<id>.",
                          .indexed = true};
inline constexpr Field operation{.name = "operation",
                                 .type = Type::text,
                                 .sentence = "What is to be done: <domain>.<operation>.",
                                 .indexed = true};
inline constexpr Field params{.name = "params", .type = Type::object, .sentence = "Params of the operation."};
inline constexpr Field collectors{
    .name = "collectors", .type = Type::text_list, .sentence = "The collectors that were asked."};
inline constexpr Field missing{.name = "missing",
                               .type = Type::text_list,
                               .sentence = "The collectors that did not answer.",
                               .presence = Presence::optional};
inline constexpr Field state{
    .name = "state",
    .type = Type::text,
    .sentence = "pending, running, complete, partial, timed_out, failed or cancelled.",
    .indexed = true};
inline constexpr Field priority{
    .name = "priority", .type = Type::integer, .sentence = "A task of greater priority goes first."};
inline constexpr Field created{.name = "created",
                               .type = Type::time,
                               .sentence = "When the task was asked for.",
                               .indexed = true,
                               .ecs = "event.created"};
inline constexpr Field deadline{
    .name = "deadline", .type = Type::time, .sentence = "When the task is given up."};
inline constexpr Field ended{.name = "ended",
                             .type = Type::time,
                             .sentence = "When the task reached its final state.",
                             .presence = Presence::optional,
                             .ecs = "event.end"};
inline constexpr Field actor{
    .name = "actor", .type = Type::text, .sentence = "Who asked for it: a user id, a certificate or a rule."};
inline constexpr Field correlation_id{
    .name = envelope::correlation_id.name,
    .type = Type::text,
    .sentence = "Id that the task shares with its results, events and alerts.",
    .presence = Presence::optional,
    .indexed = true};
inline constexpr Field error{.name = "error",
                             .type = Type::text,
                             .sentence = "Why the task failed.",
                             .presence = Presence::optional,
                             .ecs = "error.message"};

inline constexpr std::array fields = {&id,    &operation,      &params,  &collectors, &missing,
                                      &state, &priority,       &created, &deadline,   &ended,
                                      &actor, &correlation_id, &error};

inline constexpr Table table{.name = "task",
                             .sentence = "What a collector was asked to do, and how it ended.",
                             .kinds = {},
                             .fields = fields};

}  // namespace daemoneye::events::task
