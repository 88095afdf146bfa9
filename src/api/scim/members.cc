#include "api/scim/members.h"

#include <algorithm>

namespace wardlock::scim {

const codec::Json* find_member(const boost::json::object& object, std::string_view name) {
  const auto found = std::ranges::find_if(
      object, [&](const auto& member) { return is_same_name(member.key(), name); });
  return found == object.end() ? nullptr : &found->value();
}

codec::Json* find_member(boost::json::object& object, std::string_view name) {
  const auto found = std::ranges::find_if(
      object, [&](const auto& member) { return is_same_name(member.key(), name); });
  return found == object.end() ? nullptr : &found->value();
}

const codec::Json* find_attribute(const boost::json::object& resource, const AttributePath& path) {
  if (!path.schema.empty()) {
    const codec::Json* extension = find_member(resource, path.schema);
    if (extension != nullptr && extension->is_object()) {
      return find_member(extension->as_object(), path.attribute);
    }
  }
  return find_member(resource, path.attribute);
}

}  // namespace wardlock::scim
