#include "directory/inventory/csv_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "directory/inventory/csv_cell.h"
#include "directory/inventory/csv_columns.h"
#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

using boost::json::object;
using codec::Json;

std::string line_of(const std::vector<std::string>& values) {
  std::string out;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) out += ',';
    out += to_csv_cell(values[i]);
  }
  return out + "\r\n";
}

std::string text_of(const Json& value) {
  if (value.is_null()) return "";
  if (const auto* text = value.if_string()) return std::string(*text);
  return codec::to_json_text(value);
}

Json member(const Json& from, std::string_view name) {
  const auto* members = from.if_object();
  const Json* value = members == nullptr ? nullptr : members->if_contains(name);
  return value == nullptr ? Json() : *value;
}

/// Of an attribute that is there: what stands in its column.
std::string cell_of(const ColumnAttribute& column, const object& attributes) {
  const Json* value = attributes.if_contains(column.outer->name);
  if (value == nullptr) return "";
  const auto one = [&](const Json& item) {
    return text_of(column.part == nullptr ? item : member(item, column.part->name));
  };
  const auto* items = value->if_array();
  if (items == nullptr) return one(*value);
  std::vector<std::string> texts;
  for (const Json& item : *items) texts.push_back(one(item));
  const bool says_nothing = std::ranges::all_of(texts, &std::string::empty);
  return says_nothing ? "" : join_items(texts);
}

std::vector<const RelationSchema*> columns_of(Kind kind) {
  std::vector<const RelationSchema*> found;
  for (const RelationSchema& relation : all_relations()) {
    if (can_be_column(relation) && relation.subjects.contains(kind)) found.push_back(&relation);
  }
  return found;
}

std::string keys_cell(const Json& keys) {
  std::vector<std::string> texts;
  if (const auto* items = keys.if_array()) {
    for (const Json& key : *items) texts.push_back(text_of(key));
  }
  return join_items(texts);
}

}  // namespace

std::string csv_header(Kind kind) {
  std::vector<std::string> names = {"kind", "id", "state"};
  std::ranges::copy(column_paths(schema_of(kind).attributes), std::back_inserter(names));
  for (const RelationSchema* relation : columns_of(kind)) names.emplace_back(relation->name);
  return line_of(names);
}

std::string csv_row(Kind kind, const Json& thing) {
  const Schema& schema = schema_of(kind);
  std::vector<std::string> cells = {std::string(schema.name), text_of(member(thing, "id")),
                                    text_of(member(thing, "state"))};
  const Json attributes = member(thing, "attributes");
  for (const std::string& path : column_paths(schema.attributes)) {
    const auto column = find_column_attribute(schema.attributes, path);
    cells.push_back(attributes.is_object() ? cell_of(*column, attributes.get_object()) : "");
  }
  const Json relations = member(thing, "relations");
  for (const RelationSchema* relation : columns_of(kind)) {
    cells.push_back(keys_cell(member(relations, relation->name)));
  }
  return line_of(cells);
}

std::string csv_header(Relation relation) {
  std::vector<std::string> names = {"relation", "subject", "object", "scope", "from", "until"};
  std::ranges::copy(column_paths(schema_of(relation).attributes), std::back_inserter(names));
  return line_of(names);
}

std::string csv_row(Relation relation, const Json& item) {
  std::vector<std::string> cells;
  for (const std::string_view name : {"relation", "subject", "object", "scope", "from", "until"}) {
    cells.push_back(text_of(member(item, name)));
  }
  const Json attributes = member(item, "attributes");
  for (const std::string& path : column_paths(schema_of(relation).attributes)) {
    const auto column = find_column_attribute(schema_of(relation).attributes, path);
    cells.push_back(attributes.is_object() ? cell_of(*column, attributes.get_object()) : "");
  }
  return line_of(cells);
}

}  // namespace wardlock::directory
