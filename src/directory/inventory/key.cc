#include "directory/inventory/key.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

using codec::Json;

constexpr std::string_view kHandle = "displayName";
constexpr std::size_t kMaxKeyBytes = 2048;

Kind target_of(const Attribute& reference) {
  for (const Schema* schema : all_schemas()) {
    if (reference.targets.contains(schema->kind)) return schema->kind;
  }
  CHECK(false);  // a row of the table without targets
}

/// What a value of the attribute is unique within.
Kind kind_within(Kind kind, const Attribute& attribute) {
  const Attribute* reference = find_attribute(schema_of(kind).attributes, attribute.unique_within);
  CHECK(reference != nullptr);
  return target_of(*reference);
}

/// By which things of the kind are known in files: what is unique; or where nothing of that is
/// required, what they are called.
std::vector<NamingAttribute> known_by(Kind kind) {
  std::vector<NamingAttribute> found = naming_attributes(kind);
  const bool is_named = std::ranges::any_of(
      found, [](const NamingAttribute& naming) { return naming.attribute->is_required; });
  if (is_named) return found;
  const Attribute* handle = find_attribute(schema_of(kind).attributes, kHandle);
  CHECK(handle != nullptr && handle->is_required);
  found.push_back({handle, std::string(kHandle)});
  return found;
}

std::optional<std::string> normal_value(const Attribute& attribute, std::string_view value,
                                        std::chrono::year this_year) {
  if (attribute.type != Type::kIdentifier) {
    if (find_invalid_utf8(value) || find_deceptive_character(value)) return std::nullopt;
    return std::string(value);
  }
  auto normal = normalised(attribute.identifier, value, this_year);
  if (!normal) return std::nullopt;
  return std::move(*normal);
}

std::optional<Naming> as_whole(const Key& key, const NamingAttribute& by,
                               std::chrono::year this_year) {
  if (key.is_part && key.value.contains('/')) return std::nullopt;
  auto value =
      normal_value(*by.attribute, key.is_part ? unescaped_part(key.value) : key.value, this_year);
  if (!value) return std::nullopt;
  return Naming{by, std::move(*value), std::nullopt};
}

std::optional<Naming> in_parts(const Key& key, const NamingAttribute& by,
                               std::chrono::year this_year) {
  const std::size_t slash = key.value.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  auto value = normal_value(*by.attribute, unescaped_part(key.value.substr(slash + 1)), this_year);
  if (!value || value->empty()) return std::nullopt;
  return Naming{by, std::move(*value),
                Key{.kind = kind_within(key.kind, *by.attribute),
                    .value = key.value.substr(0, slash),
                    .is_part = true}};
}

/// The kinds, for messages.
std::string names_of(Kinds kinds) {
  std::string out;
  for (const Schema* schema : all_schemas()) {
    if (!kinds.contains(schema->kind)) continue;
    out += fmt::format("{}`{}:…`", out.empty() ? "" : " or ", schema->name);
  }
  return out;
}

std::optional<Kind> only_one(Kinds kinds) {
  std::optional<Kind> only;
  for (const Schema* schema : all_schemas()) {
    if (!kinds.contains(schema->kind)) continue;
    if (only) return std::nullopt;
    only = schema->kind;
  }
  return only;
}

Result<void> check_attribute(Kind kind, std::string_view path) {
  if (path.empty() || path == "id") return {};
  std::vector<std::string> paths = {"id"};
  for (const NamingAttribute& naming : known_by(kind)) paths.push_back(naming.path);
  if (std::ranges::find(paths, path) != paths.end()) return {};
  return invalid(fmt::format("no attribute `{}` names {}{}", printable(path),
                             schema_of(kind).plural, suggestion(path, paths)));
}

}  // namespace

bool Naming::is_handle() const {
  return !by.attribute->is_unique && by.attribute->unique_within.empty();
}

Result<Key> read_key(std::string_view text, Kinds kinds) {
  if (text.empty()) return invalid("is an empty text; leave it out instead");
  if (text.size() > kMaxKeyBytes) {
    return invalid(
        fmt::format("is a key of {} bytes; at most {} are read", text.size(), kMaxKeyBytes));
  }
  if (find_invalid_utf8(text)) return invalid("is not valid UTF-8");
  if (find_deceptive_character(text)) {
    return invalid("has a control character or one that changes the direction of writing");
  }
  const std::size_t colon = text.find(':');
  const std::string_view head = text.substr(0, colon);
  const std::size_t dot = head.find('.');
  const auto kind = colon == std::string_view::npos ? std::nullopt : find_kind(head.substr(0, dot));
  if (!kind) {
    const auto only = only_one(kinds);
    if (only) return Key{.kind = *only, .value = std::string(text)};
    return invalid(fmt::format("`{}` is no key: write {}", printable(text), names_of(kinds)));
  }
  if (!kinds.contains(*kind)) {
    return invalid(fmt::format("`{}` is the key of a thing of the kind `{}`; here it is {}",
                               printable(text), to_string(*kind), names_of(kinds)));
  }
  const std::string_view path =
      dot == std::string_view::npos ? std::string_view() : head.substr(dot + 1);
  TRY_VOID(check_attribute(*kind, path));
  if (colon + 1 == text.size()) {
    return invalid(fmt::format("`{}` has nothing behind its colon", printable(text)));
  }
  return Key{
      .kind = *kind, .attribute = std::string(path), .value = std::string(text.substr(colon + 1))};
}

std::string to_text(const Key& key) {
  return printable(fmt::format("{}{}{}:{}", to_string(key.kind), key.attribute.empty() ? "" : ".",
                               key.attribute, key.value));
}

std::vector<Naming> namings(const Key& key, std::chrono::year this_year) {
  std::vector<Naming> found;
  for (const NamingAttribute& by : known_by(key.kind)) {
    if (!key.attribute.empty() && key.attribute != by.path) continue;
    auto naming = by.attribute->unique_within.empty() ? as_whole(key, by, this_year)
                                                      : in_parts(key, by, this_year);
    if (naming) found.push_back(std::move(*naming));
  }
  return found;
}

std::vector<Naming> namings(Kind kind, const boost::json::object& attributes,
                            std::chrono::year this_year) {
  std::vector<Naming> found;
  const auto add = [&](const NamingAttribute& by, const Json& value) {
    const auto* text = value.if_string();
    if (text == nullptr || text->empty()) return;
    auto normal = normal_value(*by.attribute, *text, this_year);
    if (!normal) return;
    Naming naming{by, std::move(*normal), std::nullopt};
    if (!by.attribute->unique_within.empty()) {
      const Json* whose = attributes.if_contains(by.attribute->unique_within);
      if (whose == nullptr || !whose->is_string()) return;
      auto within = read_key(whose->get_string(), {kind_within(kind, *by.attribute)});
      if (!within) return;
      naming.within = std::move(*within);
    }
    found.push_back(std::move(naming));
  };
  for (const NamingAttribute& by : known_by(kind)) {
    const std::size_t dot = by.path.find('.');
    const Json* value = attributes.if_contains(std::string_view(by.path).substr(0, dot));
    if (value == nullptr) continue;
    const auto add_item = [&](const Json& item) {
      if (dot == std::string::npos) return add(by, item);
      const auto* object = item.if_object();
      const Json* part = object == nullptr ? nullptr : object->if_contains(by.attribute->name);
      if (part != nullptr) add(by, *part);
    };
    if (const auto* items = value->if_array()) {
      for (const Json& item : *items) add_item(item);
    } else {
      add_item(*value);
    }
  }
  return found;
}

NamingAttribute preferred_naming(Kind kind) {
  const auto all = known_by(kind);
  const auto required = std::ranges::find_if(
      all, [](const NamingAttribute& naming) { return naming.attribute->is_required; });
  return required == all.end() ? all.front() : *required;
}

std::string escaped_part(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '/') {
      out += "%2F";
    } else if (c == '%') {
      out += "%25";
    } else {
      out += c;
    }
  }
  return out;
}

std::string unescaped_part(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view code = text.substr(i, 3);
    const bool is_slash = code == "%2F" || code == "%2f";
    if (is_slash || code == "%25") {
      out += is_slash ? '/' : '%';
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace wardlock::directory
