#include "access/grant/glass_target.h"

#include <fmt/format.h>

#include <array>
#include <span>
#include <string>

#include "base/check.h"
#include "base/utf8.h"
#include "directory/model/indexed_values.h"
#include "directory/model/schema.h"
#include "directory/registry/tables.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::access {

using directory::Kind;
using directory::Thing;

namespace {

/// What people and applications call it, the surest first.
std::span<const std::string_view> names_of(Kind kind) {
  static constexpr std::array<std::string_view, 2> kOfPatients = {"entityId", "recordNumber"};
  static constexpr std::array<std::string_view, 3> kOfDevices = {"entityId", "serialNumber",
                                                                 "assetTag"};
  return kind == Kind::kPatient ? std::span<const std::string_view>(kOfPatients)
                                : std::span<const std::string_view>(kOfDevices);
}

}  // namespace

Result<std::optional<Thing>> find_glass_target(storage::Work& work, std::string_view tenant,
                                               std::string_view id) {
  constexpr int kMostMerges = 16;
  std::string next(id);
  for (int i = 0; i < kMostMerges; ++i) {
    auto thing = TRY(directory::find_thing(work, tenant, next));
    if (!thing || (thing->kind != Kind::kPatient && thing->kind != Kind::kDevice)) {
      return std::nullopt;
    }
    if (thing->state != directory::kMerged) return thing;
    const codec::Json* const into = thing->document.json().if_contains(directory::kMergedInto);
    if (into == nullptr || !into->is_string()) return std::nullopt;
    next = into->get_string();
  }
  return std::nullopt;
}

Result<Thing> find_glass_target(storage::Work& work, std::string_view tenant, Kind kind,
                                std::string_view name) {
  auto by_id = TRY(find_glass_target(work, tenant, name));
  if (by_id && by_id->kind == kind) return *std::move(by_id);
  for (const std::string_view path : names_of(kind)) {
    const directory::Attribute* const attribute = directory::find_searchable(kind, path);
    CHECK(attribute != nullptr);
    const auto found = TRY(directory::find_valued(work, tenant, kind, path,
                                                  directory::searchable_text(*attribute, name), 2));
    if (found.size() > 1) {
      return invalid(fmt::format("several {} are called `{}`; give the id",
                                 directory::schema_of(kind).plural, printable(name)));
    }
    if (found.empty()) continue;
    auto target = TRY(find_glass_target(work, tenant, found.front().id));
    if (target) return *std::move(target);
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no {} `{}`", directory::to_string(kind), printable(name)));
}

}  // namespace wardlock::access
