#include "pdp/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cedar/entities/entities_json.h"
#include "cedar/json/policy_json.h"
#include "cedar/json/value_json.h"
#include "cedar/parser/parser.h"
#include "codec/json.h"

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
  auto policies = cedar::parse_policies(
      source.text, {.prefix = prefix, .by_annotation = true, .source = source.name});
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

/// Reads the sources of one schema, and says of everything that is wrong in which of them it is.
class SchemaReader {
 public:
  void add(const Source& source) {
    // Each text stands behind all that came before it, so that a span tells the file too.
    const std::size_t begin =
        files_.empty() ? 0 : files_.back().begin + files_.back().source->text.size();
    files_.push_back({&source, begin});
    auto syntax = is_json(source) ? read_json(source) : read_text(source, begin);
    if (syntax) cedar::unite(syntax_, *std::move(syntax));
  }

  Result<cedar::Schema> resolve() && {
    if (!errors_.empty()) return invalid(errors_);
    auto schema = cedar::resolve_schema(syntax_);
    if (schema) return *std::move(schema);
    for (const Diagnostic& diagnostic : schema.error()) note(diagnostic);
    return invalid(errors_);
  }

 private:
  struct File {
    const Source* source;
    std::size_t begin;  ///< where its text stands among all
  };

  std::optional<cedar::SchemaSyntax> read_json(const Source& source) {
    auto json = codec::parse_json(source.text);
    if (!json) return note(json.error().in(source.name).message);
    auto syntax = cedar::schema_syntax_from_json(*json);
    if (!syntax) return note(syntax.error().in(source.name).message);
    return *std::move(syntax);
  }

  std::optional<cedar::SchemaSyntax> read_text(const Source& source, std::size_t begin) {
    auto syntax = begin == 0 ? cedar::parse_schema_syntax(source.text)
                             : cedar::parse_schema_syntax(std::string(begin, ' ') + source.text);
    if (syntax) return *std::move(syntax);
    for (const Diagnostic& diagnostic : syntax.error()) note(diagnostic);
    return std::nullopt;
  }

  std::nullopt_t note(const std::string& line) {
    errors_ += (errors_.empty() ? "" : "\n") + line;
    return std::nullopt;
  }

  void note(Diagnostic diagnostic) {
    const auto after = std::ranges::upper_bound(files_, diagnostic.span.begin, {}, &File::begin);
    const File& file = *std::prev(after);
    diagnostic.span.begin -= static_cast<std::uint32_t>(file.begin);
    diagnostic.span.end -= static_cast<std::uint32_t>(file.begin);
    note(to_error({std::move(diagnostic)}, file.source->text, file.source->name).message);
  }

  std::vector<File> files_;
  cedar::SchemaSyntax syntax_;
  std::string errors_;
};

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

Result<cedar::Schema> parse_schema(std::span<const Source> sources) {
  SchemaReader reader;
  for (const Source& source : sources) reader.add(source);
  return std::move(reader).resolve();
}

Result<cedar::EntityStore> parse_entities(const std::optional<Source>& source,
                                          const cedar::Schema* schema,
                                          const cedar::EntityStore* before) {
  if (!source) return cedar::entities_from_json(boost::json::array(), schema, before);
  const auto json = codec::parse_json(source->text);
  if (!json) return std::unexpected(json.error().in(source->name));
  auto entities = cedar::entities_from_json(*json, schema, before);
  if (entities) return entities;
  Error error = entities.error().in(source->name);
  // What can be read without the schema is what does not fit it.
  if (schema != nullptr && cedar::entities_from_json(*json)) {
    error.code = ErrorCode::kFailedPrecondition;
  }
  return std::unexpected(std::move(error));
}

}  // namespace wardlock::pdp
