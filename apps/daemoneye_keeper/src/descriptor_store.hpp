// Descriptors that outlive the process that gave them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"
#include "busrt/base/unique_fd.hpp"

namespace daemoneye_keeper {

/// The most descriptors held. A collector's kernel source has about ten (ring, maps, links).
inline constexpr std::size_t max_stored_descriptors = 256;

/// The keeper neither reads nor checks what it holds.
class DescriptorStore {
 public:
  /// Holds the descriptor under the name; an earlier one of that name is closed. Errors: ENOSPC when the
  /// store is full.
  [[nodiscard]] busrt::base::Result<> put(std::string_view name, busrt::base::UniqueFd descriptor);
  /// Returns a duplicate. Errors: ENOENT when none is held under the name; the system's own.
  [[nodiscard]] busrt::base::Result<busrt::base::UniqueFd> take(std::string_view name) const;
  /// Closes it. Errors: ENOENT.
  [[nodiscard]] busrt::base::Result<> drop(std::string_view name);

 private:
  std::map<std::string, busrt::base::UniqueFd, std::less<>> held_;
};

}  // namespace daemoneye_keeper
