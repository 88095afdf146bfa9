#include "pdp/snapshot.h"

#include <utility>

#include "pdp/grants.h"

namespace wardlock::pdp {

Result<std::shared_ptr<const Snapshot>> make_snapshot(std::shared_ptr<const Rulebook> rulebook,
                                                      cedar::EntityStore entities,
                                                      const TypeMapping& types,
                                                      std::uint64_t revision) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->rulebook = std::move(rulebook);
  snapshot->entities = std::move(entities);
  snapshot->types = types;
  TRY_VOID(snapshot->types.complete(snapshot->schema(), snapshot->entities, snapshot->mode()));
  snapshot->grants = TRY(find_grants(snapshot->entities));
  snapshot->revision = revision;
  return snapshot;
}

namespace {

/// With other entities, the rest being as before. Null: their uids are not those that the policies
/// were compiled with.
Result<std::shared_ptr<const Snapshot>> with_other_entities(const Snapshot& before,
                                                            const Sources& sources,
                                                            std::uint64_t revision) {
  cedar::EntityStore entities =
      TRY(parse_entities(sources.entities, before.schema(), &before.entities));
  if (!entities.is_of_one_row_with(before.entities)) return nullptr;
  return make_snapshot(before.rulebook, std::move(entities), sources.types, revision);
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources,
                                                       const SnapshotOptions& options,
                                                       const Snapshot* before) {
  if (before != nullptr && before->rulebook->sources == digest_with_names(sources)) {
    auto snapshot = TRY(with_other_entities(*before, sources, options.revision));
    if (snapshot != nullptr) return snapshot;
  }
  std::unique_ptr<Rulebook> rulebook =
      TRY(read_rulebook(sources, {.mode = options.mode,
                                  .is_schema_required = options.is_schema_required,
                                  .unknown_annotations = options.unknown_annotations,
                                  .invalid_policies = options.invalid_policies}));
  cedar::EntityStore entities =
      TRY(parse_entities(sources.entities, rulebook->schema ? &*rulebook->schema : nullptr,
                         before != nullptr ? &before->entities : nullptr));
  rulebook->compiled =
      cedar::CompiledPolicies::compile(rulebook->policies.policies(), {.entities = &entities});
  rulebook->partition.compiled = &*rulebook->compiled;
  return make_snapshot(std::move(rulebook), std::move(entities), sources.types, options.revision);
}

}  // namespace wardlock::pdp
