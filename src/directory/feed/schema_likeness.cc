#include "directory/feed/schema_likeness.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace wardlock::directory {
namespace {

bool is_like(const cedar::Type& a, const cedar::Type& b);

bool is_like(const cedar::Type* a, const cedar::Type* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return is_like(*a, *b);
}

/// What annotations say of where a value comes from, and of its age.
bool have_like_sources(const cedar::Attribute& a, const cedar::Attribute& b) {
  return std::ranges::all_of(std::to_array<std::string_view>({"source", "fresh", "stale"}),
                             [&](std::string_view name) {
                               return cedar::find_annotation(a.annotations, name) ==
                                      cedar::find_annotation(b.annotations, name);
                             });
}

bool is_like(const cedar::Type& a, const cedar::Type& b) {
  const auto is_like_attribute = [](const cedar::Attribute& x, const cedar::Attribute& y) {
    return x.name == y.name && x.is_required == y.is_required && have_like_sources(x, y) &&
           is_like(*x.type, *y.type);
  };
  return a.kind == b.kind && a.entity_type == b.entity_type && is_like(a.element, b.element) &&
         std::ranges::equal(a.attributes, b.attributes, is_like_attribute);
}

bool is_like(const cedar::EntityType& a, const cedar::EntityType& b) {
  return is_like(a.shape, b.shape) && is_like(a.tags, b.tags) &&
         std::ranges::equal(a.ancestors, b.ancestors) && std::ranges::equal(a.enum_ids, b.enum_ids);
}

}  // namespace

bool have_same_entity_types(const cedar::Schema& a, const cedar::Schema& b) {
  if (a.entity_types().size() != b.entity_types().size()) return false;
  return std::ranges::all_of(a.entity_types(), [&](const cedar::EntityType& type) {
    const cedar::EntityType* other = b.find_entity_type(type.name);
    return other != nullptr && is_like(type, *other);
  });
}

}  // namespace wardlock::directory
