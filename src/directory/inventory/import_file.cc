#include "directory/inventory/import_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "crypto/seeded_hash.h"
#include "directory/inventory/import.h"
#include "directory/inventory/life.h"

namespace wardlock::directory {
namespace {

using boost::json::object;
using codec::Json;

constexpr std::size_t kMaxFaults = 1000;
constexpr std::size_t kMaxBatchBytes = std::size_t{512} << 10;
constexpr std::uint8_t kRelationRank = 255;
constexpr std::uint32_t kNone = UINT32_MAX;
constexpr std::size_t kMostRemembered = 1000;
constexpr std::chrono::year kAnyYear(2000);  // for names, no matter what the dates in them mean

bool refers_to(Kind kind, Kind other) {
  for (const Attribute& attribute : schema_of(kind).attributes) {
    if (attribute.type == Type::kReference && attribute.targets.contains(other)) return true;
  }
  return false;
}

std::array<std::uint8_t, kKinds> make_ranks() {
  std::array<std::uint8_t, kKinds> ranks = {};
  for (std::size_t round = 0; round < kKinds; ++round) {
    for (std::size_t i = 0; i < kKinds; ++i) {
      for (std::size_t j = 0; j < kKinds; ++j) {
        if (i == j || !refers_to(static_cast<Kind>(i), static_cast<Kind>(j))) continue;
        ranks[i] = std::max<std::uint8_t>(ranks[i], ranks[j] + 1);
      }
    }
  }
  return ranks;
}

bool is_own_kind(const ThingEntry& thing, const KeyReference& reference) {
  return reference.attribute->targets.contains(thing.kind);
}

}  // namespace

std::uint8_t import_rank(Kind kind) {
  static const std::array<std::uint8_t, kKinds> ranks = make_ranks();
  // Kinds of one rank one after the other.
  return static_cast<std::uint8_t>(ranks[static_cast<std::size_t>(kind)] * kKinds +
                                   static_cast<std::size_t>(kind));
}

Result<ImportFile> ImportFile::read(std::vector<InventoryText*> texts) {
  ImportFile file(std::move(texts));
  for (std::uint32_t i = 0; i < file.texts_.size(); ++i) {
    const auto add = [&](ItemPlace place, const InventoryText::Item& item) -> Result<void> {
      place.text = i;
      file.add(place, item);
      return {};
    };
    TRY_VOID(file.texts_[i]->each(add));
  }
  std::ranges::stable_sort(file.items_, {}, &Item::rank);
  for (Index i = 0; i < file.items_.size(); ++i) {
    if (file.items_[i].is_twofold) file.late_.push_back(i);
  }
  TRY_VOID(file.name_items());
  return file;
}

void ImportFile::add_fault(const ItemPlace& place, Faults faults) {
  ++fault_count_;
  if (faults_.size() < kMaxFaults) faults_.push_back({place, std::move(faults)});
}

void ImportFile::add(const ItemPlace& place, const Checked<Json>& json) {
  if (!json) return add_fault(place, json.error());
  auto entry = read_entry(*json);
  if (!entry) return add_fault(place, std::move(entry.error()));
  Item item{.place = place, .rank = kRelationRank};
  if (const auto* thing = std::get_if<ThingEntry>(&*entry)) {
    item.rank = import_rank(thing->kind);
    item.is_only_new = thing->is_only_new;
    item.is_twofold = needs_others(schema_of(thing->kind), thing->state);
    for (const KeyReference& reference : key_references(*thing)) {
      if (is_own_kind(*thing, reference) && !reference.attribute->is_read_only) {
        item.is_twofold = true;
      }
    }
  }
  items_.push_back(item);
}

Result<void> ImportFile::name_items() {
  for (Index i = 0; i < items_.size(); ++i) {
    const auto found = TRY(entry(i));
    if (!found) continue;
    if (const auto* thing = std::get_if<ThingEntry>(&*found)) {
      name(i, *thing);
    } else {
      note_owner(i, std::get<RelationEntry>(*found));
    }
  }
  return {};
}

void ImportFile::name(Index index, const ThingEntry& thing) {
  for (const Naming& naming : namings(thing.kind, thing.attributes, kAnyYear)) {
    if (!naming.is_handle() && !identity_of(thing.kind, naming.by, naming.value)) continue;
    const auto [other, is_new] = names_.emplace(hash_of(thing.kind, naming), index);
    if (is_new || other->second == index) continue;
    if (thing.is_only_new || items_[other->second].is_only_new) continue;
    add_fault(items_[index].place,
              {{naming.by.path, fmt::format("is the same as in {}: write both as one",
                                            to_text(items_[other->second].place))}});
    return;
  }
}

void ImportFile::note_owner(Index index, const RelationEntry& relation) {
  if (relation.relation != Relation::kOwner) return;
  if (!schema_of(relation.subject.kind).needs_owner) return;
  for (const Index subject : resolve(relation.subject)) owners_.emplace(subject, index);
}

Result<InventoryText::Item> ImportFile::item(Index index) {
  const ItemPlace& place = items_[index].place;
  return texts_[place.text]->read(place);
}

Result<Checked<Entry>> ImportFile::entry(Index index) {
  const auto json = TRY(item(index));
  if (!json) return Checked<Entry>(std::unexpected(json.error()));
  return read_entry(*json);
}

/// What is within something of the file is told by the place of that, however it is written.
std::uint64_t ImportFile::hash_of(Kind kind, const Naming& naming) const {
  std::string text = fmt::format("{}.{}:{}", to_string(kind), naming.by.path, naming.value);
  if (naming.within) {
    const auto within = resolve(*naming.within);
    text += '\0';
    text += within.empty() ? "?" + to_text(*naming.within) : fmt::format("#{}", within.front());
  }
  return crypto::seeded_hash(text);
}

std::vector<ImportFile::Index> ImportFile::resolve(const Key& key) const {
  std::vector<Index> found;
  for (const Naming& naming : namings(key, kAnyYear)) {
    if (naming.is_handle() && !found.empty()) continue;
    const auto at = names_.find(hash_of(key.kind, naming));
    if (at != names_.end() && std::ranges::find(found, at->second) == found.end()) {
      found.push_back(at->second);
    }
  }
  return found;
}

/// Whether the file enters what is referred to only later.
bool ImportFile::waits(Index index, const KeyReference& reference) const {
  return std::ranges::any_of(referred(reference), [&](Index other) { return other >= index; });
}

/// Requires that all items are named.
const std::vector<ImportFile::Index>& ImportFile::referred(const KeyReference& reference) const {
  const auto key = read_key(reference.text, reference.attribute->targets);
  static const std::vector<Index> none;
  if (!key) return none;
  const std::string memory = fmt::format("{}{}", to_string(key->kind), reference.text);
  const auto known = referred_.find(memory);
  if (known != referred_.end()) return known->second;
  if (referred_.size() >= kMostRemembered) referred_.clear();
  return referred_.emplace(memory, resolve(*key)).first->second;
}

/// What is to be there before the item.
std::vector<ImportFile::Index> ImportFile::needs(Index index, const Entry& entry,
                                                 bool is_late) const {
  std::vector<Index> found;
  const auto add = [&](const Key& key) {
    for (const Index other : resolve(key)) found.push_back(other);
  };
  if (const auto* relation = std::get_if<RelationEntry>(&entry)) {
    add(relation->subject);
    add(relation->object);
    if (relation->scope) add(*relation->scope);
    return found;
  }
  const auto& thing = std::get<ThingEntry>(entry);
  for (const KeyReference& reference : key_references(thing)) {
    if (!is_late && waits(index, reference)) continue;
    std::ranges::copy(referred(reference), std::back_inserter(found));
  }
  if (!is_late) return found;
  found.push_back(index);
  const auto owner = owners_.find(index);
  if (owner != owners_.end()) found.push_back(owner->second);
  return found;
}

/// The item without what has to wait.
Result<Json> ImportFile::as_first(Index index) {
  auto json = TRY(item(index));
  if (!json) return fail(ErrorCode::kAborted, "the file changed while it was read");
  if (!items_[index].is_twofold) return std::move(*json);
  const auto read = read_entry(*json);
  const auto* thing = read ? std::get_if<ThingEntry>(&*read) : nullptr;
  if (thing == nullptr) return fail(ErrorCode::kAborted, "the file changed while it was read");
  object& item = json->get_object();
  if (needs_others(schema_of(thing->kind), thing->state)) item.erase("state");
  for (const KeyReference& reference : key_references(*thing)) {
    if (!is_own_kind(*thing, reference) || !waits(index, reference)) continue;
    item["attributes"].as_object().erase(reference.attribute->name);
  }
  return std::move(*json);
}

/// All of the item, if something had to wait.
Result<std::optional<Json>> ImportFile::as_late(Index index) {
  const Json first = TRY(as_first(index));
  auto json = TRY(item(index));
  if (!json || *json == first) return std::nullopt;
  return std::move(*json);
}

/// What is needed and is neither there nor gathered.
Result<void> ImportFile::gather(std::vector<Index> wanted, Index first_there, const Gathered& there,
                                Gathered& more) {
  while (!wanted.empty()) {
    const Index index = wanted.back();
    wanted.pop_back();
    if (index >= first_there && items_[index].rank != kRelationRank) continue;
    if (there.before.contains(index) || more.before.contains(index)) continue;
    const auto found = TRY(entry(index));
    if (!found) continue;
    Json first = TRY(as_first(index));
    more.bytes += codec::to_json_text(first).size();
    more.before.emplace(index, std::move(first));
    std::ranges::copy(needs(index, *found, false), std::back_inserter(wanted));
  }
  return {};
}

/// The item of a step; nothing: there is nothing to do.
Result<std::optional<Json>> ImportFile::json_of(std::uint64_t step) {
  if (step < items_.size()) return TRY(as_first(static_cast<Index>(step)));
  return as_late(late_[step - items_.size()]);
}

Result<std::optional<FileBatch>> ImportFile::next(bool is_alone) {
  FileBatch batch;
  Gathered gathered;
  const bool is_late = next_ >= items_.size();
  const std::uint64_t begin = next_;
  const std::uint64_t end = is_late ? size() : items_.size();
  for (; next_ < end && batch.entries.size() < kMaxBatchEntries; ++next_) {
    auto json = TRY(json_of(next_));
    if (!json) continue;
    const Index index = is_late ? late_[next_ - items_.size()] : static_cast<Index>(next_);
    Gathered more{.bytes = codec::to_json_text(*json).size()};
    if (is_alone) {
      const auto entry = read_entry(*json);
      const Index first_there = is_late ? kNone : static_cast<Index>(begin);
      if (entry) TRY_VOID(gather(needs(index, *entry, is_late), first_there, gathered, more));
    }
    const bool is_full = gathered.bytes + more.bytes > kMaxBatchBytes ||
                         gathered.before.size() + more.before.size() > kMaxBefore;
    if (is_full && !batch.entries.empty()) break;
    gathered.bytes += more.bytes;
    gathered.before.merge(more.before);
    batch.entries.push_back(std::move(*json));
    batch.places.push_back(items_[index].place);
  }
  if (batch.entries.empty()) {
    if (next_ < size()) return next(is_alone);  // late ones of which nothing had to wait
    return std::nullopt;
  }
  for (auto& [index, json] : gathered.before) batch.before.push_back(std::move(json));
  return batch;
}

}  // namespace wardlock::directory
