// The page is prose of this file, and tables of the schema.
#include "events_page.hpp"

#include <fmt/format.h>

#include <string_view>

#include "daemoneye/events/schema.hpp"

namespace daemoneye::events {
namespace {

constexpr std::string_view head = R"(# Events and their fields

Generated from the schema in `libs/events` by `describe_events`; do not edit. [topics.md](topics.md) has the topics.

A collector publishes one JSON object a frame, on `events.<domain>.<kind>`:

```json
{"v":1,"collector":"procmond","epoch":1795485147799424,"seq":327,"time":"2026-11-24T01:52:29.376954100Z",
 "domain":"process","kind":"exit",
 "data":{"process":{"pid":7816,"start_time":953298,"started_at":"2026-11-24T01:52:29.339660039Z","boot_id":"5d0e484c-..."},
         "ppid":7722,"parent":{"pid":7722,"start_time":953142},"uid":1000,"euid":1000,"gid":0,"egid":0,
         "comm":"sh","exe":"/usr/bin/dash","args":["/bin/sh","-c","exit 3"],"cgroup":"/user.slice",
         "observed_by":"connector","exit_code":3,"signal":null,"duration_ms":36}}
```

- `epoch` is one run of the collector. `seq` counts from 1 without holes within it, so a hole means that records were lost on the way.
- A process is `boot_id`, `pid` and `start_time` together, never a pid alone.
- An event, and a health record, is the collector's own only when the frame's sender is that collector by its full name. The agent refuses
  others and counts them; `daemoneye watch` does not show them.
- A field that could not be read is null and named in `incomplete`. Values after flags that name a secret are masked.
- A loss takes its place in the sequence: `"kind":"loss","data":{"count":12,"cause":"kernel_buffer_overflow","detail":"..."}`. It
  has one number whatever its count; the count is `"unknown"` where it cannot be known.
- The last health record of a run holds `"last": true`: no number above its `seq` was given. A run that ends without it may have taken an
  unknown number of events with it.

| cause of a loss | from | what |
|---|---|---|
| `kernel_buffer_overflow` | procmond | the kernel dropped messages; a rescan follows |
| `kernel_message_missing` | procmond | its messages have a hole although no buffer was full; a rescan follows |
| `kernel_feed_failed` | procmond | its messages ended; /proc is scanned instead |
| `collector_queue_full` | every collector | the queue between source and bus was full |
| `event_too_large`, `event_malformed` | every collector | the source made an event that cannot be published |
| `publish_refused` | every collector | the broker will never take it |

## Types

| type | in JSON |
|---|---|
| boolean, integer, unsigned integer, number, text, list of text | the same |
| bytes, list of bytes | text; a byte that is not UTF-8 is written as `\xNN` |
| time | RFC 3339 text in UTC with nanoseconds; INTEGER nanoseconds since 1970 in the store |
| address | canonical text of an IPv4 or IPv6 address |
| object | an object whose members are fields of their own, written with a dot: `process.pid` |

A field is always there unless its type says "or null" (it is null when it could not be read) or "optional" (it is there only where it
applies). `*` marks a field that has an index. ECS and Sigma are its names in the Elastic Common Schema and in Sigma rules.
)";

std::string type_of(const Field& field) {
  std::string text(to_string(field.type));
  if (!field.unit.empty()) text += fmt::format(", {}", field.unit);
  if (field.presence != Presence::always) text += fmt::format(", {}", to_string(field.presence));
  return text;
}

std::string code(std::string_view name) {
  return name.empty() ? std::string() : fmt::format("`{}`", name);
}

std::string kinds_of(const Field& field) {
  std::string text;
  for (const std::string_view kind : field.kinds) text += (text.empty() ? "" : ", ") + std::string(kind);
  return text.empty() ? "every" : text;
}

void add_kinds(std::string& page, const Table& table) {
  page += "| kind | what |\n|---|---|\n";
  for (const Kind& kind : table.kinds) page += fmt::format("| `{}` | {} |\n", kind.name, kind.sentence);
  page += '\n';
}

void add_table(std::string& page, const Table& table) {
  const bool has_kinds = !table.kinds.empty();
  page += fmt::format("\n## {}\n\n{}\n\n", table.name, table.sentence);
  if (has_kinds) add_kinds(page, table);
  page += fmt::format("| field | type | what | {}ECS | Sigma |\n|---|---|---|---|---|{}\n",
                      has_kinds ? "kinds | " : "", has_kinds ? "---|" : "");
  for (const Field* const field : table.fields) {
    page += fmt::format("| `{}`{} | {} | {} | {}{} | {} |\n", field->path(), field->indexed ? " *" : "",
                        type_of(*field), field->sentence, has_kinds ? kinds_of(*field) + " | " : "",
                        code(field->ecs), code(field->sigma));
  }
}

}  // namespace

std::string events_page() {
  std::string page(head);
  for (const Table* const table : tables()) add_table(page, *table);
  return page;
}

}  // namespace daemoneye::events
