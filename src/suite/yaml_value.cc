#include "suite/yaml_value.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>
#include <system_error>

namespace wardlock::suite {
namespace {

using codec::Json;
using codec::Yaml;

void refuse(const Yaml& yaml, std::string message, std::string help, Diagnostics& diagnostics) {
  diagnostics.push_back({Severity::kError, std::move(message), yaml.span, std::move(help)});
}

bool is_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_fraction(std::string_view text) {
  const auto point = text.find('.');
  return point != std::string_view::npos && is_number(text.substr(0, point)) &&
         is_number(text.substr(point + 1));
}

Json plain_value(const Yaml& yaml, Diagnostics& diagnostics) {
  const std::string_view text = yaml.text;
  if (text == "true" || text == "false") return text == "true";
  if (is_fraction(text)) {
    refuse(yaml, fmt::format("`{}` is a fraction, which Cedar's numbers are not", text),
           fmt::format("a decimal is written in quotes: \"{}\"", text), diagnostics);
    return nullptr;
  }
  if (!is_number(text)) return Json(text);
  std::int64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) {
    refuse(yaml, fmt::format("`{}` is beyond 64 bits", text), "", diagnostics);
  }
  return number;
}

}  // namespace

Json to_json(const Yaml& yaml, Diagnostics& diagnostics) {
  switch (yaml.kind) {
    case Yaml::Kind::kNull: return nullptr;
    case Yaml::Kind::kPlain: return plain_value(yaml, diagnostics);
    case Yaml::Kind::kQuoted: return Json(yaml.text);
    case Yaml::Kind::kMap: return to_object(yaml, diagnostics);
    case Yaml::Kind::kList: break;
  }
  boost::json::array list;
  for (const Yaml& item : yaml.items) list.push_back(to_json(item, diagnostics));
  return list;
}

boost::json::object to_object(const Yaml& yaml, Diagnostics& diagnostics) {
  boost::json::object object;
  for (const auto& [key, span, value] : yaml.entries) object[key] = to_json(value, diagnostics);
  return object;
}

}  // namespace wardlock::suite
