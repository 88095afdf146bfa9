#include "directory/inventory/csv_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/inventory/csv_cell.h"
#include "directory/inventory/csv_rows.h"
#include "directory/inventory/inventory_text.h"
#include "directory/inventory/key.h"

namespace wardlock::directory {
namespace {

using boost::json::object;
using codec::Json;

constexpr std::chrono::year kAnyYear(2000);  // for names, no matter what the dates in them mean
constexpr auto kThingMembers = std::to_array<std::string_view>({"kind", "state", "id"});
constexpr auto kRelationMembers =
    std::to_array<std::string_view>({"relation", "subject", "object", "scope", "from", "until"});

bool contains(std::span<const std::string_view> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// The relation that is a column of things of the kind.
const RelationSchema* find_column_relation(std::string_view name, std::optional<Kind> kind) {
  const auto relation = find_relation(name);
  if (!relation || !can_be_column(schema_of(*relation))) return nullptr;
  const RelationSchema& schema = schema_of(*relation);
  return !kind || schema.subjects.contains(*kind) ? &schema : nullptr;
}

/// All that may be a column of things of the kind, or of any.
std::vector<std::string> thing_columns(std::optional<Kind> kind) {
  std::vector<std::string> names(kThingMembers.begin(), kThingMembers.end());
  for (const Schema* schema : all_schemas()) {
    if (kind && schema->kind != *kind) continue;
    std::ranges::copy(column_paths(schema->attributes), std::back_inserter(names));
  }
  for (const RelationSchema& relation : all_relations()) {
    if (find_column_relation(relation.name, kind) != nullptr) names.emplace_back(relation.name);
  }
  return names;
}

std::vector<std::string> relation_columns(std::string_view relation) {
  std::vector<std::string> names(kRelationMembers.begin(), kRelationMembers.end());
  for (const RelationSchema& schema : all_relations()) {
    if (!relation.empty() && schema.name != relation) continue;
    std::ranges::copy(column_paths(schema.attributes), std::back_inserter(names));
  }
  return names;
}

/// The value of one cell, or of one item of it.
Checked<Json> scalar(const Attribute& attribute, std::string_view path, std::string_view text) {
  if (attribute.type == Type::kBoolean) {
    if (text == "true" || text == "false") return Json(text == "true");
    return std::unexpected(Faults{{std::string(path), "must be `true` or `false`"}});
  }
  if (attribute.type == Type::kInteger) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return Json(number);
    return std::unexpected(Faults{{std::string(path), "must be a whole number"}});
  }
  return Json(text);
}

/// Puts what cells say into an object.
class CellReader {
 public:
  CellReader(std::span<const Attribute> attributes, object& out, Faults& faults)
      : attributes_(attributes), out_(out), faults_(faults) {}

  /// False: it is no attribute.
  bool take(std::string_view path, std::string_view text) {
    const auto column = find_column_attribute(attributes_, path);
    if (!column) return false;
    if (!column->outer->is_list) {
      put(column->part == nullptr ? *column->outer : *column->part, path, text,
          place_of(*column, out_));
      return true;
    }
    const auto items = split_items(text);
    Json& list = out_[column->outer->name];
    if (!list.is_array()) list = boost::json::array();
    auto& array = list.get_array();
    if (items.size() > kMaxItems) {
      faults_.push_back({std::string(path), fmt::format("has {} items; at most {} are kept",
                                                        items.size(), kMaxItems)});
      return true;
    }
    if (array.size() < items.size()) array.resize(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].empty()) continue;
      put(column->part == nullptr ? *column->outer : *column->part, path, items[i],
          item_of(*column, array[i]));
    }
    return true;
  }

 private:
  static Json& place_of(const ColumnAttribute& column, object& out) {
    Json& place = out[column.outer->name];
    return column.part == nullptr ? place : item_of(column, place);
  }
  static Json& item_of(const ColumnAttribute& column, Json& item) {
    if (column.part == nullptr) return item;
    if (!item.is_object()) item = object();
    return item.get_object()[column.part->name];
  }

  void put(const Attribute& attribute, std::string_view path, std::string_view text, Json& place) {
    auto value = scalar(attribute, path, text);
    if (value) {
      place = std::move(*value);
    } else {
      std::ranges::move(value.error(), std::back_inserter(faults_));
    }
  }

  std::span<const Attribute> attributes_;
  object& out_;
  Faults& faults_;
};

/// A key of the thing that a row is of, for relations in the same row.
std::optional<std::string> key_of(Kind kind, const object& attributes) {
  const auto all = namings(kind, attributes, kAnyYear);
  const auto alone = std::ranges::find_if(all, [](const Naming& naming) { return !naming.within; });
  const auto naming = alone == all.end() ? all.begin() : alone;
  if (naming == all.end()) return std::nullopt;
  const std::string head = fmt::format("{}.{}:", to_string(kind), naming->by.path);
  if (!naming->within) return head + naming->value;
  const Key& within = *naming->within;
  if (!within.attribute.empty()) return std::nullopt;
  const bool has_parts = within.value.contains('/');
  return fmt::format("{}{}/{}", head, has_parts ? within.value : escaped_part(within.value),
                     escaped_part(naming->value));
}

void add_relations(const RelationSchema& relation, std::string_view cell, Kind kind,
                   const object& attributes, std::vector<Checked<Json>>& out) {
  const auto subject = key_of(kind, attributes);
  for (const std::string& object_key : split_items(cell)) {
    if (!subject) {
      out.push_back(std::unexpected(
          Faults{{std::string(relation.name),
                  "needs a column by whose value alone the row's thing is known"}}));
      return;
    }
    out.push_back(Json{{"relation", relation.name}, {"subject", *subject}, {"object", object_key}});
  }
}

}  // namespace

std::optional<ColumnAttribute> find_column_attribute(std::span<const Attribute> attributes,
                                                     std::string_view path) {
  const std::size_t dot = path.find('.');
  const Attribute* outer = find_attribute(attributes, path.substr(0, dot));
  if (outer == nullptr || (outer->type == Type::kComplex) != (dot != std::string_view::npos)) {
    return std::nullopt;
  }
  if (dot == std::string_view::npos) return ColumnAttribute{outer, nullptr};
  const Attribute* part = find_attribute(outer->parts, path.substr(dot + 1));
  if (part == nullptr) return std::nullopt;
  return ColumnAttribute{outer, part};
}

std::vector<std::string> column_paths(std::span<const Attribute> attributes) {
  std::vector<std::string> paths;
  for (const Attribute& attribute : attributes) {
    if (attribute.type != Type::kComplex) paths.emplace_back(attribute.name);
    for (const Attribute& part : attribute.parts) {
      paths.push_back(fmt::format("{}.{}", attribute.name, part.name));
    }
  }
  return paths;
}

bool can_be_column(const RelationSchema& relation) {
  return relation.scopes.is_empty() &&
         std::ranges::none_of(relation.attributes, &Attribute::is_required);
}

Result<CsvColumns> CsvColumns::read(const std::vector<std::string>& header, std::string_view kind) {
  const auto thing_kind = find_kind(kind);
  const auto relation = find_relation(kind);
  if (!kind.empty() && !thing_kind && !relation) {
    return invalid(
        fmt::format("`{}` is no kind of things and no relation; docs/formats/"
                    "directory.md lists them",
                    printable(kind)));
  }
  const bool has_relations = relation.has_value() ||
                             (!thing_kind && std::ranges::find(header, "relation") != header.end());
  std::string wrong;
  const auto add = [&](std::string message) {
    wrong += fmt::format("{}{}", wrong.empty() ? "" : "; ", message);
  };
  if (kind.empty() && !has_relations && std::ranges::find(header, "kind") == header.end()) {
    add("it says of no kind: add a column `kind` or `relation`, or say it with `--kind`");
  }
  const auto names = has_relations ? relation_columns(kind) : thing_columns(thing_kind);
  std::set<std::string_view> seen;
  for (const std::string& name : header) {
    if (!seen.insert(name).second)
      add(fmt::format("the column `{}` is there twice", printable(name)));
    if (std::ranges::find(names, name) != names.end()) continue;
    add(fmt::format("`{}` is no column of {}{}", printable(name),
                    kind.empty() ? std::string(has_relations ? "relations" : "things")
                                 : fmt::format("`{}`", kind),
                    suggestion(name, names)));
  }
  if (!wrong.empty()) return invalid(fmt::format("line 1: {}", wrong));
  return CsvColumns(header, std::string(kind), has_relations);
}

std::vector<Checked<Json>> CsvColumns::items(const std::vector<std::string>& cells) const {
  if (cells.size() != names_.size()) {
    return {std::unexpected(
        Faults{{"", fmt::format("has {} cells; the header has {}", cells.size(), names_.size())}})};
  }
  if (has_relations_) return {relation(cells)};
  return things(cells);
}

std::vector<Checked<Json>> CsvColumns::things(const std::vector<std::string>& cells) const {
  object item;
  if (!kind_.empty()) item["kind"] = kind_;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (contains(kThingMembers, names_[i]) && !cells[i].empty()) item[names_[i]] = cells[i];
  }
  const Json* name = item.if_contains("kind");
  const auto kind = name == nullptr ? std::nullopt : find_kind(name->get_string());
  if (!kind) {
    return {name == nullptr ? Checked<Json>(std::unexpected(Faults{{"kind", "is missing"}}))
                            : Checked<Json>(item)};  // reading the entry says what is wrong
  }
  object attributes;
  Faults faults;
  CellReader reader(schema_of(*kind).attributes, attributes, faults);
  std::vector<std::pair<const RelationSchema*, std::size_t>> relations;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].empty() || contains(kThingMembers, names_[i])) continue;
    if (reader.take(names_[i], cells[i])) continue;
    if (const RelationSchema* relation = find_column_relation(names_[i], kind)) {
      relations.emplace_back(relation, i);
    } else {
      faults.push_back(
          {names_[i], fmt::format("is none of {}; leave the cell empty", schema_of(*kind).plural)});
    }
  }
  if (!faults.empty()) return {std::unexpected(std::move(faults))};
  std::vector<Checked<Json>> out;
  for (const auto& [relation, i] : relations)
    add_relations(*relation, cells[i], *kind, attributes, out);
  item["attributes"] = std::move(attributes);
  out.insert(out.begin(), Json(std::move(item)));
  return out;
}

Checked<Json> CsvColumns::relation(const std::vector<std::string>& cells) const {
  object item;
  if (!kind_.empty()) item["relation"] = kind_;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (contains(kRelationMembers, names_[i]) && !cells[i].empty()) item[names_[i]] = cells[i];
  }
  const Json* name = item.if_contains("relation");
  const auto relation = name == nullptr ? std::nullopt : find_relation(name->get_string());
  if (name == nullptr) return std::unexpected(Faults{{"relation", "is missing"}});
  if (!relation) return item;
  object attributes;
  Faults faults;
  CellReader reader(schema_of(*relation).attributes, attributes, faults);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].empty() || contains(kRelationMembers, names_[i])) continue;
    if (reader.take(names_[i], cells[i])) continue;
    faults.push_back(
        {names_[i], fmt::format("is none of a `{}`; leave the cell empty", to_string(*relation))});
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  if (!attributes.empty()) item["attributes"] = std::move(attributes);
  return item;
}

}  // namespace wardlock::directory
