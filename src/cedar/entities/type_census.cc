#include "cedar/entities/type_census.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace wardlock::cedar {

std::optional<std::span<const EntityUid* const>> TypeCensus::few(std::string_view type) const {
  if (has_too_many_) return std::nullopt;
  const auto it = types_.find(type);
  if (it == types_.end()) return std::span<const EntityUid* const>();
  if (it->second.few == nullptr) return std::nullopt;
  return *it->second.few;
}

std::optional<std::vector<std::string_view>> TypeCensus::parent_types() const {
  if (has_too_many_) return std::nullopt;
  std::vector<std::string_view> types;
  for (const auto& [type, known] : types_) {
    if (known.children > 0) types.push_back(type);
  }
  return types;
}

std::shared_ptr<const TypeCensus> TypeCensus::after(std::shared_ptr<const TypeCensus> before,
                                                    const Changes& changes) {
  if (before != nullptr && before->has_too_many_) return before;
  auto next =
      before != nullptr ? std::make_shared<TypeCensus>(*before) : std::make_shared<TypeCensus>();
  bool is_changed = before == nullptr;
  for (const auto& [type, change] : changes.types_) {
    if (change.children == 0 && change.come.empty() && change.gone.empty()) continue;
    is_changed = true;
    OfType& known = next->types_[type];
    known.children += static_cast<std::size_t>(change.children);
    if (known.few == nullptr || (change.come.empty() && change.gone.empty())) continue;
    Uids uids;
    const auto is_gone = [&](const EntityUid* uid) {
      return std::ranges::find(change.gone, uid) != change.gone.end();
    };
    std::ranges::remove_copy_if(*known.few, std::back_inserter(uids), is_gone);
    uids.insert(uids.end(), change.come.begin(), change.come.end());
    known.few =
        uids.size() <= kFewEntities ? std::make_shared<const Uids>(std::move(uids)) : nullptr;
  }
  if (!is_changed) return before;
  if (next->types_.size() > kMostTypes) {
    next->types_.clear();
    next->has_too_many_ = true;
  }
  return next;
}

void TypeCensus::Changes::add(const Entity* before, const Entity* after) {
  if (before != nullptr) count_children(*before, -1);
  if (after != nullptr) count_children(*after, 1);
  if ((before == nullptr) == (after == nullptr)) return;
  OfType& of_type = types_[after != nullptr ? after->uid()->type : before->uid()->type];
  Uids& uids = after != nullptr ? of_type.come : of_type.gone;
  // More are not listed: one too many says it all.
  if (uids.size() <= kFewEntities) uids.push_back(after != nullptr ? after->uid() : before->uid());
}

void TypeCensus::Changes::count_children(const Entity& entity, std::ptrdiff_t how_many) {
  for (const EntityUid* parent : entity.parents()) types_[parent->type].children += how_many;
}

}  // namespace wardlock::cedar
