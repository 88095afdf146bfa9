#include "directory/registry/searchable_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/model/indexed_values.h"
#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

constexpr auto kColumns = std::to_array<ThingColumn>({
    {"id", "t.id", Type::kReference},
    {"state", "t.state", Type::kText},
    {"version", "t.version", Type::kInteger},
    {"createdAt", "t.created_ms", Type::kTime},
    {"changedAt", "t.changed_ms", Type::kTime},
});

}  // namespace

const ThingColumn* find_thing_column(Kind kind, std::string_view path) {
  if (find_searchable(kind, path) != nullptr) return nullptr;
  const auto* const column = std::ranges::find(kColumns, path, &ThingColumn::path);
  return column == kColumns.end() ? nullptr : column;
}

std::unexpected<Error> not_searchable(Kind kind, std::string_view path) {
  std::vector<std::string> names;
  for (const ThingColumn& column : kColumns) names.emplace_back(column.path);
  for (const Attribute& attribute : schema_of(kind).attributes) {
    if (attribute.is_searchable) names.emplace_back(attribute.name);
    for (const Attribute& part : attribute.parts) {
      if (part.is_searchable) names.push_back(fmt::format("{}.{}", attribute.name, part.name));
    }
  }
  return invalid(fmt::format("{} cannot be asked for by `{}`{}", schema_of(kind).plural,
                             printable(path), suggestion(path, names)));
}

}  // namespace wardlock::directory
