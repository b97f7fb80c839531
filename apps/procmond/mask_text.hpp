// Secrets that show by their shape inside one piece of text: URLs, headers, JSON members, name=value pairs.
#pragma once

#include <string>
#include <string_view>

namespace procmond {

/// user:password@ in every URL of the text.
void mask_urls(std::string& text);
/// Everything after `Authorization:` up to a quote or the end of the line; the scheme stays.
void mask_authorization(std::string& text);
/// Text that is a header as a whole, `Name: value`, with -H or a quote before it or not.
void mask_header(std::string& text);
/// `"name": "value"` and `'name': 'value'`.
void mask_json_members(std::string& text);
/// `name=value` anywhere. A value that begins the text's first pair of a secret name reaches to the end of
/// the text; others end at a blank, a quote or one of , ; & # .
void mask_pairs(std::string& text);

}  // namespace procmond
