#include "cedar/validator/near_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggestion.h"
#include "cedar/ast/names.h"

namespace wardlock::cedar {
namespace {

constexpr std::size_t kMaxNames = 2'000;
constexpr std::size_t kMaxLength = 200;

std::string_view base_name(std::string_view type) {
  const std::size_t colons = type.rfind("::");
  return colons == std::string_view::npos ? type : type.substr(colons + 2);
}

}  // namespace

std::string nearest_help(std::string_view name, const std::vector<std::string>& names) {
  constexpr std::string_view kSeparator = "; ";
  if (name.size() > kMaxLength || names.size() > kMaxNames) return "";
  const std::string found = suggestion(name, names);
  return found.starts_with(kSeparator) ? found.substr(kSeparator.size()) : found;
}

std::vector<std::string> attribute_names(const InferredType& type, const Schema& schema) {
  std::vector<std::string> names;
  for (const InferredAttribute& attribute : type.attributes) names.emplace_back(attribute.name);
  for (const std::string_view entity_type : type.entity_types) {
    const EntityType* declared = schema.find_entity_type(entity_type);
    if (declared == nullptr) continue;
    for (const Attribute& attribute : declared->shape->attributes) {
      if (names.size() > kMaxNames) return names;
      names.emplace_back(attribute.name);
    }
  }
  return names;
}

std::string nearest_type_help(std::string_view type, const Schema& schema) {
  std::vector<std::string> names;
  for (const EntityType& declared : schema.entity_types()) {
    if (base_name(declared.name) == base_name(type)) {
      return fmt::format("did you mean `{}`?", declared.name);
    }
    if (names.size() <= kMaxNames) names.emplace_back(declared.name);
  }
  return nearest_help(type, names);
}

std::string nearest_action_help(const EntityUid& action, const Schema& schema) {
  std::vector<std::string> names;
  for (const ActionType& declared : schema.actions()) {
    if (declared.uid->id == action.id) {
      return fmt::format("did you mean `{}`?", to_text(*declared.uid));
    }
    if (names.size() <= kMaxNames) names.push_back(to_text(*declared.uid));
  }
  return nearest_help(to_text(action), names);
}

std::string attribute_text(std::string_view name) {
  return is_identifier(name) ? std::string(name) : quote(name);
}

}  // namespace wardlock::cedar
