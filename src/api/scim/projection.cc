#include "api/scim/projection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wardlock::scim {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

constexpr std::size_t kMaxPaths = 100;

Outcome<std::vector<AttributePath>> parse_list(std::string_view list) {
  std::vector<AttributePath> paths;
  while (true) {
    const std::size_t comma = list.find(',');
    std::string_view name = list.substr(0, comma);
    name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    auto path = parse_attribute_path(name);
    if (!path) return refuse(ErrorType::kInvalidValue, path.error().message);
    if (paths.size() == kMaxPaths) {
      return refuse(ErrorType::kInvalidValue, fmt::format("name at most {} attributes", kMaxPaths));
    }
    paths.push_back(*std::move(path));
    if (comma == std::string_view::npos) return paths;
    list.remove_prefix(comma + 1);
  }
}

/// Whether the name given means the attribute. A name without a schema means one of any; one of the
/// core schemas may be told with its schema, too.
bool is_of_schema(const AttributePath& named, const AttributePath& path) {
  return named.schema.empty() || is_same_name(named.schema, path.schema) || path.schema.empty();
}

/// A whole extension is named by its schema alone, which reads as an attribute's.
bool is_whole_schema(const AttributePath& named, std::string_view schema) {
  return !schema.empty() && named.sub_attribute.empty() &&
         is_same_name(named.schema + ":" + named.attribute, schema);
}

}  // namespace

Outcome<Projection> Projection::parse(std::string_view attributes, std::string_view excluded) {
  Projection projection;
  if (attributes.empty() && excluded.empty()) return projection;
  if (!attributes.empty() && !excluded.empty()) {
    return refuse(ErrorType::kInvalidValue, "give `attributes` or `excludedAttributes`, not both");
  }
  projection.mode_ = excluded.empty() ? Mode::kOnly : Mode::kWithout;
  projection.paths_ = TRY(parse_list(excluded.empty() ? attributes : excluded));
  return projection;
}

bool Projection::names(const AttributePath& path) const {
  return std::ranges::any_of(paths_, [&](const AttributePath& named) {
    if (is_whole_schema(named, path.schema)) return true;
    const bool is_same = is_of_schema(named, path) && is_same_name(named.attribute, path.attribute);
    return is_same &&
           (named.sub_attribute.empty() || is_same_name(named.sub_attribute, path.sub_attribute));
  });
}

bool Projection::names_within(const AttributePath& path) const {
  return std::ranges::any_of(paths_, [&](const AttributePath& named) {
    return !named.sub_attribute.empty() && is_of_schema(named, path) &&
           is_same_name(named.attribute, path.attribute);
  });
}

bool Projection::is_kept(const AttributePath& path, Returned returned) const {
  if (returned == Returned::kAlways) return true;
  if (returned == Returned::kNever) return false;
  const bool is_named = names(path);
  if (mode_ == Mode::kOnly) return is_named;
  return returned == Returned::kDefault && (mode_ == Mode::kUsual || !is_named);
}

bool Projection::may_have(const AttributePath& path, Returned returned) const {
  const bool is_in_part =
      mode_ == Mode::kOnly && returned != Returned::kNever && names_within(path);
  return is_in_part || is_kept(path, returned);
}

Json Projection::of_attribute(const Json& value, const AttributePath& path,
                              const FindReturned& find_returned) const {
  if (value.is_array()) {
    array values;
    for (const Json& each : value.as_array()) {
      values.push_back(of_attribute(each, path, find_returned));
    }
    return values;
  }
  if (!value.is_object()) return value;
  object kept;
  for (const auto& member : value.as_object()) {
    AttributePath sub_path = path;
    sub_path.sub_attribute = member.key();
    if (is_kept(sub_path, find_returned(sub_path))) kept.emplace(member.key(), member.value());
  }
  return kept;
}

object Projection::of_schema(const object& members, std::string_view schema,
                             const FindReturned& find_returned) const {
  object kept;
  for (const auto& member : members) {
    const std::string_view key = member.key();
    if (schema.empty() && key.contains(':') && member.value().is_object()) {
      object extension = of_schema(member.value().as_object(), key, find_returned);
      if (!extension.empty()) kept.emplace(key, std::move(extension));
      continue;
    }
    const AttributePath path{
        .schema = std::string(schema), .attribute = std::string(key), .sub_attribute = {}};
    const Returned returned = find_returned(path);
    if (!may_have(path, returned)) continue;
    kept.emplace(key, of_attribute(member.value(), path, find_returned));
  }
  return kept;
}

object Projection::apply(const object& resource, const FindReturned& find_returned) const {
  return of_schema(resource, "", find_returned);
}

}  // namespace wardlock::scim
