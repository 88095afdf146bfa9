#include "pdp/snapshot.h"

#include <fmt/format.h>

#include <utility>

#include "crypto/sha256.h"
#include "pdp/grants.h"
#include "pdp/request_context.h"
#include "pdp/validation.h"

namespace wardlock::pdp {
namespace {

std::string digest(const Sources& sources) {
  crypto::Sha256 sha;
  const auto add = [&sha](char kind, const Source& source) {
    sha.update(fmt::format("{}{}:", kind, source.text.size()));
    sha.update(source.text);
  };
  for (const Source& source : sources.policies) add('p', source);
  for (const Source& source : sources.schemas) add('s', source);
  if (sources.links) add('l', *sources.links);
  return "sha256:" + crypto::to_hex(sha.finish());
}

/// Sorts the findings about annotations into warnings and one error.
Result<Partition> checked_partition(const cedar::PolicySet& policies,
                                    const SnapshotOptions& options,
                                    std::vector<std::string>& warnings) {
  PartitionResult result = partition(policies, options.mode, options.unknown_annotations);
  std::string errors;
  for (const PolicyFinding& finding : result.findings) {
    const std::string line = fmt::format("policy `{}`: {}", finding.policy, finding.message);
    if (finding.severity == Severity::kWarning) {
      warnings.push_back(line);
    } else {
      errors += (errors.empty() ? "" : "\n") + line;
    }
  }
  if (!errors.empty()) return invalid(errors);
  return std::move(result.partition);
}

}  // namespace

const Partition& Snapshot::policies_for(const cedar::EntityUid& action) const {
  const auto it = by_action.find(&action);
  return it == by_action.end() ? partition : it->second;
}

Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources,
                                                       const SnapshotOptions& options) {
  if (options.is_schema_required && sources.schemas.empty()) {
    return fail(ErrorCode::kFailedPrecondition,
                "there is no schema; put a `*.cedarschema` beside the policies");
  }
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = options.revision;
  snapshot->policies = TRY(parse_policies(sources));
  snapshot->partition = TRY(checked_partition(snapshot->policies, options, snapshot->warnings));
  if (!sources.schemas.empty()) {
    snapshot->schema.emplace(TRY(parse_schema(sources.schemas)));
    TRY_VOID(check_reserved_context(*snapshot->schema));
    TRY_VOID(check_policies(snapshot->policies, *snapshot->schema, sources,
                            options.invalid_policies, snapshot->warnings));
  }
  snapshot->entities =
      TRY(parse_entities(sources.entities, snapshot->schema ? &*snapshot->schema : nullptr));
  snapshot->types = sources.types;
  TRY_VOID(snapshot->types.complete(snapshot->schema ? &*snapshot->schema : nullptr,
                                    snapshot->entities, snapshot->mode()));
  snapshot->grants = TRY(find_grants(snapshot->entities));
  if (snapshot->schema) {
    for (const cedar::ActionType& action : snapshot->schema->actions()) {
      snapshot->by_action.emplace(action.uid,
                                  narrow(snapshot->partition, *action.uid, snapshot->entities));
    }
  }
  snapshot->policy_set = digest(sources);
  return snapshot;
}

}  // namespace wardlock::pdp
