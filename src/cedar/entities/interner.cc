#include "cedar/entities/interner.h"

#include <ranges>

namespace wardlock::cedar {

const EntityUid* Interner::uid(const EntityUid& uid) {
  const auto it = uids_.find(&uid);
  if (it != uids_.end()) return *it;
  return *uids_.insert(arena_.make<EntityUid>(name(uid.type), arena_.copy(uid.id), uid.hash)).first;
}

std::string_view Interner::name(std::string_view name) {
  const auto it = names_.find(name);
  return it != names_.end() ? *it : *names_.insert(arena_.copy(name)).first;
}

const Names& Interner::names(std::span<const Field> fields) {
  std::vector<std::string_view> list;
  for (const Field& field : fields) list.push_back(name(field.name));
  auto [it, is_new] = lists_.try_emplace(std::move(list));
  if (is_new) it->second = arena_.make<Names>(arena_.copy(it->first));
  return *it->second;
}

const EntityUid* Interner::find(const EntityUid& uid) const {
  const auto it = uids_.find(&uid);
  return it == uids_.end() ? nullptr : *it;
}

}  // namespace wardlock::cedar
