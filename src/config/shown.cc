#include <fmt/format.h>

#include <algorithm>

#include "config/description.h"
#include "config/setting.h"

namespace wardlock::config {
namespace {

using codec::Json;

/// Enough to tell one from another, and too little to be of use.
constexpr std::size_t kShownOfSecret = 15;

void shorten(std::span<const Setting> settings, Json& json);

void shorten(const Setting& setting, Json& json) {
  if (setting.is_secret) {
    for (Json& item : json.get_array()) {
      const auto& text = item.get_string();
      if (text.size() > kShownOfSecret) {
        item = fmt::format("{}…", std::string_view(text).substr(0, kShownOfSecret));
      }
    }
  } else if (setting.kind == Kind::kSection ||
             (setting.kind == Kind::kPathOrSection && json.is_object())) {
    shorten(setting.settings, json);
  } else if (setting.kind == Kind::kSections) {
    for (Json& item : json.get_array()) shorten(setting.settings, item);
  } else if (setting.kind == Kind::kNamed) {
    for (auto& member : json.get_object()) shorten(setting.settings, member.value());
  }
}

void shorten(std::span<const Setting> settings, Json& json) {
  for (const Setting& setting : settings) {
    if (Json* value = json.get_object().if_contains(setting.name)) shorten(setting, *value);
  }
}

void add_yaml(const Json& json, std::size_t indent, std::string& out);

void add_inline(const Json& json, std::string& out) {
  // JSON's texts and numbers are YAML's.
  out += " " + codec::to_json_text(json) + "\n";
}

bool is_nested(const Json& json) {
  return (json.is_object() && !json.get_object().empty()) ||
         (json.is_array() && !json.get_array().empty());
}

void add_member(std::string_view key, const Json& value, std::size_t indent, std::string& out) {
  const bool is_plain = std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  out += (is_plain ? std::string(key) : codec::to_json_text(Json(key))) + ":";
  if (!is_nested(value)) return add_inline(value, out);
  out += '\n';
  add_yaml(value, indent + 2, out);
}

void add_yaml(const Json& json, std::size_t indent, std::string& out) {
  const std::string margin(indent, ' ');
  if (const auto* object = json.if_object()) {
    for (const auto& [key, value] : *object) {
      out += margin;
      add_member(key, value, indent, out);
    }
    return;
  }
  for (const Json& item : json.get_array()) {
    out += margin + "-";
    if (!item.is_object()) {
      add_inline(item, out);
      continue;
    }
    std::string inner;
    add_yaml(item, indent + 2, inner);
    out += ' ' + inner.substr(indent + 2);
  }
}

}  // namespace

Json shown(const Json& document) {
  Json out = document;
  shorten(all_settings(), out);
  return out;
}

std::string to_yaml_text(const Json& json) {
  std::string out;
  add_yaml(json, 0, out);
  return out;
}

}  // namespace wardlock::config
