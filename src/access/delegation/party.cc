#include "access/delegation/party.h"

#include <fmt/format.h>

#include <span>
#include <string>

#include "access/grant/glass_target.h"
#include "base/utf8.h"
#include "directory/model/indexed_values.h"
#include "directory/model/schema.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::access {
namespace {

using directory::Kind;
using directory::Thing;

/// What people and applications call it, the surest first.
std::span<const std::string_view> names_of(Kind kind) {
  static constexpr std::string_view kOfPeople[] = {"entityId", "userName"};
  static constexpr std::string_view kOfPlaces[] = {"entityId", "code"};
  static constexpr std::string_view kOfServices[] = {"entityId", "clientId"};
  static constexpr std::string_view kOfGroups[] = {"entityId", "displayName"};
  static constexpr std::string_view kOfRoles[] = {"displayName"};
  switch (kind) {
    case Kind::kPerson: return kOfPeople;
    case Kind::kService: return kOfServices;
    case Kind::kGroup: return kOfGroups;
    case Kind::kRole: return kOfRoles;
    default: return kOfPlaces;
  }
}

std::unexpected<Error> unknown(Kind kind, std::string_view name) {
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no {} `{}`", directory::to_string(kind), printable(name)));
}

}  // namespace

Result<std::optional<Thing>> find_party(storage::Work& work, std::string_view tenant,
                                        std::string_view id) {
  auto thing = TRY(directory::find_thing(work, tenant, id));
  if (thing && thing->kind == Kind::kPatient) return find_glass_target(work, tenant, id);
  return thing;
}

Result<Thing> find_party(storage::Work& work, std::string_view tenant, Kind kind,
                         std::string_view name) {
  if (kind == Kind::kPatient || kind == Kind::kDevice) {
    return find_glass_target(work, tenant, kind, name);
  }
  auto by_id = TRY(directory::find_thing(work, tenant, name));
  if (by_id && by_id->kind == kind) return *std::move(by_id);
  for (const std::string_view path : names_of(kind)) {
    const directory::Attribute* const attribute = directory::find_searchable(kind, path);
    if (attribute == nullptr) continue;
    auto found = TRY(directory::find_valued(work, tenant, kind, path,
                                            directory::searchable_text(*attribute, name), 2));
    if (found.size() > 1) {
      return invalid(fmt::format("several {} are called `{}`; give the id",
                                 directory::schema_of(kind).plural, printable(name)));
    }
    if (!found.empty()) return std::move(found.front());
  }
  return unknown(kind, name);
}

bool may_be_party(const Thing& thing) { return directory::is_in_force(thing); }

bool may_be_target(const Thing& thing) {
  const directory::State* const state =
      directory::find_state(directory::schema_of(thing.kind), thing.state);
  return state != nullptr && !state->ends_relations;
}

}  // namespace wardlock::access
