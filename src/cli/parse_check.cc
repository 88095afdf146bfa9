#include "cli/parse_check.h"

#include <optional>
#include <utility>

#include "base/arena.h"
#include "cedar/parser/parser.h"
#include "cedar/schema/schema.h"

namespace wardlock::cli {
namespace {

bool is_json(const pdp::Source& source) { return source.name.ends_with(".json"); }

}  // namespace

void ParseCheck::add_sources(const pdp::Sources& sources) {
  add_policies(sources);
  add_schemas(sources.schemas);
  add_entities(sources);
}

void ParseCheck::add_schemas(std::span<const pdp::Source> sources) {
  const bool is_one_text = sources.size() == 1 && !is_json(sources.front());
  if (is_one_text) {
    const pdp::Source& source = sources.front();
    auto schema = cedar::parse_schema(source.text);
    if (!schema) findings_.push_back({source.name, source.text, std::move(schema).error()});
  } else if (!sources.empty()) {
    if (auto schema = pdp::parse_schema(sources); !schema) add_error(schema.error());
  }
}

void ParseCheck::add_policies(const pdp::Sources& sources) {
  const std::size_t before = findings_.size();
  for (const pdp::Source& source : sources.policies) {
    if (is_json(source)) {
      pdp::Sources alone;
      alone.policies = {source};
      if (auto policies = pdp::parse_policies(alone); !policies) add_error(policies.error());
    } else if (auto policies = cedar::parse_policies(source.text, {.by_annotation = true});
               !policies) {
      findings_.push_back({source.name, source.text, std::move(policies).error()});
    }
  }
  if (findings_.size() != before) return;
  // Each file is sound; what is left is between them.
  const auto policies = pdp::parse_policies(sources);
  if (!policies) return add_error(policies.error());
  policy_count_ = policies->policies().size() + policies->templates().size();
}

void ParseCheck::add_entities(const pdp::Sources& sources) {
  if (!sources.entities) return;
  std::optional<cedar::Schema> schema;
  if (!sources.schemas.empty()) {
    auto parsed = pdp::parse_schema(sources.schemas);
    if (parsed) schema.emplace(std::move(*parsed));
  }
  const auto entities = pdp::parse_entities(sources.entities, schema ? &*schema : nullptr);
  if (entities) return;
  is_unfit_ = entities.error().code == ErrorCode::kFailedPrecondition;
  add_error(entities.error());
}

void ParseCheck::add_expression(const std::string& text) {
  Arena arena;
  auto parsed = cedar::parse_expression(text, arena);
  if (!parsed) findings_.push_back({"expression", text, std::move(parsed).error()});
}

void ParseCheck::add_error(const Error& error) {
  findings_.push_back({"", "", {{Severity::kError, error.message, {}, ""}}});
}

Exit ParseCheck::exit() const {
  return is_unfit_ && findings_.size() == 1 ? Exit::kInvalid : Exit::kFailure;
}

Exit report(const pdp::Sources& sources, const Error& error, const Output& output) {
  ParseCheck check;
  check.add_sources(sources);
  return check.findings().empty() ? output.fail(error)
                                  : output.fail(check.findings(), check.exit());
}

}  // namespace wardlock::cli
