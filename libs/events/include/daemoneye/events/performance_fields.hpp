// The fields of the performance domain, for perfmond: one value of one metric of one subject.
#pragma once

#include <array>

#include "daemoneye/events/field.hpp"
#include "daemoneye/events/process_fields.hpp"
#include "daemoneye/events/schema.hpp"

namespace daemoneye::events::performance {

inline constexpr std::string_view domain = "performance";

namespace kind {
inline constexpr std::string_view sample = "sample";
inline constexpr std::string_view aggregate = "aggregate";
inline constexpr std::string_view threshold = "threshold";
}  // namespace kind

inline constexpr std::array aggregates = {kind::aggregate};
inline constexpr std::array thresholds = {kind::threshold};

inline constexpr Field subject{
    .name = "subject",
    .type = Type::text,
    .sentence = "What was measured: cpu, memory, disk, filesystem, interface, pressure, cgroup or process.",
    .indexed = true};
inline constexpr Field instance{.name = "instance",
                                .type = Type::bytes,
                                .sentence = "Which one of several: sda, /home, eth0, a control group.",
                                .presence = Presence::optional,
                                .indexed = true};
inline constexpr Field metric{.name = "metric",
                              .type = Type::text,
                              .sentence = "The name of the measure: usage, read_bytes, some_avg10.",
                              .indexed = true};
inline constexpr Field metric_unit{
    .name = "unit", .type = Type::text, .sentence = "The unit of the value: ratio, bytes, count, ns."};
inline constexpr Field value{
    .name = "value", .type = Type::real, .sentence = "The value; of an aggregate the mean."};
inline constexpr Field interval{.name = "interval_ns",
                                .type = Type::unsigned_integer,
                                .sentence = "The time that the value covers.",
                                .presence = Presence::optional,
                                .unit = "ns"};
inline constexpr Field identity{.name = process::identity.name,
                                .type = Type::object,
                                .sentence = "The process, when the subject is one.",
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
                           .ecs = "process.executable",
                           .sigma = "Image"};
inline constexpr Field minimum{
    .name = "minimum", .type = Type::real, .sentence = "The least value.", .kinds = aggregates};
inline constexpr Field maximum{
    .name = "maximum", .type = Type::real, .sentence = "The greatest value.", .kinds = aggregates};
inline constexpr Field samples{.name = "samples",
                               .type = Type::unsigned_integer,
                               .sentence = "How many samples the aggregate stands for.",
                               .unit = "samples",
                               .kinds = aggregates};
inline constexpr Field limit{
    .name = "limit", .type = Type::real, .sentence = "The threshold.", .kinds = thresholds};
inline constexpr Field exceeded{.name = "exceeded",
                                .type = Type::boolean,
                                .sentence = "The value is beyond the threshold; false when it has come back.",
                                .kinds = thresholds};

inline constexpr std::array kinds = {
    Kind{kind::sample, "A value at one moment, or over one interval."},
    Kind{kind::aggregate, "Least, mean and greatest value over a longer time."},
    Kind{kind::threshold, "A value has passed a threshold, or has come back."},
};

inline constexpr std::array fields = {&subject,  &instance, &metric,     &metric_unit, &value, &interval,
                                      &identity, &pid,      &start_time, &boot_id,     &exe,   &minimum,
                                      &maximum,  &samples,  &limit,      &exceeded};

inline constexpr Table table{.name = domain,
                             .sentence = "Load of the host, its devices, groups and processes.",
                             .kinds = kinds,
                             .fields = fields};

}  // namespace daemoneye::events::performance
