// A serializer of our own because Boost.JSON neither indents nor prints floating-point numbers for people,
// and its values hold neither large integers nor repeated keys.
#include "json_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace busrt_cli {
namespace {

namespace json = boost::json;

/// The real tool's own limit.
constexpr std::size_t max_json_depth = 128;

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

/// Puts one value after the other into the layout. Members of an object are sorted by their keys when it
/// ends, by moving their text, so that nothing but the text and the open objects' keys is held.
class Writer {
 public:
  explicit Writer(JsonLayout layout) : indented_(layout == JsonLayout::indented) {}

  void key(std::string_view text) {
    Open& object = open_.back();
    object.members.push_back({std::string(text), out_.size()});
    append_string(out_, text);
    out_ += indented_ ? ": " : ":";
  }
  void scalar(std::string_view text) {
    begin_element();
    out_ += text;
  }
  void string(std::string_view text) {
    begin_element();
    append_string(out_, text);
  }
  void number(double value) {
    begin_element();
    append_double(out_, value);
  }
  void begin(char bracket) {
    begin_element();
    open_.push_back({bracket == '{', out_.size(), {}, 0});
    out_ += bracket;
  }
  void end(char bracket) {
    const Open last = std::move(open_.back());
    open_.pop_back();
    if (last.is_object) sort_members(last);
    if (last.elements != 0 || !last.members.empty()) new_line(open_.size());
    out_ += bracket;
  }

  std::string take() { return std::move(out_); }

 private:
  struct Member {
    std::string key;
    std::size_t begin;  ///< of its text in out_
  };
  struct Open {
    bool is_object;
    std::size_t begin;
    std::vector<Member> members;
    std::size_t elements;
  };

  void new_line(std::size_t depth) {
    if (!indented_) return;
    out_ += '\n';
    out_.append(depth * 2, ' ');
  }
  /// Members get their separators when they are sorted.
  void begin_element() {
    if (open_.empty() || open_.back().is_object) return;
    if (open_.back().elements++ != 0) out_ += ',';
    new_line(open_.size());
  }
  void sort_members(const Open& object) {
    std::vector<std::size_t> order(object.members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, [&object](std::size_t left, std::size_t right) {
      return std::tie(object.members[left].key, left) < std::tie(object.members[right].key, right);
    });
    const std::string unsorted = out_.substr(object.begin + 1);
    out_.resize(object.begin + 1);
    for (const std::size_t at : order) {
      const std::size_t begin = object.members[at].begin - object.begin - 1;
      const bool last = at + 1 == object.members.size();
      const std::size_t end = last ? unsorted.size() : object.members[at + 1].begin - object.begin - 1;
      if (at != order.front()) out_ += ',';
      new_line(open_.size() + 1);
      out_.append(unsorted, begin, end - begin);
    }
  }

  std::string out_;
  std::vector<Open> open_;
  bool indented_;
};

void write(Writer& writer, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      writer.scalar("null");
      break;
    case json::kind::bool_:
      writer.scalar(value.get_bool() ? "true" : "false");
      break;
    case json::kind::int64:
      writer.scalar(std::to_string(value.get_int64()));
      break;
    case json::kind::uint64:
      writer.scalar(std::to_string(value.get_uint64()));
      break;
    case json::kind::double_:
      writer.number(value.get_double());
      break;
    case json::kind::string:
      writer.string(value.get_string());
      break;
    case json::kind::array:
      writer.begin('[');
      for (const json::value& element : value.get_array()) write(writer, element);
      writer.end(']');
      break;
    case json::kind::object:
      writer.begin('{');
      for (const json::key_value_pair& member : value.get_object()) {
        writer.key(member.key());
        write(writer, member.value());
      }
      writer.end('}');
      break;
  }
}

/// What Boost.JSON's parser calls. Each number comes with its text.
class ToWriter {
 public:
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_object_size = max_array_size;
  static constexpr std::size_t max_string_size = max_array_size;
  static constexpr std::size_t max_key_size = max_array_size;
  using Text = json::string_view;
  using Code = boost::system::error_code;

  explicit ToWriter(JsonLayout layout) : writer_(layout) {}
  Writer& writer() { return writer_; }

  bool on_document_begin(Code& /*code*/) { return true; }
  bool on_document_end(Code& /*code*/) { return true; }
  bool on_array_begin(Code& /*code*/) {
    writer_.begin('[');
    return true;
  }
  bool on_array_end(std::size_t /*count*/, Code& /*code*/) {
    writer_.end(']');
    return true;
  }
  bool on_object_begin(Code& /*code*/) {
    writer_.begin('{');
    return true;
  }
  bool on_object_end(std::size_t /*count*/, Code& /*code*/) {
    writer_.end('}');
    return true;
  }
  bool on_string_part(Text text, std::size_t /*count*/, Code& /*code*/) { return gather(text); }
  bool on_string(Text text, std::size_t /*count*/, Code& /*code*/) {
    writer_.string(whole(text));
    return true;
  }
  bool on_key_part(Text text, std::size_t /*count*/, Code& /*code*/) { return gather(text); }
  bool on_key(Text text, std::size_t /*count*/, Code& /*code*/) {
    writer_.key(whole(text));
    return true;
  }
  bool on_number_part(Text text, Code& /*code*/) { return gather(text); }
  bool on_int64(std::int64_t /*value*/, Text text, Code& /*code*/) { return number(text); }
  bool on_uint64(std::uint64_t /*value*/, Text text, Code& /*code*/) { return number(text); }
  bool on_double(double /*value*/, Text text, Code& /*code*/) { return number(text); }
  bool on_bool(bool value, Code& /*code*/) {
    writer_.scalar(value ? "true" : "false");
    return true;
  }
  bool on_null(Code& /*code*/) {
    writer_.scalar("null");
    return true;
  }
  bool on_comment_part(Text /*text*/, Code& /*code*/) { return true; }
  bool on_comment(Text /*text*/, Code& /*code*/) { return true; }

 private:
  bool gather(Text text) {
    parts_.append(text.data(), text.size());
    return true;
  }
  std::string whole(Text last) {
    gather(last);
    return std::exchange(parts_, {});
  }
  bool number(Text text) {
    writer_.scalar(whole(text));
    return true;
  }

  Writer writer_;
  std::string parts_;
};

}  // namespace

std::string json_text(const json::value& value, JsonLayout layout) {
  Writer writer(layout);
  write(writer, value);
  return writer.take();
}

std::optional<std::string> json_object_text(std::string_view text, JsonLayout layout) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return std::nullopt;
  json::parse_options options;
  options.max_depth = max_json_depth;
  json::basic_parser<ToWriter> parser(options, layout);
  boost::system::error_code wrong;
  const std::size_t taken = parser.write_some(false, text.data(), text.size(), wrong);
  if (wrong || taken != text.size()) return std::nullopt;
  return parser.handler().writer().take();
}

}  // namespace busrt_cli
