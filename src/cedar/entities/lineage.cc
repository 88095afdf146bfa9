#include "cedar/entities/lineage.h"

#include <cstring>
#include <memory>
#include <new>
#include <ranges>

namespace wardlock::cedar {
namespace {

std::string_view copy(std::string_view text, std::byte* place) {
  if (!text.empty()) std::memcpy(place, text.data(), text.size());
  return {reinterpret_cast<const char*>(place), text.size()};
}

}  // namespace

const EntityUid* Lineage::make_uid(const EntityUid& uid, Chunks& chunks) {
  const std::string_view type = name(uid.type);
  // The id lies behind the uid: whoever compares reads one place.
  const std::size_t bytes = sizeof(EntityUid) + uid.id.size();
  bytes_ += bytes;
  std::byte* place = chunks.allocate(bytes);
  return new (place) EntityUid{type, copy(uid.id, place + sizeof(EntityUid)), uid.hash};
}

std::string_view Lineage::name(std::string_view name) {
  const auto it = names_.find(name);
  if (it != names_.end()) return *it;
  bytes_ += name.size();
  return *names_.insert(copy(name, interned_.allocate(name.size()))).first;
}

const Names& Lineage::names(std::span<const Field> fields) {
  const auto given = fields | std::views::transform(&Field::name);
  wanted_.assign(given.begin(), given.end());
  const auto it = lists_.find(wanted_);
  if (it != lists_.end()) return *it->second;
  for (std::string_view& each : wanted_) each = name(each);
  std::byte* place = interned_.allocate(sizeof(Names) + wanted_.size() * sizeof(std::string_view));
  auto* list = reinterpret_cast<std::string_view*>(place + sizeof(Names));
  std::uninitialized_copy(wanted_.begin(), wanted_.end(), list);
  return *lists_.emplace(wanted_, new (place) Names(list, wanted_.size())).first->second;
}

std::vector<Names> Lineage::lists() const {
  std::vector<Names> lists;
  for (const auto& [names, list] : lists_) lists.push_back(*list);
  return lists;
}

}  // namespace wardlock::cedar
