#include "api/admin/import_gate.h"

namespace wardlock::admin {

using administration::Deed;
using directory::Act;
using directory::Kind;
using directory::Thing;

Result<void> AskedGate::check(Act, Kind kind) { return gate_.check(Deed::kCreate, kind); }

Result<void> AskedGate::check(Act act, const Thing& thing) {
  return gate_.check(act == Act::kMerge ? Deed::kMerge : Deed::kChange, thing);
}

Result<void> AskedGate::check_state(const Thing& thing, std::string_view next) {
  return gate_.check_state(thing, next);
}

Result<void> AskedGate::check(Act act, directory::Relation relation, const Thing& subject,
                              const Thing& object) {
  return gate_.check(act == Act::kRelate ? Deed::kRelate : Deed::kEndRelation, relation, subject,
                     object);
}

Answered<void> check_import(const Asked& asked, const directory::Batch& batch) {
  directory::Kinds read, imported;
  const auto check = [&](Kind kind, bool is_only_new) -> Result<void> {
    directory::Kinds& checked = is_only_new ? read : imported;
    if (checked.contains(kind)) return {};
    checked = checked.with(kind);
    return asked.errand.gate.check(is_only_new ? Deed::kRead : Deed::kImport, kind);
  };
  for (const auto* list : {&batch.before, &batch.entries}) {
    for (const auto& entry : *list) {
      if (!entry) continue;
      if (const auto* thing = std::get_if<directory::ThingEntry>(&*entry)) {
        TRY_VOID(check(thing->kind, thing->is_only_new));
      } else {
        const auto& relation = std::get<directory::RelationEntry>(*entry);
        TRY_VOID(check(relation.subject.kind, false));
        TRY_VOID(check(relation.object.kind, false));
      }
    }
  }
  return {};
}

Answered<void> check_export(const Asked& asked, directory::Kinds kinds, bool is_sensitive) {
  for (const directory::Schema* schema : directory::all_schemas()) {
    if (!kinds.contains(schema->kind)) continue;
    TRY_VOID(asked.errand.gate.check(Deed::kExport, schema->kind));
    if (is_sensitive) TRY_VOID(asked.errand.gate.check(Deed::kReadSensitive, schema->kind));
  }
  return {};
}

}  // namespace wardlock::admin
