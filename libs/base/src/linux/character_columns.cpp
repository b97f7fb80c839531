// The table of utf8proc, which follows Unicode.
#include "character_columns.hpp"

#include <utf8proc.h>

namespace busrt::base {

std::size_t character_columns(std::uint32_t code_point) noexcept {
  const int columns = ::utf8proc_charwidth(static_cast<utf8proc_int32_t>(code_point));
  return columns < 0 ? 0 : static_cast<std::size_t>(columns);
}

}  // namespace busrt::base
