#include "suite/appendix_reader.h"

#include <fmt/format.h>

#include <utility>

#include "base/arena.h"
#include "cedar/parser/parser.h"
#include "suite/yaml_value.h"

namespace wardlock::suite {
namespace {

using codec::Yaml;

/// A uid as text, which entities JSON has as an object.
codec::Json uid_json(const Yaml& place, std::string_view text, Findings& findings) {
  Arena arena;
  const auto uid = cedar::parse_entity_uid(text, arena);
  if (uid) return {{"type", (*uid)->type}, {"id", (*uid)->id}};
  findings.refuse(place.span, uid.error().message, "an entity's uid is written `Type::\"id\"`");
  return nullptr;
}

}  // namespace

std::optional<Entities> read_entities(const Yaml& suite, ValueReader& values, Findings& findings) {
  const Yaml* own = find(suite, "entities");
  const Yaml* more = find(suite, "more_entities");
  if (own != nullptr && more != nullptr) {
    findings.refuse(more->span, "a suite has `entities` or `more_entities`, not both",
                    "`entities` stands in place of the folder's, `more_entities` beside them");
  }
  if (own == nullptr && more == nullptr) return std::nullopt;
  const Yaml& yaml = own != nullptr ? *own : *more;
  if (!check_map(yaml, "`entities`", findings)) return std::nullopt;
  boost::json::array all;
  for (const auto& [key, span, value] : yaml.entries) {
    const Yaml key_place(Yaml::Kind::kPlain, span);
    boost::json::object entity = {{"uid", uid_json(key_place, key, findings)},
                                  {"attrs", boost::json::object()},
                                  {"parents", boost::json::array()}};
    all.push_back(entity);
    if (value.kind == Yaml::Kind::kNull || !check_map(value, "an entity", findings)) continue;
    check_keys(value, "an entity", entity_keys(), findings);
    for (const char* name : {"attrs", "tags"}) {
      const Yaml* map = find(value, name);
      if (map == nullptr || !check_map(*map, fmt::format("`{}`", name), findings)) continue;
      entity[name] = to_object(*map, findings.list());
    }
    if (const Yaml* parents = find(value, "parents")) {
      for (const Word& parent : values.words(*parents)) {
        entity["parents"].as_array().push_back(
            uid_json(Yaml(Yaml::Kind::kPlain, parent.span), parent.text, findings));
      }
    }
    all.back() = std::move(entity);
  }
  return Entities{std::move(all), own == nullptr, yaml.span};
}

std::vector<Excuse> read_excuses(const Yaml& suite, ValueReader& values, Findings& findings) {
  std::vector<Excuse> excuses;
  const Yaml* excused = find(suite, "excused");
  if (excused == nullptr) return excuses;
  if (excused->kind != Yaml::Kind::kList) {
    findings.refuse(excused->span, "`excused` must be a list");
  }
  for (const Yaml& item : excused->items) {
    if (!check_map(item, "an excuse", findings)) continue;
    check_keys(item, "an excuse", excuse_keys(), findings);
    Excuse excuse;
    excuse.span = item.span;
    const auto word = [&](std::string_view key) -> std::optional<Word> {
      auto text = find_text(item, key, findings);
      return text ? std::optional(Word{*text, find(item, key)->span}) : std::nullopt;
    };
    const auto policy = word("policy");
    excuse.part = word("part");
    const auto reason = find_text(item, "reason", findings);
    if (const Yaml* never = find(item, "never")) excuse.never = values.flag(*never, "never");
    if (!policy || !reason) {
      findings.refuse(item.span, "an excuse needs `policy` and `reason`");
      continue;
    }
    if (excuse.never && !excuse.part) {
      findings.refuse(item.span, "`never` is said of a `part`, which is missing here");
    }
    excuse.policy = *policy;
    excuse.reason = *reason;
    excuses.push_back(std::move(excuse));
  }
  return excuses;
}

}  // namespace wardlock::suite
