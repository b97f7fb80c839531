// The host as /proc shows it. All reading of processes happens here; the formats are in proc_parse.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/unique_fd.hpp"
#include "daemoneye/host/host.hpp"

namespace daemoneye::host {

class ProcHost final : public Host {
 public:
  /// Fails when there is no /proc, or it does not say which boot this is. Every command line that is read
  /// goes through `show_arguments`: raw arguments are kept nowhere.
  static busrt::base::Result<std::unique_ptr<ProcHost>> open(ShowArguments show_arguments);

  busrt::base::Result<std::vector<Pid>> list() override;
  std::optional<Reading> read(Pid pid, const Wanted& wanted) override;
  [[nodiscard]] const std::string& boot_id() const override { return boot_id_; }
  [[nodiscard]] std::uint64_t ticks_per_second() const override { return ticks_per_second_; }
  [[nodiscard]] std::uint64_t monotonic_ns() const override;
  [[nodiscard]] std::chrono::system_clock::time_point wall_time(std::uint64_t monotonic_ns) const override;
  [[nodiscard]] std::uint64_t to_ticks(std::uint64_t monotonic_ns) const override;
  [[nodiscard]] std::uint64_t to_monotonic_ns(std::uint64_t ticks) const override;
  [[nodiscard]] std::string start_text(std::uint64_t ticks) const override;

 private:
  ProcHost(busrt::base::UniqueFd proc, std::string boot_id, ShowArguments show_arguments);
  /// The file's first bytes, a view into buffer_ until the next read; empty when it cannot be read at all.
  std::optional<std::string_view> slurp(int directory, const char* name, std::size_t most);
  std::shared_ptr<const Image> read_image(int directory);

  busrt::base::UniqueFd proc_;
  std::string boot_id_;
  ShowArguments show_arguments_;
  std::uint64_t ticks_per_second_;
  bool sees_exit_status_;
  [[nodiscard]] std::uint64_t asleep_ns() const;

  mutable std::uint64_t asleep_ns_ = 0;
  std::chrono::system_clock::time_point boot_time_;
  std::vector<char> buffer_;
};

}  // namespace daemoneye::host
