#include "cedar/validator/inferred_type.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wardlock::cedar {
namespace {

constexpr std::size_t kMaxShown = 6;
constexpr int kMaxDepth = 2;

std::string entity_to_string(const InferredType& type) {
  const auto shown = type.entity_types.first(std::min(type.entity_types.size(), kMaxShown));
  std::string text = fmt::format("entity of type `{}`", fmt::join(shown, "` or `"));
  const std::size_t rest = type.entity_types.size() - shown.size();
  if (rest > 0) text += fmt::format(" or one of {} more", rest);
  return text;
}

std::string describe(const InferredType& type, int depth);

std::string record_to_string(const InferredType& type, int depth) {
  if (depth >= kMaxDepth) return "record";
  std::string text = "record {";
  std::size_t shown = 0;
  for (const InferredAttribute& attribute : type.attributes) {
    if (shown > 0) text += ", ";
    if (shown++ == kMaxShown) return text + "…}";
    text += fmt::format("{}{}: {}", attribute.name, attribute.is_required ? "" : "?",
                        describe(*attribute.type, depth + 1));
  }
  if (type.is_open) text += shown > 0 ? ", …" : "…";
  return text + "}";
}

std::string describe(const InferredType& type, int depth) {
  switch (type.kind) {
    case Kind::kEntity: return entity_to_string(type);
    case Kind::kRecord: return record_to_string(type, depth);
    case Kind::kSet:
      if (type.element == nullptr) return "empty set";
      return depth >= kMaxDepth ? "set" : "set of " + describe(*type.element, depth + 1);
    default: return std::string(to_string(type.kind));
  }
}

}  // namespace

const InferredAttribute* InferredType::find_attribute(std::string_view name) const {
  const auto it = std::ranges::lower_bound(attributes, name, {}, &InferredAttribute::name);
  return it != attributes.end() && it->name == name ? &*it : nullptr;
}

std::string to_string(const InferredType& type) { return describe(type, 0); }

}  // namespace wardlock::cedar
