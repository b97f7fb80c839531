// The fields of the envelope, in the order in which they are written.
#pragma once

#include <array>

#include "daemoneye/events/field.hpp"
#include "daemoneye/events/schema.hpp"

namespace daemoneye::events::envelope {

inline constexpr Field version{.name = "v",
                               .type = Type::unsigned_integer,
                               .sentence = "Version of the envelope; a reader refuses any other."};
inline constexpr Field collector{.name = "collector",
                                 .type = Type::text,
                                 .sentence = "Name of the collector, its client name on the bus.",
                                 .indexed = true,
                                 .ecs = "event.module"};
inline constexpr Field epoch{.name = "epoch",
                             .type = Type::unsigned_integer,
                             .sentence = "The run of the collector: when it started.",
                             .unit = "us since 1970"};
inline constexpr Field seq{.name = "seq",
                           .type = Type::unsigned_integer,
                           .sentence = "Number within the epoch, from 1 without holes.",
                           .ecs = "event.sequence"};
inline constexpr Field time{.name = "time",
                            .type = Type::time,
                            .sentence = "When it happened.",
                            .indexed = true,
                            .ecs = "@timestamp"};
inline constexpr Field domain{.name = "domain",
                              .type = Type::text,
                              .sentence = "The domain; the second segment of the topic.",
                              .ecs = "event.dataset"};
inline constexpr Field kind{.name = "kind",
                            .type = Type::text,
                            .sentence = "The kind of event; the last segment of the topic.",
                            .indexed = true,
                            .ecs = "event.action"};
inline constexpr Field correlation_id{.name = "correlation_id",
                                      .type = Type::text,
                                      .sentence = "Id of the task or alert that the event belongs to.",
                                      .presence = Presence::optional,
                                      .indexed = true};
inline constexpr Field data{
    .name = "data", .type = Type::object, .sentence = "The fields of the domain, or of a loss."};

inline constexpr std::array fields = {&version, &collector, &epoch,          &seq, &time,
                                      &domain,  &kind,      &correlation_id, &data};

inline constexpr Table table{
    .name = "envelope", .sentence = "What every event has.", .kinds = {}, .fields = fields};

}  // namespace daemoneye::events::envelope
