// Measures the width of text on a terminal, and makes text fit. Thread safety: any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace busrt::base {

/// Returns the number of terminal columns that the text takes. East Asian wide characters and most emoji take
/// two. Marks that join the character before them take none. The text must come from printable(). Bytes that
/// are not UTF-8 take one column each.
[[nodiscard]] std::size_t columns_of(std::string_view text) noexcept;

/// Returns the text cut to `columns`, with `…` at its end if something was cut. A character and its marks
/// stay together.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns);

/// The side to which text is aligned.
enum class Align : bool { left, right };

/// Returns the text padded with blanks to `columns`. Wider text is unchanged.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns, Align align = Align::left);

/// Returns the width of the terminal behind this descriptor, and 80 if the terminal does not report it.
/// Returns nothing if the descriptor is not a terminal.
[[nodiscard]] std::optional<std::size_t> terminal_columns(int descriptor);

}  // namespace busrt::base
