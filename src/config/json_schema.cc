#include <fmt/format.h>

#include "codec/yaml.h"
#include "config/description.h"
#include "config/setting.h"

namespace wardlock::config {
namespace {

using boost::json::array;
using boost::json::object;

object schema_of(const Setting& setting);

object schema_of(std::span<const Setting> settings, std::span<const std::string_view> either) {
  object properties;
  array required;
  for (const Setting& setting : settings) {
    properties[setting.name] = schema_of(setting);
    const bool is_one_of = std::ranges::find(either, setting.name) != either.end();
    if (setting.is_required && !is_one_of) required.emplace_back(setting.name);
  }
  object out{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
  if (!required.empty()) out["required"] = std::move(required);
  array alternatives;
  for (const std::string_view name : either) {
    alternatives.push_back(object{{"required", array{name}}});
  }
  if (!alternatives.empty()) out["oneOf"] = std::move(alternatives);
  return out;
}

object schema_of_text(const Setting& setting) {
  object out{{"type", "string"}, {"minLength", 1}};
  if (setting.pattern != nullptr) out["pattern"] = fmt::format("^({})$", setting.pattern);
  if (!setting.words.empty()) out["enum"] = array(setting.words.begin(), setting.words.end());
  return out;
}

object schema_of_value(const Setting& setting) {
  switch (setting.kind) {
    case Kind::kText: return schema_of_text(setting);
    case Kind::kPath: return {{"type", "string"}, {"minLength", 1}};
    case Kind::kFlag: return {{"type", "boolean"}};
    case Kind::kNumber:
      return {{"type", "integer"}, {"minimum", setting.least}, {"maximum", setting.most}};
    case Kind::kDuration: return {{"type", "string"}, {"pattern", "^[0-9]+(ms|s|m|h|d)$"}};
    case Kind::kSize:
      return {{"type", array{"string", "integer"}}, {"pattern", "^[0-9]+(KiB|MiB)?$"}};
    case Kind::kTexts: return {{"type", "array"}, {"items", schema_of_text(setting)}};
    case Kind::kTextMap:
      return {{"type", "object"}, {"additionalProperties", schema_of_text(setting)}};
    case Kind::kSections: return {{"type", "array"}, {"items", schema_of(setting.settings, {})}};
    case Kind::kNamed:
      return {{"type", "object"},
              {"propertyNames", object{{"pattern", fmt::format("^({})$", setting.pattern)}}},
              {"additionalProperties", schema_of(setting.settings, {})}};
    case Kind::kPathOrSection:
      return {{"oneOf", array{object{{"type", "string"}, {"minLength", 1}},
                              schema_of(setting.settings, {})}}};
    case Kind::kSection: break;
  }
  return schema_of(setting.settings, {});
}

/// The fallback of a plain kind as JSON.
codec::Json fallback_of(const Setting& setting) {
  if (setting.kind == Kind::kFlag) return setting.fallback == "true";
  if (setting.kind == Kind::kNumber) return std::stoll(std::string(setting.fallback));
  if (setting.fallback == "[]") return array();
  if (setting.fallback == "{}") return object();
  return codec::Json(setting.fallback);
}

object schema_of(const Setting& setting) {
  object out = schema_of_value(setting);
  out["description"] = setting.about;
  if (!setting.fallback.empty()) out["default"] = fallback_of(setting);
  return out;
}

}  // namespace

codec::Json json_schema() {
  object out{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
             {"title", "Wardlock configuration"}};
  for (auto& [key, value] : schema_of(all_settings(), alternatives())) out[key] = value;
  return out;
}

}  // namespace wardlock::config
