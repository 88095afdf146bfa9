#include "plan/mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "codec/yaml.h"

namespace wardlock::plan {
namespace {

using codec::Yaml;

/// PostgreSQL cuts longer names off without a word.
constexpr std::size_t kMaxIdentifierBytes = 63;

const Yaml::Entry* find(const Yaml& yaml, std::string_view key) {
  const auto found = std::ranges::find(yaml.entries, key, &Yaml::Entry::key);
  return found == yaml.entries.end() ? nullptr : &*found;
}

class MappingReader {
 public:
  explicit MappingReader(const cedar::Schema& schema) : schema_(schema) {}

  Parsed<Mapping> read(const Yaml& yaml) {
    Mapping mapping;
    if (is_map(yaml, "the mapping") && check_keys(yaml, {"types"}, {"types"})) {
      const Yaml& types = find(yaml, "types")->value;
      if (is_map(types, "`types`")) {
        for (const Yaml::Entry& entry : types.entries) read_type(entry, mapping);
      }
    }
    std::ranges::stable_sort(diagnostics_, {}, [](const auto& each) { return each.span.begin; });
    if (!diagnostics_.empty()) return std::unexpected(std::move(diagnostics_));
    return mapping;
  }

 private:
  void refuse(Span span, std::string message, std::string help = "") {
    diagnostics_.push_back({Severity::kError, std::move(message), span, std::move(help)});
  }

  bool is_map(const Yaml& yaml, std::string_view what) {
    if (yaml.kind == Yaml::Kind::kMap) return true;
    refuse(yaml.span, fmt::format("{} must be a map, each entry as `name: value`", what));
    return false;
  }

  /// Reports unknown keys and missing ones.
  bool check_keys(const Yaml& yaml, std::initializer_list<const char*> known,
                  std::initializer_list<const char*> required) {
    const std::vector<std::string> words(known.begin(), known.end());
    const std::size_t before = diagnostics_.size();
    for (const Yaml::Entry& entry : yaml.entries) {
      if (std::ranges::find(words, entry.key) != words.end()) continue;
      refuse(entry.span,
             fmt::format("unknown key `{}`{}", entry.key, suggestion(entry.key, words)));
    }
    for (const char* key : required) {
      if (find(yaml, key) == nullptr) refuse(yaml.span, fmt::format("`{}` is missing", key));
    }
    return diagnostics_.size() == before;
  }

  /// A name that the database gave, of a column or table.
  std::string identifier(const Yaml& yaml, std::string_view what) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (!yaml.is_text() || yaml.text.empty()) {
      refuse(yaml.span, fmt::format("{} must be a name", what));
    } else if (yaml.text.size() > kMaxIdentifierBytes ||
               std::ranges::any_of(yaml.text, is_control) || find_invalid_utf8(yaml.text)) {
      refuse(yaml.span, fmt::format("{} must be a name of at most {} bytes, without control "
                                    "characters",
                                    what, kMaxIdentifierBytes));
    }
    return yaml.text;
  }

  std::string identifier_at(const Yaml& yaml, const char* key) {
    const Yaml::Entry* entry = find(yaml, key);
    return entry == nullptr ? "" : identifier(entry->value, fmt::format("`{}`", key));
  }

  /// `name`, or `[schema, name]`.
  Table table_at(const Yaml& yaml) {
    const Yaml::Entry* entry = find(yaml, "table");
    if (entry == nullptr) return {};
    if (entry->value.kind != Yaml::Kind::kList) return {"", identifier(entry->value, "`table`")};
    if (entry->value.items.size() != 2) {
      refuse(entry->value.span, "`table` must be a name, or a list: the schema and the name");
      return {};
    }
    return {identifier(entry->value.items[0], "the schema of `table`"),
            identifier(entry->value.items[1], "`table`")};
  }

  /// `as` says how a datetime is kept.
  TimeForm time_form(const Yaml& yaml, const cedar::Type& type) {
    const Yaml::Entry* entry = find(yaml, "as");
    if (entry == nullptr) return TimeForm::kEpochMs;
    if (type.kind != cedar::Kind::kDatetime) {
      refuse(entry->span, fmt::format("`as` is for datetimes; this is a {}", to_string(type)));
    } else if (entry->value.text == "timestamptz") {
      return TimeForm::kTimestamptz;
    } else if (entry->value.text != "epoch_ms") {
      refuse(entry->value.span, "`as` must be `epoch_ms` or `timestamptz`");
    }
    return TimeForm::kEpochMs;
  }

  /// What one column can hold.
  bool is_scalar(Span span, const cedar::Type& type) {
    switch (type.kind) {
      case cedar::Kind::kSet:
        refuse(span, "a set needs a table of its members", "table: …, owner: …, member: …");
        return false;
      case cedar::Kind::kRecord:
        refuse(span, "a record needs its attributes mapped one by one", "record: {…}");
        return false;
      case cedar::Kind::kIp:
        refuse(span, "an ipaddr cannot be asked in SQL; leave it out");
        return false;
      default: return true;
    }
  }

  std::vector<std::string> attribute_names(const cedar::Type& record) {
    std::vector<std::string> names;
    for (const cedar::Attribute& attribute : record.attributes) {
      names.emplace_back(attribute.name);
    }
    return names;
  }

  void read_fields(const Yaml& yaml, const cedar::Type& record, std::string_view what,
                   std::map<std::string, AttributeSource, std::less<>>& fields) {
    for (const Yaml::Entry& entry : yaml.entries) {
      const cedar::Attribute* attribute = record.find_attribute(entry.key);
      if (attribute == nullptr) {
        refuse(entry.span, fmt::format("{} has no attribute `{}`{}", what, entry.key,
                                       suggestion(entry.key, attribute_names(record))));
        continue;
      }
      fields.emplace(entry.key, read_attribute(entry, *attribute));
    }
  }

  AttributeSource read_attribute(const Yaml::Entry& entry, const cedar::Attribute& attribute) {
    const cedar::Type& type = *attribute.type;
    AttributeSource source;
    if (entry.value.is_text()) {
      if (is_scalar(entry.value.span, type))
        source.column.name = identifier(entry.value, "a column");
      return source;
    }
    if (!is_map(entry.value, fmt::format("`{}`, where it is not a column's name,", entry.key))) {
      return source;
    }
    if (type.kind == cedar::Kind::kRecord) {
      source.kind = AttributeSource::Kind::kRecord;
      if (!check_keys(entry.value, {"record"}, {"record"})) return source;
      const Yaml& fields = find(entry.value, "record")->value;
      if (is_map(fields, "`record`")) {
        read_fields(fields, type, fmt::format("the record `{}`", entry.key), source.fields);
      }
    } else if (type.kind == cedar::Kind::kSet) {
      source.kind = AttributeSource::Kind::kMembers;
      source.members = read_members(entry, attribute);
    } else if (is_scalar(entry.span, type) &&
               check_keys(entry.value, {"column", "as"}, {"column"})) {
      source.column = {identifier_at(entry.value, "column"), time_form(entry.value, type)};
    }
    return source;
  }

  MemberTable read_members(const Yaml::Entry& entry, const cedar::Attribute& attribute) {
    MemberTable members;
    if (!check_keys(entry.value, {"table", "owner", "member", "as"},
                    {"table", "owner", "member"})) {
      return members;
    }
    if (!attribute.is_required) {
      refuse(entry.span,
             fmt::format("`{}` is optional: a table of members cannot tell an empty set "
                         "from none",
                         entry.key),
             "make it required in the schema");
    }
    if (!is_scalar(entry.span, *attribute.type->element)) return members;
    return {
        table_at(entry.value),
        identifier_at(entry.value, "owner"),
        {identifier_at(entry.value, "member"), time_form(entry.value, *attribute.type->element)}};
  }

  void read_parent(const Yaml& yaml, const cedar::EntityType& type, EntityTable& out) {
    if (!is_map(yaml, "a parent") ||
        !check_keys(yaml, {"type", "column", "table", "child", "parent"}, {"type"})) {
      return;
    }
    ParentSource source{.type = find(yaml, "type")->value.text};
    const std::vector<std::string> parents(type.parents.begin(), type.parents.end());
    if (std::ranges::find(parents, source.type) == parents.end()) {
      refuse(find(yaml, "type")->value.span,
             fmt::format("`{}` cannot be in `{}`{}", type.name, source.type,
                         suggestion(source.type, parents)));
    }
    source.column = identifier_at(yaml, "column");
    source.table = table_at(yaml);
    source.child = identifier_at(yaml, "child");
    source.parent = identifier_at(yaml, "parent");
    const bool has_table =
        !source.table.name.empty() && !source.child.empty() && !source.parent.empty();
    const bool has_any =
        !source.table.name.empty() || !source.child.empty() || !source.parent.empty();
    if (source.column.empty() ? !has_table : has_any) {
      refuse(yaml.span, "say where the parents are: `column`, or `table`, `child` and `parent`");
    }
    out.parents.push_back(std::move(source));
  }

  void read_tags(const Yaml::Entry& entry, const cedar::EntityType& type, EntityTable& out) {
    if (type.tags == nullptr) {
      return refuse(entry.span, fmt::format("`{}` has no tags", type.name));
    }
    if (!is_map(entry.value, "`tags`") || !is_scalar(entry.span, *type.tags) ||
        !check_keys(entry.value, {"table", "owner", "key", "value", "as"},
                    {"table", "owner", "key", "value"})) {
      return;
    }
    out.tags = TagSource{table_at(entry.value),
                         identifier_at(entry.value, "owner"),
                         identifier_at(entry.value, "key"),
                         {identifier_at(entry.value, "value"), time_form(entry.value, *type.tags)}};
  }

  void read_type(const Yaml::Entry& entry, Mapping& mapping) {
    const cedar::EntityType* type = schema_.find_entity_type(entry.key);
    if (type == nullptr) {
      std::vector<std::string> names;
      for (const cedar::EntityType& each : schema_.entity_types()) names.emplace_back(each.name);
      return refuse(entry.span, fmt::format("the schema has no entity type `{}`{}", entry.key,
                                            suggestion(entry.key, names)));
    }
    if (!is_map(entry.value, fmt::format("`{}`", entry.key)) ||
        !check_keys(entry.value, {"table", "id", "attributes", "parents", "tags"},
                    {"table", "id"})) {
      return;
    }
    EntityTable out{.table = table_at(entry.value), .id = identifier_at(entry.value, "id")};
    if (const auto* attributes = find(entry.value, "attributes")) {
      if (is_map(attributes->value, "`attributes`")) {
        read_fields(attributes->value, *type->shape, fmt::format("`{}`", entry.key),
                    out.attributes);
      }
    }
    if (const auto* parents = find(entry.value, "parents")) {
      if (parents->value.kind != Yaml::Kind::kList) {
        refuse(parents->value.span, "`parents` must be a list");
      }
      for (const Yaml& parent : parents->value.items) read_parent(parent, *type, out);
    }
    if (const auto* tags = find(entry.value, "tags")) read_tags(*tags, *type, out);
    mapping.types.emplace(entry.key, std::move(out));
  }

  const cedar::Schema& schema_;
  Diagnostics diagnostics_;
};

}  // namespace

const EntityTable* Mapping::find(std::string_view type) const {
  const auto found = types.find(type);
  return found == types.end() ? nullptr : &found->second;
}

Parsed<Mapping> parse_mapping(std::string_view text, const cedar::Schema& schema) {
  auto yaml = codec::parse_yaml(text);
  if (!yaml) return std::unexpected(std::move(yaml).error());
  return MappingReader(schema).read(*yaml);
}

}  // namespace wardlock::plan
