// The names on the bus: roots of topics, patterns, reserved names, and the agent's client name.
//
//   events.<domain>.<kind>    what collectors saw
//   health.<collector>        heartbeats and changes of state
//   control.<who>.<what>      lifecycle and configuration news
//   alerts.<severity>         findings
//   tasks.<domain>.<operation>, results.<task id>
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace daemoneye::events {

/// The agent's client name on its bus.
inline constexpr std::string_view agent_client_name = "daemoneye-agent";

/// Longest name, domain or kind in bytes: each is a segment of a topic.
inline constexpr std::size_t word_bytes = 64;

namespace topics {

/// The first segments of DaemonEye's topics.
inline constexpr std::array<std::string_view, 6> roots = {"events",  "control", "tasks",
                                                          "results", "health",  "alerts"};

// What the topics of a root begin with.
inline constexpr std::string_view events = "events.";
inline constexpr std::string_view health = "health.";
inline constexpr std::string_view control = "control.";
inline constexpr std::string_view collector_news = "control.collector.";
/// committed.hpp
inline constexpr std::string_view committed = "control.collector.committed";
inline constexpr std::string_view alerts = "alerts.";
inline constexpr std::string_view critical_alert = "alerts.critical";

// Patterns in dotted notation.
inline constexpr std::string_view every_event = "events.*";
inline constexpr std::string_view every_loss = "events.?.loss";
inline constexpr std::string_view every_health = "health.*";
inline constexpr std::string_view every_collector_news = "control.collector.*";

/// Returns `events.<domain>.<kind>`.
[[nodiscard]] std::string of_event(std::string_view domain, std::string_view kind);
/// Returns `health.<collector>`.
[[nodiscard]] std::string of_health(std::string_view collector);
/// Returns `control.collector.<what>`.
[[nodiscard]] std::string of_collector_news(std::string_view what);

}  // namespace topics

/// Returns whether a collector's name, a domain or a kind can stand as one segment of a topic in either
/// notation: 1 to word_bytes letters, digits, `_` and `-`.
[[nodiscard]] bool is_topic_word(std::string_view text) noexcept;

/// Returns whether the name has a meaning of its own after `control.`, so that no collector may have it.
[[nodiscard]] bool is_reserved_name(std::string_view name) noexcept;

}  // namespace daemoneye::events
