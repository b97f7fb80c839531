// How wide text is on a terminal, and text that fits.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace busrt::base {

/// Columns that a terminal takes for the text: two for East Asian wide characters and most emoji, none for
/// marks that join the character before them. Of printable() text; bytes that are not UTF-8 count as one
/// each.
[[nodiscard]] std::size_t columns_of(std::string_view text) noexcept;

/// At most `columns` wide, with `…` at its end where something was cut. A character and its marks stay
/// together.
[[nodiscard]] std::string cut(std::string_view text, std::size_t columns);

enum class Align : bool { left, right };

/// The text with blanks up to `columns`; unchanged where it is wider.
[[nodiscard]] std::string padded(std::string_view text, std::size_t columns, Align align = Align::left);

/// The width of the terminal that this descriptor is; 80 where it does not tell; nothing for anything else.
[[nodiscard]] std::optional<std::size_t> terminal_columns(int descriptor);

}  // namespace busrt::base
