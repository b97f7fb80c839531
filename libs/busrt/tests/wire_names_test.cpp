// UTF-8 as RFC 3629 has it, at every length boundary and at every alignment of the fast path.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "busrt/base/utf8.hpp"
#include "busrt/error.hpp"
#include "busrt/protocol.hpp"
#include "wire/names.hpp"

namespace busrt::wire {
namespace {

std::string encoded(std::uint32_t point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0U | point >> 6U), byte(0x80U | (point & 0x3FU))};
  if (point < 0x10000) {
    return {byte(0xE0U | point >> 12U), byte(0x80U | (point >> 6U & 0x3FU)), byte(0x80U | (point & 0x3FU))};
  }
  return {byte(0xF0U | point >> 18U), byte(0x80U | (point >> 12U & 0x3FU)),
          byte(0x80U | (point >> 6U & 0x3FU)), byte(0x80U | (point & 0x3FU))};
}

TEST(Utf8, every_code_point_but_the_surrogates_is_valid) {
  for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    ASSERT_EQ(base::valid_utf8(encoded(point)), !surrogate) << std::hex << point;
  }
}

TEST(Utf8, every_cut_of_a_sequence_is_invalid) {
  for (const std::uint32_t point : {0x80U, 0x7FFU, 0x800U, 0xFFFFU, 0x10000U, 0x10FFFFU}) {
    const std::string whole = encoded(point);
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
      EXPECT_FALSE(base::valid_utf8(whole.substr(0, cut))) << std::hex << point;
      EXPECT_FALSE(base::valid_utf8(whole.substr(0, cut) + "a")) << std::hex << point;
      EXPECT_FALSE(base::valid_utf8(whole.substr(cut))) << std::hex << point;
    }
  }
}

TEST(Utf8, bytes_that_never_stand_in_utf8_are_invalid) {
  for (unsigned byte = 0x80; byte <= 0xFF; ++byte) {
    const std::string alone(1, static_cast<char>(byte));
    EXPECT_FALSE(base::valid_utf8(alone)) << byte;
    EXPECT_FALSE(base::valid_utf8("name" + alone + "name")) << byte;
  }
}

TEST(Utf8, overlong_forms_and_points_above_the_last_are_invalid) {
  for (const char* text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xF8\x88\x80\x80\x80", "\xED\xA0\x80", "\xED\xBF\xBF"}) {
    EXPECT_FALSE(base::valid_utf8(text));
  }
}

TEST(Utf8, one_bad_byte_is_found_at_every_place) {
  for (std::size_t size = 1; size <= 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      EXPECT_TRUE(base::valid_utf8(text));
      text[at] = '\xFF';
      EXPECT_FALSE(base::valid_utf8(text)) << at << " of " << size;
    }
  }
}

TEST(Utf8, a_good_sequence_is_taken_at_every_place) {
  for (const std::uint32_t point : {0xE9U, 0x20ACU, 0x1F68CU}) {
    for (std::size_t before = 0; before <= 20; ++before) {
      for (std::size_t after = 0; after <= 20; ++after) {
        EXPECT_TRUE(base::valid_utf8(std::string(before, 'a') + encoded(point) + std::string(after, 'a')));
      }
    }
  }
}

TEST(Names, nothing_is_valid_text_and_a_nul_is_no_part_of_a_name) {
  EXPECT_TRUE(base::valid_utf8({}));
  EXPECT_TRUE(valid_name({}));
  EXPECT_TRUE(valid_name("a/b.c %%\n"));
  EXPECT_TRUE(base::valid_utf8(std::string_view("a\0b", 3)));
  EXPECT_FALSE(valid_name(std::string_view("a\0b", 3)));
  EXPECT_FALSE(valid_name(std::string_view("\0", 1)));
  EXPECT_FALSE(valid_name("\xFF"));
}

TEST(Names, the_primary_name_ends_at_the_first_separator) {
  EXPECT_EQ(primary_name("alice"), "alice");
  EXPECT_EQ(primary_name("alice%%1"), "alice");
  EXPECT_EQ(primary_name("alice%%1%%2"), "alice");
  EXPECT_EQ(primary_name("100%"), "100%");
  EXPECT_EQ(primary_name("%%1"), "");
  EXPECT_EQ(primary_name("a%%%b"), "a");
}

TEST(Words, every_kind_operation_and_code_has_its_own) {
  EXPECT_EQ(to_string(FrameKind::publish), "publish");
  EXPECT_EQ(to_string(FrameKind::ack), "ack");
  EXPECT_EQ(to_string(static_cast<FrameKind>(0x77)), "unknown");
  EXPECT_EQ(to_string(Op::publish_for), "publish-for");
  EXPECT_EQ(to_string(static_cast<Op>(0x3F)), "unknown");
  EXPECT_EQ(make_error_code(errc::busy).message(), "busy");
  EXPECT_EQ(make_error_code(static_cast<errc>(0x99)).message(), "unknown bus error 153");
  EXPECT_STREQ(error_category().name(), "busrt");
}

}  // namespace
}  // namespace busrt::wire
