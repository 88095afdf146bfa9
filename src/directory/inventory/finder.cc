#include "directory/inventory/finder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

/// A thing that is gone gives its handle to others.
bool is_gone(const Thing& thing) {
  const State* state = find_state(schema_of(thing.kind), thing.state);
  return state != nullptr && state->ends_relations;
}

std::string memory_key(const Key& key) {
  return fmt::format("{}{}.{}:{}", key.is_part ? "/" : "", to_string(key.kind), key.attribute,
                     key.value);
}

}  // namespace

Result<std::string> Finder::id_of(const Key& key) {
  auto id = TRY(try_id_of(key));
  if (id) return std::move(*id);
  return fail(ErrorCode::kNotFound, fmt::format("`{}` names nothing that is known", to_text(key)));
}

Result<Thing> Finder::thing_of(const Key& key) { return edit_.find(TRY(id_of(key))); }

Result<std::optional<std::string>> Finder::try_id_of(const Key& key) {
  const std::string memory = memory_key(key);
  const auto known = ids_.find(memory);
  if (known != ids_.end()) return known->second;
  std::optional<std::string> id;
  if (key.attribute == "id") {
    const auto thing = TRY(find_id(key.kind, key.value));
    if (thing) id = thing->id;
  } else {
    const auto found = TRY(find(key.kind, namings(key, edit_.this_year())));
    if (found.size() > 1) {
      return invalid(fmt::format("`{}` could be two {}: by `{}` and by `{}`; write `{}.{}:…`",
                                 to_text(key), schema_of(key.kind).plural, found[0].path,
                                 found[1].path, to_string(key.kind), found[0].path));
    }
    if (!found.empty()) id = found.front().thing.id;
  }
  if (id) ids_.emplace(memory, *id);
  return id;
}

Result<std::optional<Thing>> Finder::find_id(Kind kind, const std::string& text) {
  const auto id = normalised(NaturalIdentifier::kUuid, text, edit_.this_year());
  if (!id) return std::nullopt;
  auto thing = edit_.find(*id);
  if (thing) {
    if (thing->kind == kind) return std::move(*thing);
    return std::nullopt;
  }
  if (thing.error().code == ErrorCode::kNotFound) return std::nullopt;
  return std::unexpected(thing.error());
}

/// Each thing once, in the order of the table.
Result<std::vector<Finder::Found>> Finder::find(Kind kind, const std::vector<Naming>& namings) {
  std::vector<Found> found;
  for (const Naming& naming : namings) {
    if (naming.is_handle() && !found.empty()) continue;  // what is unique says more
    auto thing = TRY(find(kind, naming));
    if (!thing || thing->kind != kind) continue;
    const auto is_same = [&](const Found& other) { return other.thing.id == thing->id; };
    if (std::ranges::none_of(found, is_same)) found.push_back({std::move(*thing), naming.by.path});
  }
  return found;
}

Result<std::optional<Thing>> Finder::find(Kind kind, const Naming& naming) {
  if (naming.is_handle()) return find_handle(kind, naming);
  std::string within;
  if (naming.within) {
    auto id = TRY(try_id_of(*naming.within));
    if (!id) return std::nullopt;
    within = std::move(*id);
  }
  const auto identity = identity_of(kind, naming.by, naming.value, within);
  if (!identity) return std::nullopt;
  return edit_.find_named(identity->type, identity->value);
}

Result<std::optional<Thing>> Finder::find_handle(Kind kind, const Naming& naming) {
  constexpr std::size_t kMost = 50;
  auto things = TRY(edit_.find_valued(kind, naming.by.path, naming.value, kMost));
  std::erase_if(things, is_gone);
  if (things.empty()) return std::nullopt;
  if (things.size() == 1) return std::move(things.front());
  return invalid(fmt::format("several {} have the {} `{}`; write `{}.id:…` with the id of one",
                             schema_of(kind).plural, naming.by.path, printable(naming.value),
                             to_string(kind)));
}

Result<std::optional<Thing>> Finder::match(const ThingEntry& entry) {
  if (!entry.id.empty()) {
    auto thing = TRY(find_id(entry.kind, entry.id));
    if (thing) return thing;
  }
  auto found = TRY(find(entry.kind, namings(entry.kind, entry.attributes, edit_.this_year())));
  if (found.size() > 1) {
    return invalid(
        fmt::format("its attributes name two {}: `{}` is that of `{}`, and `{}` that of "
                    "`{}`",
                    schema_of(entry.kind).plural, found[0].path, found[0].thing.id, found[1].path,
                    found[1].thing.id));
  }
  if (found.empty()) return std::nullopt;
  return std::move(found.front().thing);
}

Result<std::optional<Thing>> find_identified(const Registry& registry, std::string_view tenant,
                                             const Key& key) {
  constexpr std::chrono::year kAnyYear(2000);  // for names, no matter what the dates in them mean
  const auto of_kind = [&](Result<Thing> found) -> Result<std::optional<Thing>> {
    if (found && found->kind == key.kind) return std::move(*found);
    if (found || found.error().code == ErrorCode::kNotFound) return std::nullopt;
    return std::unexpected(found.error());
  };
  if (key.attribute == "id") {
    const auto id = normalised(NaturalIdentifier::kUuid, key.value, kAnyYear);
    return id ? of_kind(registry.find(tenant, *id)) : std::nullopt;
  }
  for (const Naming& naming : namings(key, kAnyYear)) {
    if (naming.is_handle()) continue;
    std::string within;
    if (naming.within) {
      const auto whole = TRY(find_identified(registry, tenant, *naming.within));
      if (!whole) continue;
      within = whole->id;
    }
    const auto identity = identity_of(key.kind, naming.by, naming.value, within);
    if (!identity) continue;
    auto found = TRY(of_kind(registry.find_by_identifier(tenant, identity->type, identity->value)));
    if (found) return found;
  }
  return std::nullopt;
}

}  // namespace wardlock::directory
