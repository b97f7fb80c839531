// The fields of a loss record, which every domain has.
#pragma once

#include <array>

#include "daemoneye/events/field.hpp"
#include "daemoneye/events/schema.hpp"

namespace daemoneye::events::loss {

inline constexpr Field count{.name = "count",
                             .type = Type::unsigned_or_unknown,
                             .sentence = "How many events are missing at this place in the sequence.",
                             .unit = "events"};
inline constexpr Field cause{.name = "cause",
                             .type = Type::text,
                             .sentence = "Why they are missing: a stable word.",
                             .indexed = true,
                             .ecs = "event.reason"};
inline constexpr Field detail{.name = "detail",
                              .type = Type::text,
                              .sentence = "The same as a sentence for people.",
                              .presence = Presence::optional,
                              .ecs = "message"};

inline constexpr std::array fields = {&count, &cause, &detail};

inline constexpr Table table{
    .name = "loss",
    .sentence = "What a collector could not see or had to shed; kind `loss` in every domain.",
    .kinds = {},
    .fields = fields};

}  // namespace daemoneye::events::loss
