// What `daemoneye watch` shows of the frames that it receives.
//
// Plain code: a frame and a time in, text out. The command owns the connection and the output.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "terminal.hpp"
#include "watch_account.hpp"

namespace daemoneye_cli {

/// A frame that was published.
struct Publication {
  std::string_view topic;
  std::string_view sender;
  std::span<const std::byte> payload;
};

/// Text for people or programs, with its line end.
struct Shown {
  enum class Kind : std::uint8_t {
    row,     ///< an event, or another publication that the pattern matches
    notice,  ///< something that makes the picture incomplete
  };
  Kind kind = Kind::row;
  std::string text;
};

/// Not thread-safe.
class WatchView {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// `json`: rows are for programs, one JSON object a line.
  WatchView(std::string pattern, bool json);

  /// Enters the publication into the account. Returns what to show, in this order.
  [[nodiscard]] std::vector<Shown> take(const Publication& publication, const Screen& screen, Time now);

  [[nodiscard]] WatchAccount& account() noexcept { return account_; }
  /// Rows so far.
  [[nodiscard]] std::uint64_t rows() const noexcept { return rows_; }
  /// Returns how many events were shown and what is missing, as one line without its end.
  [[nodiscard]] std::string summary() const;

 private:
  /// One call of take(): where to put the text, how, and when.
  struct Frame {
    const Publication& publication;
    std::string_view text;  ///< its payload
    const Screen& screen;
    Time now;
    std::vector<Shown>& shown;
  };
  void take_event(const Frame& frame);
  /// What the agent and the collectors say of themselves.
  void take_news(const Frame& frame);
  /// `.broker/info`: {s: "reg" or "unreg", d: client}. Every client gets `.broker/warn`.
  void take_from_broker(const Frame& frame);
  void show_row(const Frame& frame, std::string text);
  void show_notices(const Frame& frame, const WatchAccount::Notices& sentences) const;

  std::string pattern_;
  bool json_;
  WatchAccount account_;
  std::uint64_t rows_ = 0;
};

}  // namespace daemoneye_cli
