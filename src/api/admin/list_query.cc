#include "api/admin/list_query.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "administration/sight.h"
#include "api/admin/operations.h"
#include "base/utf8.h"
#include "directory/model/indexed_values.h"
#include "directory/model/relation.h"
#include "directory/registry/searchable_path.h"

namespace wardlock::admin {
namespace {

using directory::Comparison;
using directory::Condition;
using directory::Filter;
using directory::Operand;

constexpr auto kOperators = std::to_array<PathOperator>({
    {"not", Comparison::kNotEqual, "no value is equal"},
    {"contains", Comparison::kContains, "a text has it somewhere"},
    {"startsWith", Comparison::kStartsWith, "a text begins so"},
    {"endsWith", Comparison::kEndsWith, "a text ends so"},
    {"above", Comparison::kGreater, "greater, or later"},
    {"from", Comparison::kGreaterOrEqual, "equal, greater or later"},
    {"below", Comparison::kLess, "less, or earlier"},
    {"upTo", Comparison::kLessOrEqual, "equal, less or earlier"},
    {"present", Comparison::kPresent, "`true`: it has a value; `false`: it has none"},
});
constexpr std::string_view kObjectSide = "of";

std::optional<directory::Type> type_at(directory::Kind kind, std::string_view path) {
  if (const auto* column = directory::find_thing_column(kind, path)) return column->type;
  if (const auto* attribute = directory::find_searchable(kind, path)) return attribute->type;
  return std::nullopt;
}

Result<Operand> operand_of(directory::Type type, std::string_view path, const std::string& text) {
  if (type == directory::Type::kBoolean) {
    if (text == "true" || text == "false") return text == "true";
    return invalid(fmt::format("`{}` is compared with `true` or `false`", path));
  }
  if (type != directory::Type::kInteger) return text;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return invalid(fmt::format("`{}` is compared with an integer", path));
}

/// The path and the operator behind it, if one is.
std::pair<std::string_view, const PathOperator*> split_operator(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return {name, nullptr};
  const auto* const found =
      std::ranges::find(kOperators, name.substr(dot + 1), &PathOperator::name);
  if (found == kOperators.end()) return {name, nullptr};
  return {name.substr(0, dot), found};
}

Result<Filter::Part> condition_of(const directory::Schema& schema, std::string_view name,
                                  const std::string& value) {
  const auto [path, behind] = split_operator(name);
  const auto type = type_at(schema.kind, path);
  if (!type) return directory::not_searchable(schema.kind, path);
  if (behind == nullptr || behind->comparison != Comparison::kPresent) {
    Operand operand = TRY(operand_of(*type, path, value));
    return Condition{.path = std::string(path),
                     .comparison = behind == nullptr ? Comparison::kEqual : behind->comparison,
                     .operand = std::move(operand)};
  }
  Condition present{.path = std::string(path)};
  if (value == "true") return present;
  if (value == "false") {
    return Filter{.connective = Filter::Connective::kNone, .parts = {std::move(present)}};
  }
  return invalid(fmt::format("`{}` may be `true` or `false`", name));
}

/// `membership=ID`, `membership.of=ID`; nothing: the name is no relation's that the kind has.
Answered<std::optional<Filter::Part>> related_of(administration::Sight& sight, directory::Kind kind,
                                                 std::string_view name, const std::string& value) {
  const std::size_t dot = name.find('.');
  const bool is_object = dot != std::string_view::npos && name.substr(dot + 1) == kObjectSide;
  if (dot != std::string_view::npos && !is_object) return std::nullopt;
  const auto relation = directory::find_relation(name.substr(0, dot));
  if (!relation) return std::nullopt;
  const directory::RelationSchema& schema = directory::schema_of(*relation);
  if (!(is_object ? schema.objects : schema.subjects).contains(kind)) return std::nullopt;
  TRY_VOID(sight.check(value, is_object ? schema.subjects : schema.objects));
  return directory::Related{.relation = *relation, .is_subject = !is_object, .other = value};
}

/// One of the attributes by which things are called.
Filter called(const directory::Schema& schema, Comparison comparison, std::string_view text) {
  Filter any{.connective = Filter::Connective::kAny};
  for (std::string& path : naming_paths(schema)) {
    any.parts.emplace_back(
        Condition{.path = std::move(path), .comparison = comparison, .operand = std::string(text)});
  }
  return any;
}

Answered<Filter> read_filter(const Asked& asked) {
  const directory::Schema& schema = *asked.schema;
  administration::Sight sight(asked.errand);
  Filter all;
  for (std::size_t i = 0; i < asked.parameters.size(); ++i) {
    const std::string& name = asked.parameters[i].name;
    if (asked.operation.knows(name)) continue;
    const auto first = std::ranges::find(asked.parameters, name, &net::QueryParameter::name);
    if (first != asked.parameters.begin() + static_cast<std::ptrdiff_t>(i)) continue;
    Filter any{.connective = Filter::Connective::kAny};
    for (const net::QueryParameter& each : asked.parameters) {
      if (each.name != name) continue;
      if (auto related = TRY(related_of(sight, schema.kind, name, each.value))) {
        any.parts.push_back(std::move(*related));
      } else {
        any.parts.push_back(TRY(condition_of(schema, name, each.value)));
      }
    }
    all.parts.emplace_back(std::move(any));
  }
  if (const auto name = asked.parameter("named"); !name.empty()) {
    all.parts.emplace_back(called(schema, Comparison::kEqual, name));
  }
  if (const auto text = asked.parameter("like"); !text.empty()) {
    all.parts.emplace_back(called(schema, Comparison::kStartsWith, text));
  }
  return all;
}

}  // namespace

std::span<const PathOperator> path_operators() { return kOperators; }

std::vector<std::string> naming_paths(const directory::Schema& schema) {
  std::vector<std::string> paths;
  const auto add = [&paths](const directory::Attribute& attribute, std::string path) {
    const bool names =
        attribute.is_unique || !attribute.unique_within.empty() || attribute.name == "displayName";
    if (names && attribute.is_searchable) paths.push_back(std::move(path));
  };
  for (const directory::Attribute& attribute : schema.attributes) {
    add(attribute, std::string(attribute.name));
    for (const directory::Attribute& part : attribute.parts) {
      add(part, fmt::format("{}.{}", attribute.name, part.name));
    }
  }
  return paths;
}

Answered<directory::Query> read_list_query(const Asked& asked) {
  directory::Query query{.filter = TRY(read_filter(asked))};
  std::string_view sort = asked.parameter("sort");
  query.is_descending = sort.starts_with('-');
  if (query.is_descending) sort.remove_prefix(1);
  query.sort_by = sort;
  query.cursor = asked.parameter("cursor");
  query.count = TRY(asked.number("count", query.count, directory::kMaxPageSize));
  query.wants_total = TRY(asked.flag("total"));
  return query;
}

}  // namespace wardlock::admin
