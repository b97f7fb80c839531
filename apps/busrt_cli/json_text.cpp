// A serializer of our own because Boost.JSON neither indents nor prints floating-point numbers for people.
#include "json_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

namespace busrt_cli {
namespace {

namespace json = boost::json;

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char character : text) {
    switch (character) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(character) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(character));
        } else {
          out += character;
        }
    }
  }
  out += '"';
}

/// Plain notation for exponents from -5 to 15, scientific beyond: the real tool's habit.
void append_double(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  std::array<char, 32> buffer{};
  const auto scientific =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
  const std::string_view digits(buffer.data(), static_cast<std::size_t>(scientific.ptr - buffer.data()));
  const std::size_t mark = digits.find('e');
  int exponent = 0;
  const char* first = digits.data() + mark + (digits[mark + 1] == '+' ? 2 : 1);
  std::from_chars(first, digits.data() + digits.size(), exponent);
  if (exponent < -5 || exponent > 15) {
    out.append(digits.substr(0, mark)).append(fmt::format("e{:+}", exponent));
    return;
  }
  std::array<char, 64> plain{};
  const auto fixed =
      std::to_chars(plain.data(), plain.data() + plain.size(), number, std::chars_format::fixed);
  const std::string_view text(plain.data(), static_cast<std::size_t>(fixed.ptr - plain.data()));
  out += text;
  if (text.find('.') == std::string_view::npos) out += ".0";
}

class Writer {
 public:
  explicit Writer(JsonLayout layout) : indented_(layout == JsonLayout::indented) {}

  void write(const json::value& value) {
    switch (value.kind()) {
      case json::kind::null:
        out_ += "null";
        break;
      case json::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        break;
      case json::kind::int64:
        out_ += std::to_string(value.get_int64());
        break;
      case json::kind::uint64:
        out_ += std::to_string(value.get_uint64());
        break;
      case json::kind::double_:
        append_double(out_, value.get_double());
        break;
      case json::kind::string:
        append_string(out_, value.get_string());
        break;
      case json::kind::array:
        write_array(value.get_array());
        break;
      case json::kind::object:
        write_object(value.get_object());
        break;
    }
  }

  std::string take() { return std::move(out_); }

 private:
  void new_line() {
    if (!indented_) return;
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  void write_array(const json::array& array) {
    out_ += '[';
    ++depth_;
    bool first = true;
    for (const json::value& element : array) {
      if (!std::exchange(first, false)) out_ += ',';
      new_line();
      write(element);
    }
    --depth_;
    if (!array.empty()) new_line();
    out_ += ']';
  }

  void write_object(const json::object& object) {
    std::vector<const json::key_value_pair*> sorted;
    sorted.reserve(object.size());
    for (const json::key_value_pair& member : object) sorted.push_back(&member);
    std::ranges::sort(sorted, [](const auto* left, const auto* right) { return left->key() < right->key(); });
    out_ += '{';
    ++depth_;
    bool first = true;
    for (const json::key_value_pair* member : sorted) {
      if (!std::exchange(first, false)) out_ += ',';
      new_line();
      append_string(out_, member->key());
      out_ += indented_ ? ": " : ":";
      write(member->value());
    }
    --depth_;
    if (!object.empty()) new_line();
    out_ += '}';
  }

  std::string out_;
  std::size_t depth_ = 0;
  bool indented_;
};

}  // namespace

std::string json_text(const json::value& value, JsonLayout layout) {
  Writer writer(layout);
  writer.write(value);
  return writer.take();
}

}  // namespace busrt_cli
