#include "cli/thing_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "cli/thing_lookup.h"

namespace wardlock::cli {
namespace {

using codec::Json;

void add_line(StyledText& out, std::string_view name, std::string_view value) {
  out.add(fmt::format("  {:<20} ", name), Style::kDim).add(value).add("\n");
}

std::string shown(const Json& value) {
  return value.is_string() ? std::string(value.get_string()) : codec::to_json_text(value);
}

/// Lists a line for each item, objects by their parts.
void add_value(StyledText& out, const std::string& name, const Json& value) {
  if (value.is_array()) {
    for (const Json& item : value.get_array()) add_value(out, name, item);
  } else if (value.is_object()) {
    std::string parts;
    for (const auto& part : value.get_object()) {
      parts += fmt::format("{}{}={}", parts.empty() ? "" : ", ", std::string_view(part.key()),
                           shown(part.value()));
    }
    add_line(out, name, parts);
  } else {
    add_line(out, name, shown(value));
  }
}

}  // namespace

StyledText thing_text(const Json& thing, bool is_dry_run) {
  StyledText out;
  const auto kind = directory::find_kind(text_of(thing, "kind"));
  out.add(kind ? word_for(directory::schema_of(*kind)) + " " : "")
      .add(name_of(thing), Style::kBold)
      .add(is_dry_run ? fmt::format(" would be {}; nothing was changed\n", text_of(thing, "state"))
                      : fmt::format(" is {}\n", text_of(thing, "state")));
  const auto* const members = thing.if_object();
  const Json* const attributes = members == nullptr ? nullptr : members->if_contains("attributes");
  if (attributes != nullptr && attributes->is_object()) {
    for (const auto& each : attributes->get_object()) {
      add_value(out, std::string(each.key()), each.value());
    }
  }
  add_line(out, "id", text_of(thing, "id"));
  out.add(fmt::format("  {:<20} ", "version"), Style::kDim)
      .add(fmt::format("{}, changed {}", text_of(thing, "version"), text_of(thing, "changedAt")));
  const std::string revision = text_of(thing, "revision");
  if (!revision.empty()) {
    out.add(fmt::format("\n  {:<20} ", "revision"), Style::kDim).add(revision);
  }
  return out;
}

std::string revision_line(const Json& answer) {
  const std::string revision = text_of(answer, "revision");
  return revision.empty() ? "" : fmt::format("\nrevision: {}", revision);
}

StyledText table_text(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max<std::size_t>(widths[i], count_code_points(row[i]));
    }
  }
  StyledText out;
  for (std::size_t line = 0; line < rows.size(); ++line) {
    std::string text;
    for (std::size_t i = 0; i < rows[line].size(); ++i) {
      const std::string& cell = rows[line][i];
      text += cell;
      if (i + 1 < rows[line].size()) {
        text.append(widths[i] + 2 - count_code_points(cell), ' ');
      }
    }
    out.add(text, line == 0 ? Style::kDim : Style::kPlain);
    if (line + 1 < rows.size()) out.add("\n");
  }
  return out;
}

std::vector<std::string> columns_of(const directory::Schema& schema) {
  std::vector<std::string> columns = {std::string(calling_name(schema).name)};
  const bool has_both = columns.front() != "displayName" &&
                        directory::find_attribute(schema.attributes, "displayName") != nullptr;
  if (has_both) columns.emplace_back("displayName");
  columns.emplace_back("state");
  columns.emplace_back("id");
  return columns;
}

std::vector<std::string> row_of(const directory::Schema& schema, const Json& thing) {
  std::vector<std::string> row;
  for (const std::string& column : columns_of(schema)) {
    const bool is_frame = column == "state" || column == "id";
    row.push_back(is_frame ? text_of(thing, column) : attribute_of(thing, column));
  }
  return row;
}

}  // namespace wardlock::cli
