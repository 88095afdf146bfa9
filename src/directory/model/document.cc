#include "directory/model/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "codec/plain_json.h"
#include "directory/model/value_check.h"

namespace wardlock::directory {
namespace {

using codec::Json;

Checked<boost::json::object> check_object(std::string_view whose,
                                          std::span<const Attribute> attributes, const Json& json,
                                          std::chrono::year this_year) {
  const auto* object = json.if_object();
  if (object == nullptr) return std::unexpected(Faults{{"", "the document is no JSON object"}});
  ValueCheck check(whose, this_year);
  boost::json::object checked = check.object(attributes, *object);
  if (!check.faults().empty()) return std::unexpected(std::move(check.faults()));
  const std::size_t size = codec::to_json_text(checked).size();
  if (size > kMaxDocumentBytes) {
    return std::unexpected(Faults{{"", fmt::format("the document has {} bytes; at most {} are kept",
                                                   size, kMaxDocumentBytes)}});
  }
  return checked;
}

const Json& member(const boost::json::object& object, std::string_view name) {
  static const Json none;
  const Json* value = object.if_contains(name);
  return value == nullptr ? none : *value;
}

}  // namespace

Error to_error(const Faults& faults) {
  constexpr std::size_t kShown = 10;
  std::string message;
  for (std::size_t i = 0; i < std::min(faults.size(), kShown); ++i) {
    const Fault& fault = faults[i];
    if (i != 0) message += "; ";
    message +=
        fault.path.empty() ? fault.message : fmt::format("`{}` {}", fault.path, fault.message);
  }
  if (faults.size() > kShown) message += fmt::format("; and {} more", faults.size() - kShown);
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

Checked<Document> Document::check(Kind kind, const Json& json, std::chrono::year this_year) {
  const Schema& schema = schema_of(kind);
  return Document(kind, TRY(check_object(schema.plural, schema.attributes, json, this_year)));
}

Result<Document> Document::read_kept(Kind kind, std::string_view text,
                                     const boost::json::storage_ptr& memory) {
  std::optional<Json> json = codec::parse_plain_json(text, {}, memory);
  if (!json) {
    Result<Json> strictly = codec::parse_json(text, {}, memory);
    if (strictly) json = std::move(*strictly);
  }
  if (!json || !json->is_object()) {
    return fail(ErrorCode::kDataLoss, "a document of the directory is damaged: restore a backup");
  }
  return Document(kind, std::move(json->get_object()));
}

std::string Document::text() const { return codec::to_json_text(json_); }

Checked<std::string> check_relation(Relation relation, const Json& json,
                                    std::chrono::year this_year) {
  const RelationSchema& schema = schema_of(relation);
  return codec::to_json_text(TRY(check_object(schema.name, schema.attributes, json, this_year)));
}

Faults find_forbidden_changes(const Document& before, const Document& after) {
  Faults faults;
  for (const Attribute& attribute : schema_of(before.kind()).attributes) {
    const Json& old = member(before.json(), attribute.name);
    if (!attribute.is_immutable || old.is_null()) continue;
    if (old != member(after.json(), attribute.name)) {
      faults.push_back({std::string(attribute.name), "stays as it was first given"});
    }
  }
  return faults;
}

std::vector<std::string_view> changed_attributes(const Document& before, const Document& after) {
  std::vector<std::string_view> names;
  for (const Attribute& attribute : schema_of(before.kind()).attributes) {
    if (member(before.json(), attribute.name) != member(after.json(), attribute.name)) {
      names.push_back(attribute.name);
    }
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace wardlock::directory
