#include "pdp/snapshot.h"

#include <fmt/format.h>

#include <utility>

#include "cedar/entities/entities_json.h"
#include "cedar/json/policy_json.h"
#include "cedar/json/value_json.h"
#include "cedar/parser/parser.h"
#include "codec/json.h"
#include "crypto/sha256.h"
#include "pdp/resolve.h"

namespace wardlock::pdp {
namespace {

bool is_json(const Source& source) { return source.name.ends_with(".json"); }

/// `policies/ward.cedar` → `ward`.
std::string_view stem(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

Result<cedar::PolicySet> parse_policy_source(const Source& source, std::string_view prefix) {
  if (is_json(source)) {
    const auto in_file = [&](const Error& error) { return std::unexpected(error.in(source.name)); };
    const auto json = codec::parse_json(source.text, cedar::kPolicyJsonLimits);
    if (!json) return in_file(json.error());
    auto policies = cedar::policy_set_from_json(*json);
    if (!policies) return in_file(policies.error());
    return policies;
  }
  auto policies = cedar::parse_policies(source.text, {.prefix = prefix, .by_annotation = true});
  if (policies) return std::move(*policies);
  return std::unexpected(to_error(policies.error(), source.text, source.name));
}

Result<void> apply_link(const codec::Json& link, cedar::PolicySet& policies) {
  const auto* object = link.if_object();
  const auto text = [&](const char* key) -> Result<std::string_view> {
    const codec::Json* value = object == nullptr ? nullptr : object->if_contains(key);
    if (value == nullptr || !value->is_string()) {
      return invalid(fmt::format("a link needs `{}`, a string", key));
    }
    return std::string_view(value->get_string());
  };
  const std::string_view template_id = TRY(text("templateId"));
  const std::string_view new_id = TRY(text("newId"));
  const codec::Json* slots = object->if_contains("values");
  if (slots == nullptr || !slots->is_object()) return invalid("a link needs `values`, an object");
  Arena arena;
  cedar::SlotValues values;
  for (const auto& [slot, uid] : slots->get_object()) {
    const bool is_principal = slot == "?principal";
    if (!is_principal && slot != "?resource") {
      return invalid(fmt::format("there is no slot `{}`; there are `?principal` and `?resource`",
                                 std::string_view(slot)));
    }
    (is_principal ? values.principal : values.resource) =
        TRY(cedar::uid_from_json(uid, arena, std::string_view(slot)));
  }
  return policies.link(template_id, new_id, values);
}

Result<void> apply_links(const Source& source, cedar::PolicySet& policies) {
  const codec::Json json = TRY(codec::parse_json(source.text));
  if (!json.is_array()) return invalid("a file of links is a JSON list");
  for (const codec::Json& link : json.get_array()) TRY_VOID(apply_link(link, policies));
  return {};
}

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
Result<Partition> checked_partition(const cedar::PolicySet& policies, Mode mode,
                                    std::vector<std::string>& warnings) {
  PartitionResult result = partition(policies, mode, Severity::kWarning);
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

Result<cedar::PolicySet> parse_policies(const Sources& sources) {
  cedar::PolicySet policies;
  std::string errors;
  const auto note = [&errors](const Error& error) {
    errors += (errors.empty() ? "" : "\n") + error.message;
  };
  for (const Source& source : sources.policies) {
    const std::string prefix =
        sources.policies.size() > 1 ? fmt::format("{}.", stem(source.name)) : "";
    auto parsed = parse_policy_source(source, prefix);
    if (!parsed) {
      note(parsed.error());
    } else if (auto merged = policies.merge(std::move(*parsed)); !merged) {
      note(merged.error().in(source.name));
    }
  }
  if (!errors.empty()) return invalid(errors);
  if (sources.links) {
    auto linked = apply_links(*sources.links, policies);
    if (!linked) return std::unexpected(linked.error().in(sources.links->name));
  }
  return policies;
}

Result<cedar::Schema> parse_schema(const Source& source) {
  if (is_json(source)) {
    const auto json = codec::parse_json(source.text);
    if (!json) return std::unexpected(json.error().in(source.name));
    auto schema = cedar::schema_from_json(*json);
    if (!schema) return std::unexpected(schema.error().in(source.name));
    return schema;
  }
  auto schema = cedar::parse_schema(source.text);
  if (schema) return std::move(*schema);
  return std::unexpected(to_error(schema.error(), source.text, source.name));
}

Result<cedar::EntityStore> parse_entities(const std::optional<Source>& source,
                                          const cedar::Schema* schema) {
  if (!source) return cedar::entities_from_json(boost::json::array(), schema);
  const auto json = codec::parse_json(source->text);
  if (!json) return std::unexpected(json.error().in(source->name));
  auto entities = cedar::entities_from_json(*json, schema);
  if (entities) return entities;
  Error error = entities.error().in(source->name);
  // What can be read without the schema is what does not fit it.
  if (schema != nullptr && cedar::entities_from_json(*json)) {
    error.code = ErrorCode::kFailedPrecondition;
  }
  return std::unexpected(std::move(error));
}

Result<std::shared_ptr<const Snapshot>> build_snapshot(const Sources& sources, Mode mode) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->policies = TRY(parse_policies(sources));
  snapshot->partition = TRY(checked_partition(snapshot->policies, mode, snapshot->warnings));
  if (sources.schemas.size() > 1) {
    return fail(ErrorCode::kUnimplemented,
                fmt::format("`{}` and `{}`: more than one schema file is not supported yet; "
                            "put them into one",
                            sources.schemas[0].name, sources.schemas[1].name));
  }
  if (!sources.schemas.empty()) {
    snapshot->schema.emplace(TRY(parse_schema(sources.schemas.front())));
    TRY_VOID(check_reserved_context(*snapshot->schema));
  }
  snapshot->entities =
      TRY(parse_entities(sources.entities, snapshot->schema ? &*snapshot->schema : nullptr));
  snapshot->policy_set = digest(sources);
  return snapshot;
}

}  // namespace wardlock::pdp
