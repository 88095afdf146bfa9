#include "cedar/json/fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wardlock::cedar {

std::string_view kind_name(const codec::Json& json) {
  switch (json.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "a boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_: return "a number";
    case boost::json::kind::string: return "a string";
    case boost::json::kind::array: return "an array";
    case boost::json::kind::object: return "an object";
  }
  return "unknown";
}

Result<std::string_view> as_string(const codec::Json& json, const JsonPath& path) {
  if (const auto* text = json.if_string()) return view(*text);
  return path.invalid(fmt::format("expected a string, found {}", kind_name(json)));
}

Result<const boost::json::array*> as_array(const codec::Json& json, const JsonPath& path) {
  if (const auto* array = json.if_array()) return array;
  return path.invalid(fmt::format("expected an array, found {}", kind_name(json)));
}

Result<Fields> Fields::of(const codec::Json& json, const JsonPath& path) {
  if (const auto* object = json.if_object()) return Fields(object, &path);
  return path.invalid(fmt::format("expected an object, found {}", kind_name(json)));
}

Result<void> Fields::allow_only(std::initializer_list<std::string_view> names) const {
  for (const auto& member : *object_) {
    const std::string_view key(member.key().data(), member.key().size());
    if (std::ranges::find(names, key) == names.end()) {
      return path_->invalid(
          fmt::format("unknown key `{}`; expected `{}`", key, fmt::join(names, "`, `")));
    }
  }
  return {};
}

const codec::Json* Fields::find(std::string_view name) const { return object_->if_contains(name); }

Result<const codec::Json*> Fields::get(std::string_view name) const {
  if (const codec::Json* json = find(name)) return json;
  return path_->invalid(fmt::format("the key `{}` is missing", name));
}

Result<std::string_view> Fields::get_string(std::string_view name) const {
  return as_string(*TRY(get(name)), JsonPath(*path_, name));
}

Result<const boost::json::array*> Fields::get_array(std::string_view name) const {
  return as_array(*TRY(get(name)), JsonPath(*path_, name));
}

}  // namespace wardlock::cedar
