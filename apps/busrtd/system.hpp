// What the server asks of the operating system; one folder each.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "busrt/base/log_writer.hpp"
#include "common/logger.hpp"
#include "options.hpp"

namespace busrtd {

/// First thing in main(): what is opened later never takes the place of a standard stream that is closed, and
/// the signal state of the parent is reset (base/inherited_signals.hpp).
void set_up_process();

/// Who or what ends the server: signals on Linux, the console's events on Windows.
class EndRequest {
 public:
  /// Before the first thread starts, so that every thread leaves these signals alone.
  EndRequest();
  /// Runs `work` and returns when it has. Where the server is asked to end meanwhile, calls `give_up` from
  /// another thread, which lets `work` return early.
  void during(const std::function<void()>& work, const std::function<void()>& give_up);
  /// What has asked the server to end so far; empty: nothing has.
  [[nodiscard]] std::string asked() const;
  /// Returns when the server is to end, with the name of what asked for it. Meanwhile calls `reload` for each
  /// SIGHUP; on Windows nothing asks for that.
  [[nodiscard]] std::string wait(const std::function<void()>& reload);

 private:
  int early_ = 0;  ///< the signal that came within during(); 0: none
};

/// Options that this system cannot serve, as a sentence that names them, or an empty text.
[[nodiscard]] std::string unavailable(const Options& options);

/// Lets the server have as many connections as its user may have.
void raise_connection_limit(const program::Logger& log);

/// Where log lines go, and what they look like there.
struct LogPlace {
  std::unique_ptr<busrt::base::LogOutput> output;
  busrt::base::LogFormat format;
};
/// Standard error or, on Linux, syslog when in the background or asked to. As with the real server,
/// DISABLE_SYSLOG=1 in the environment keeps a background process off syslog unless --log-syslog asks for it.
[[nodiscard]] LogPlace log_place(const Options& options);

[[nodiscard]] long process_id() noexcept;

}  // namespace busrtd
