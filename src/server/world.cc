#include "server/world.h"

#include <utility>

namespace wardlock::server {

namespace {

pdp::SnapshotOptions options_of(const config::Config& config, std::uint64_t revision) {
  return {.mode = config.mode,
          .is_schema_required = !config.is_lenient,
          .unknown_annotations = config.is_lenient ? Severity::kWarning : Severity::kError,
          .invalid_policies = config.is_lenient ? Severity::kWarning : Severity::kError,
          .revision = revision};
}

}  // namespace

Result<std::shared_ptr<const pdp::Snapshot>> build_served(const config::Config& config,
                                                          pdp::Sources sources,
                                                          std::uint64_t revision,
                                                          const pdp::Snapshot* before,
                                                          DirectoryView::Change* change) {
  pdp::SnapshotOptions options = options_of(config, revision);
  if (change == nullptr) return pdp::build_snapshot(sources, options, before);
  options.complete = [change](const auto& file, auto schema) {
    return change->complete(file, std::move(schema));
  };
  auto snapshot = TRY(pdp::build_snapshot(sources, options, before));
  change->take(std::move(sources));
  return snapshot;
}

Result<std::shared_ptr<const pdp::Snapshot>> with_entities(const config::Config& config,
                                                           const pdp::Sources& sources,
                                                           const cedar::EntityStore& entities,
                                                           const pdp::Snapshot& before) {
  const std::uint64_t revision = before.revision + 1;
  if (entities.is_of_one_row_with(before.entities)) {
    return pdp::make_snapshot(before.rulebook, entities, sources.types, revision);
  }
  return build_over(config, sources, entities, revision);
}

Result<std::shared_ptr<const pdp::Snapshot>> build_over(const config::Config& config,
                                                        const pdp::Sources& sources,
                                                        const cedar::EntityStore& entities,
                                                        std::uint64_t revision) {
  pdp::SnapshotOptions options = options_of(config, revision);
  options.complete = [&](const auto&, const auto&) { return entities; };
  return pdp::build_snapshot(sources, options);
}

}  // namespace wardlock::server
