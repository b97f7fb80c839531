// A privilege that a source asks for.
#pragma once

#include <string_view>

namespace daemoneye::collector {

/// A capability of Linux and what the source needs it for. The text is static.
struct Privilege {
  std::string_view capability;  ///< "CAP_NET_ADMIN"
  std::string_view purpose;     ///< a sentence: what the source does not see without it
};

}  // namespace daemoneye::collector
