#include "pdp/rulebook.h"

#include <fmt/format.h>

#include <utility>

#include "crypto/sha256.h"
#include "pdp/consented.h"
#include "pdp/request_context.h"
#include "pdp/validation.h"

namespace wardlock::pdp {
namespace {

/// Each text is preceded by its length, so that none can be taken for two.
std::string digest(const Sources& sources, bool has_names) {
  crypto::Sha256 sha;
  const auto add_text = [&sha](char kind, const std::string& text) {
    sha.update(fmt::format("{}{}:", kind, text.size()));
    sha.update(text);
  };
  const auto add = [&](char kind, const Source& source) {
    if (has_names) add_text('n', source.name);
    add_text(kind, source.text);
  };
  for (const Source& source : sources.policies) add('p', source);
  for (const Source& source : sources.schemas) add('s', source);
  if (sources.links) add('l', *sources.links);
  return "sha256:" + crypto::to_hex(sha.finish());
}

/// Sorts the findings about annotations into warnings and one error.
Result<Partition> checked_partition(const cedar::PolicySet& policies,
                                    const RulebookOptions& options,
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

/// Whose consents they are is said by the types of patients.
Result<void> check_has_patients(const cedar::Schema& schema, const Accountability& accountability) {
  if (accountability.knows_patients()) return {};
  for (const cedar::ActionType& action : schema.actions()) {
    if (!declares_consent(action)) continue;
    return invalid(fmt::format(
        "the action `{}` declares `consent`, and no type is marked `@audit(\"patient\")`: "
        "mark the patients' type",
        to_text(*action.uid)));
  }
  return {};
}

}  // namespace

std::string digest_with_names(const Sources& sources) { return digest(sources, true); }

Result<std::unique_ptr<Rulebook>> read_rulebook(const Sources& sources,
                                                const RulebookOptions& options) {
  if (options.is_schema_required && sources.schemas.empty()) {
    return fail(ErrorCode::kFailedPrecondition,
                "there is no schema; put a `*.cedarschema` beside the policies");
  }
  auto rulebook = std::make_unique<Rulebook>();
  rulebook->policies = TRY(parse_policies(sources));
  rulebook->partition = TRY(checked_partition(rulebook->policies, options, rulebook->warnings));
  if (!sources.schemas.empty()) {
    rulebook->schema.emplace(TRY(parse_schema(sources.schemas)));
    TRY_VOID(check_reserved_context(*rulebook->schema));
    rulebook->accountability = TRY(Accountability::read(*rulebook->schema));
    TRY_VOID(check_has_patients(*rulebook->schema, rulebook->accountability));
    TRY_VOID(check_policies(rulebook->policies, *rulebook->schema, sources,
                            options.invalid_policies, rulebook->warnings));
    if (options.mode == Mode::kStrict) {
      rulebook->sourced = TRY(SourcedAttributes::read(*rulebook->schema));
      rulebook->source_readers = TRY(SourceReaders::find(
          rulebook->policies, *rulebook->schema, rulebook->sourced, rulebook->accountability));
    }
  }
  rulebook->policy_set = digest(sources, false);
  rulebook->schema_source = digest({.schemas = sources.schemas}, false);
  rulebook->sources = digest_with_names(sources);
  return rulebook;
}

}  // namespace wardlock::pdp
