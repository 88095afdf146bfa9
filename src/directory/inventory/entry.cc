#include "directory/inventory/entry.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggestion.h"
#include "base/utf8.h"
#include "directory/model/moment.h"
#include "directory/model/schema.h"

namespace wardlock::directory {
namespace {

using codec::Json;

/// Reads the members of one item, and gathers what is wrong with them.
class EntryReader {
 public:
  explicit EntryReader(const boost::json::object& object) : object_(object) {}

  ThingEntry thing() {
    check_members({"kind", "id", "state", "onlyNew", "attributes"});
    const std::string name = text("kind", true);
    const auto kind = find_kind(name);
    if (!kind && !name.empty()) no_such("kind", "kind of things", name, kind_names());
    ThingEntry entry{.kind = kind.value_or(Kind::kPerson)};
    entry.id = text("id", false);
    entry.state = text("state", false);
    if (kind && !entry.state.empty() && find_state(schema_of(*kind), entry.state) == nullptr) {
      no_such("state", fmt::format("state of {}", schema_of(*kind).plural), entry.state,
              state_names(*kind));
    }
    entry.is_only_new = flag("onlyNew");
    if (const auto* attributes = inner_object()) entry.attributes = *attributes;
    return entry;
  }

  std::optional<RelationEntry> relation() {
    check_members({"relation", "subject", "object", "scope", "from", "until", "attributes"});
    const std::string name = text("relation", true);
    const auto relation = find_relation(name);
    if (!relation) {
      if (!name.empty()) no_such("relation", "relation", name, relation_names());
      return std::nullopt;
    }
    const RelationSchema& schema = schema_of(*relation);
    auto subject = key("subject", schema.subjects, true);
    auto object = key("object", schema.objects, true);
    if (schema.scopes.is_empty() && object_.contains("scope")) {
      fault("scope", fmt::format("is none of a `{}`; leave it out", schema.name));
    }
    auto scope = key("scope", schema.scopes, false);
    const auto from = time("from");
    const auto until = time("until");
    std::optional<Json> attributes;
    if (const auto* given = inner_object()) attributes = *given;
    if (!faults_.empty()) return std::nullopt;
    return RelationEntry{.relation = *relation,
                         .subject = std::move(*subject),
                         .object = std::move(*object),
                         .scope = std::move(scope),
                         .from_ms = from,
                         .until_ms = until,
                         .attributes = std::move(attributes)};
  }

  Faults& faults() { return faults_; }

 private:
  void fault(std::string_view path, std::string message) {
    faults_.push_back({std::string(path), std::move(message)});
  }

  void no_such(std::string_view member, std::string_view what, std::string_view name,
               const std::vector<std::string>& names) {
    const std::string near = suggestion(name, names);
    fault(member, fmt::format("is `{}`, which is no {}{}", printable(name), what,
                              near.empty() ? "; docs/formats/directory.md lists them" : near));
  }

  static std::vector<std::string> kind_names() {
    std::vector<std::string> names;
    for (const Schema* schema : all_schemas()) names.emplace_back(schema->name);
    return names;
  }
  static std::vector<std::string> relation_names() {
    std::vector<std::string> names;
    for (const RelationSchema& schema : all_relations()) names.emplace_back(schema.name);
    return names;
  }
  static std::vector<std::string> state_names(Kind kind) {
    std::vector<std::string> names;
    for (const State& state : schema_of(kind).states) names.emplace_back(state.name);
    return names;
  }

  void check_members(std::initializer_list<std::string_view> allowed) {
    const std::vector<std::string> names(allowed.begin(), allowed.end());
    for (const auto& member : object_) {
      if (std::ranges::find(allowed, std::string_view(member.key())) != allowed.end()) continue;
      fault(printable(member.key()),
            fmt::format("is no member of what has a `{}`{}; attributes are in `attributes`",
                        names.front(), suggestion(member.key(), names)));
    }
  }

  const Json* present(std::string_view name) const {
    const Json* value = object_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
  }

  std::string text(std::string_view name, bool is_required) {
    const Json* value = present(name);
    if (value == nullptr) {
      if (is_required) fault(name, "is missing");
      return {};
    }
    const auto* text = value->if_string();
    if (text == nullptr || text->empty()) {
      fault(name, "must be a text that is not empty");
      return {};
    }
    return std::string(*text);
  }

  bool flag(std::string_view name) {
    const Json* value = present(name);
    if (value == nullptr) return false;
    if (!value->is_bool()) fault(name, "must be `true` or `false`");
    return value->is_bool() && value->get_bool();
  }

  std::optional<Key> key(std::string_view name, Kinds kinds, bool is_required) {
    if (kinds.is_empty()) return std::nullopt;
    const std::string given = text(name, is_required);
    if (given.empty()) return std::nullopt;
    auto key = read_key(given, kinds);
    if (key) return std::move(*key);
    fault(name, key.error().message);
    return std::nullopt;
  }

  std::optional<std::int64_t> time(std::string_view name) {
    const std::string given = text(name, false);
    if (given.empty()) return std::nullopt;
    const auto time = parse_time(given);
    if (!time) fault(name, "is no time such as `2026-11-22T08:00:00Z` (RFC 3339)");
    return time;
  }

  const boost::json::object* inner_object() {
    const Json* value = present("attributes");
    if (value == nullptr) return nullptr;
    if (!value->is_object()) fault("attributes", "must be an object");
    return value->if_object();
  }

  const boost::json::object& object_;
  Faults faults_;
};

}  // namespace

Checked<Entry> read_entry(const Json& json) {
  const auto* object = json.if_object();
  if (object == nullptr) return std::unexpected(Faults{{"", "is no object with a `kind`"}});
  EntryReader reader(*object);
  if (object->contains("relation")) {
    auto relation = reader.relation();
    if (!relation) return std::unexpected(std::move(reader.faults()));
    return std::move(*relation);
  }
  ThingEntry thing = reader.thing();
  if (!reader.faults().empty()) return std::unexpected(std::move(reader.faults()));
  return thing;
}

std::vector<KeyReference> key_references(const ThingEntry& entry) {
  std::vector<KeyReference> found;
  for (const Attribute& attribute : schema_of(entry.kind).attributes) {
    if (attribute.type != Type::kReference) continue;
    const Json* value = entry.attributes.if_contains(attribute.name);
    if (value == nullptr) continue;
    if (const auto* text = value->if_string()) {
      found.push_back({&attribute, std::string(attribute.name), std::string(*text)});
      continue;
    }
    const auto* items = value->if_array();
    if (items == nullptr) continue;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const auto* text = (*items)[i].if_string();
      if (text == nullptr) continue;
      found.push_back({&attribute, fmt::format("{}[{}]", attribute.name, i), std::string(*text)});
    }
  }
  return found;
}

}  // namespace wardlock::directory
