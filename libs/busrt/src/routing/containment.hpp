// When one pattern lies wholly within another: what access rules need to know before they admit a pattern,
// where matching it like a topic would let `a/#` through a grant of `a/+`. Pure functions, safe from any
// thread.
#pragma once

#include <string_view>

namespace busrt::routing {

/// True only where every topic that `pattern` matches is matched by `grant` as well. Exact where both are of
/// one notation. Where a pattern with wildcards meets a grant of the other notation the answer may be false
/// though the containment holds: a wildcard of one notation can stand for separators of the other, so only a
/// grant that ends in its rest wildcard, after segments that the pattern spells out, is taken to contain it.
[[nodiscard]] bool pattern_contains(std::string_view grant, std::string_view pattern) noexcept;

/// The same for client masks, of which there is one notation. Exact.
[[nodiscard]] bool mask_contains(std::string_view grant, std::string_view mask) noexcept;

}  // namespace busrt::routing
