#include "busrt/base/column_fit.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

namespace busrt::base {
namespace {

using Widths = std::vector<std::size_t>;

/// A name that may shrink to 4, a number of use, and two of less.
constexpr std::array<Column, 4> table = {{{10, 4, 0}, {6, 6, 1}, {5, 5, 3}, {3, 3, 2}}};

TEST(ColumnFit, WhereThereIsRoomNothingShrinks) {
  EXPECT_EQ(fit_columns(table, 2, 30), (Widths{10, 6, 5, 3}));
  EXPECT_EQ(fit_columns(table, 2, SIZE_MAX), (Widths{10, 6, 5, 3}));
}

TEST(ColumnFit, TheLeastUsefulColumnIsLeftOutFirstAndTheMostUsefulShrinksLast) {
  EXPECT_EQ(fit_columns(table, 2, 29), (Widths{10, 6, 0, 3}));
  EXPECT_EQ(fit_columns(table, 2, 22), (Widths{10, 6, 0, 0}));
  EXPECT_EQ(fit_columns(table, 2, 17), (Widths{10, 0, 0, 0}));
  EXPECT_EQ(fit_columns(table, 2, 9), (Widths{9, 0, 0, 0}));
  EXPECT_EQ(fit_columns(table, 2, 1), (Widths{1, 0, 0, 0}));
  EXPECT_EQ(fit_columns(table, 2, 0), (Widths{1, 0, 0, 0}));
}

TEST(ColumnFit, AColumnThatMayBeCutShrinksBeforeItIsLeftOut) {
  const std::array<Column, 2> texts = {{{5, 5, 0}, {20, 8, 1}}};
  EXPECT_EQ(fit_columns(texts, 1, 26), (Widths{5, 20}));
  EXPECT_EQ(fit_columns(texts, 1, 20), (Widths{5, 14}));
  EXPECT_EQ(fit_columns(texts, 1, 14), (Widths{5, 8}));
  EXPECT_EQ(fit_columns(texts, 1, 13), (Widths{5, 0}));
}

TEST(ColumnFit, WhatIsLeftFitsAtEveryWidth) {
  for (std::size_t available = 1; available < 40; ++available) {
    std::size_t used = 0;
    for (const std::size_t width : fit_columns(table, 2, available)) {
      if (width != 0) used += width + (used == 0 ? 0 : 2);
    }
    EXPECT_LE(used, available);
  }
}

}  // namespace
}  // namespace busrt::base
