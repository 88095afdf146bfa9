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
  snapshot->delegations = TRY(find_delegations(snapshot->entities));
  snapshot->consents = TRY(find_consents(snapshot->entities));
  snapshot->approvals = TRY(find_approvals(snapshot->entities));
  snapshot->revision = revision;
  return snapshot;
}

namespace {

/// The rulebook's schema, which lives as long as the rulebook; null: it has none.
std::shared_ptr<const cedar::Schema> schema_of(const std::shared_ptr<const Rulebook>& rulebook) {
  if (!rulebook->schema) return nullptr;
  return {rulebook, &*rulebook->schema};
}

/// All entities. What is equal is shared with `before`, by whoever completes them if somebody does.
Result<cedar::EntityStore> read_entities(const Sources& sources, const SnapshotOptions& options,
                                         const std::shared_ptr<const Rulebook>& rulebook,
                                         const Snapshot* before) {
  const std::shared_ptr<const cedar::Schema> schema = schema_of(rulebook);
  const bool is_all = options.complete == nullptr;
  const cedar::EntityStore* like = before != nullptr && is_all ? &before->entities : nullptr;
  cedar::EntityStore file = TRY(parse_entities(sources.entities, schema.get(), like));
  if (is_all) return file;
  return options.complete(file, schema);
}

/// With other entities, the rest being as before. Null: their uids are not those that the policies
/// were compiled with.
Result<std::shared_ptr<const Snapshot>> with_other_entities(const Snapshot& before,
                                                            const Sources& sources,
                                                            const SnapshotOptions& options) {
  cedar::EntityStore entities = TRY(read_entities(sources, options, before.rulebook, &before));
  if (!entities.is_of_one_row_with(before.entities)) return nullptr;
  return make_snapshot(before.rulebook, std::move(entities), sources.types, options.revision);
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources,
                                                       const SnapshotOptions& options,
                                                       const Snapshot* before) {
  if (before != nullptr && before->rulebook->sources == digest_with_names(sources)) {
    auto snapshot = TRY(with_other_entities(*before, sources, options));
    if (snapshot != nullptr) return snapshot;
  }
  const std::shared_ptr<Rulebook> rulebook =
      TRY(read_rulebook(sources, {.mode = options.mode,
                                  .is_schema_required = options.is_schema_required,
                                  .unknown_annotations = options.unknown_annotations,
                                  .invalid_policies = options.invalid_policies}));
  cedar::EntityStore entities = TRY(read_entities(sources, options, rulebook, before));
  rulebook->compiled =
      cedar::CompiledPolicies::compile(rulebook->policies.policies(), {.entities = &entities});
  rulebook->partition.compiled = &*rulebook->compiled;
  return make_snapshot(rulebook, std::move(entities), sources.types, options.revision);
}

}  // namespace wardlock::pdp
