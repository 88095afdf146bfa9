#include "api/scim/attribute_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace wardlock::scim {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_letter(char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; }
bool is_name_character(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }

}  // namespace

bool is_path_character(char c) { return is_name_character(c) || c == '.' || c == ':' || c == '$'; }

bool is_attribute_name(std::string_view text) {
  if (text == "$ref") return true;
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_name_character);
}

bool is_same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

Result<AttributePath> parse_attribute_path(std::string_view text) {
  AttributePath path;
  std::string_view rest = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    path.schema = text.substr(0, colon);
    rest = text.substr(colon + 1);
    if (path.schema.size() <= 4 || !is_same_name(path.schema.substr(0, 4), "urn:")) {
      return invalid(fmt::format("`{}` is no schema: it begins with `urn:`", path.schema));
    }
  }
  const std::size_t stop = rest.find('.');
  path.attribute = rest.substr(0, stop);
  if (stop != std::string_view::npos) path.sub_attribute = rest.substr(stop + 1);
  if (!is_attribute_name(path.attribute)) {
    return invalid(fmt::format("`{}` is no attribute's name", path.attribute));
  }
  if (stop != std::string_view::npos && !is_attribute_name(path.sub_attribute)) {
    return invalid(fmt::format("`{}` is no sub-attribute's name", path.sub_attribute));
  }
  return path;
}

std::string to_string(const AttributePath& path) {
  std::string text = path.schema.empty() ? path.attribute : path.schema + ":" + path.attribute;
  if (!path.sub_attribute.empty()) text += "." + path.sub_attribute;
  return text;
}

}  // namespace wardlock::scim
