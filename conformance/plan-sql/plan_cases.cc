// Draws worlds, policies and questions; decides each one by one, says the same in SQL, and writes
// all of it as JSON, one world a line, for `run.py` to try on real databases.
//
//   wardlock_plan_cases SEED WORLDS
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"
#include "cedar/partial/random_policy_for_test.h"
#include "plan/sql_statement.h"
#include "tables.h"

namespace wardlock::plan {
namespace {

using cedar::EntityUid;
using cedar::RandomEntities;
using cedar::RandomPolicies;

constexpr int kCasesAWorld = 40;
constexpr std::string_view kGhost = "007";

/// Every type; a world leaves some of them to the directory. Names are such as need their quotes.
const std::map<std::string, std::string> kMappings = {
    {"Group",
     "{table: groups, id: gid, attributes: {rank: rank}, parents: [{type: Group, table: "
     "group_parents, child: child, parent: parent}], tags: {table: group_tags, owner: owner, key: "
     "k, "
     "value: v}}"},
    {"User",
     "{table: user, id: id, attributes: {name: name, age: age, active: active, boss: boss, nick: "
     "'nick \"name\"', friends: {table: friends, owner: user, member: friend}, size: {record: "
     "{width: "
     "size_w, height: size_h}}, extra: {record: {width: extra_w, height: extra_h}}, since: "
     "{column: "
     "since, as: TIME}, shift: shift, score: score}, parents: [{type: Group, table: memberships, "
     "child: member, parent: group}], tags: {table: user_tags, owner: owner, key: key, value: "
     "value}}"},
    {"Folder",
     "{table: folders, id: id, attributes: {owner: owner, rank: rank}, parents: [{type: Folder, "
     "column: parent}]}"},
    {"Doc",
     "{table: Docs, id: doc id, attributes: {owner: owner, title: title, pages: pages, public: "
     "public, folder: folder, editors: {table: editors, owner: doc, member: editor}, labels: "
     "{table: "
     "labels, owner: doc, member: label}, numbers: {table: numbers, owner: doc, member: number}, "
     "size: {record: {width: size_w, height: size_h}}, extra: {record: {width: extra_w, height: "
     "extra_h}}, due: {column: due, as: TIME}, price: price}, parents: [{type: Folder, table: "
     "doc_folders, child: doc, parent: folder}, {type: Group, table: doc_groups, child: doc, "
     "parent: "
     "group}], tags: {table: doc_tags, owner: doc, key: key, value: value}}"},
};

const std::vector<std::string> kTexts = {"a",
                                         "ab",
                                         "Ab",
                                         "AB",
                                         "",
                                         "ab ",
                                         " ab",
                                         "a%b",
                                         "a_b",
                                         "a*b",
                                         "a?b",
                                         "[a]",
                                         "a\\b",
                                         "%",
                                         "_",
                                         "*",
                                         "'",
                                         "\"",
                                         "'; DROP TABLE \"Docs\"; --",
                                         "é",
                                         "e\u0301",
                                         "É",
                                         "\u00df",
                                         "ss",
                                         "😀",
                                         "a!b",
                                         "NULL",
                                         "1",
                                         "true",
                                         "$1",
                                         "?1"};

class Cases {
 public:
  explicit Cases(unsigned seed)
      : draw_(seed), entities_(draw_), schema_(*cedar::parse_schema(RandomPolicies::kSchema)) {
    draw_.use_texts(kTexts);
  }

  boost::json::object draw_world() {
    std::string json, directory;
    mapped_.clear();
    for (const auto& [type, mapping] : kMappings) {
      if (type == "Doc" || !draw_.chance(3)) mapped_.insert(type);
    }
    for (const auto& [type, id] : ids()) {
      if (draw_.chance(6)) continue;
      const RandomEntities::Parts parts = entities_.parts(type, id);
      const std::string entity =
          fmt::format(R"({{"uid": {}, "attrs": {}, "tags": {}, "parents": {}}})",
                      RandomEntities::uid(type, id), parts.attributes, parts.tags, parts.parents);
      json += (json.empty() ? "" : ",") + entity;
      // The directory may know the one who asks; it knows all of the types that no table has.
      if (!mapped_.contains(std::string(type)) || id == "u1") {
        directory += (directory.empty() ? "" : ",") + entity;
      }
    }
    world_ = store(json);
    directory_ = store(directory);
    boost::json::object out;
    for (const auto dialect : {SqlDialect::kSqlite, SqlDialect::kPostgresql}) {
      mappings_[dialect] = mapping(dialect);
      out[to_string(dialect)] = tables_of(mappings_[dialect], schema_, world_);
    }
    boost::json::array cases;
    while (cases.size() < kCasesAWorld) cases.push_back(draw_case());
    return {{"tables", std::move(out)}, {"cases", std::move(cases)}};
  }

 private:
  static std::vector<std::pair<std::string_view, std::string_view>> ids() {
    std::vector<std::pair<std::string_view, std::string_view>> out(RandomEntities::kIds.begin(),
                                                                   RandomEntities::kIds.end());
    for (const std::string_view id : {"d3", "d4", "d5", "d6", "d7", "d8"})
      out.emplace_back("Doc", id);
    for (const std::string_view id : {"f3", "f4"}) out.emplace_back("Folder", id);
    for (const std::string_view id : {"u4", "u5"}) out.emplace_back("User", id);
    return out;
  }

  static std::string replaced(std::string text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + by.size())) {
      text.replace(at, what.size(), by);
    }
    return text;
  }

  /// Who does not exist is called like a number that SQLite may find in a row.
  static std::string with_ghost(std::string text) {
    return replaced(std::move(text), "\"ghost\"", fmt::format("\"{}\"", kGhost));
  }

  /// One id is such as an attacker would have it.
  cedar::EntityStore store(std::string json) {
    json = with_ghost(replaced(std::move(json), R"("id": "u3")", R"("id": "u'3\"%_*\\;--")"));
    auto made = cedar::entities_from_json(*codec::parse_json("[" + json + "]"), &schema_);
    if (!made) fail(made.error().message);
    return std::move(*made);
  }

  Mapping mapping(SqlDialect dialect) {
    std::string text = "types:\n";
    for (const std::string& type : mapped_) text += "  " + type + ": " + kMappings.at(type) + "\n";
    text = replaced(std::move(text), "TIME",
                    dialect == SqlDialect::kSqlite ? "epoch_ms" : "timestamptz");
    auto mapping = parse_mapping(text, schema_);
    if (!mapping) fail(to_error(mapping.error(), text, "mapping").message);
    return *std::move(mapping);
  }

  /// Columns that may be empty next to what is computed, or alone.
  std::string draw_columns() {
    return draw_.pick({"resource.extra.width > resource.pages - 3",
                       "!(resource.extra.width <= resource.size.width + 1)",
                       "resource.extra.height != -resource.pages",
                       "resource.due > context.now.offset(duration(\"-1h\"))",
                       "resource.due.toDate() < context.now || resource has due",
                       "resource.folder == (if resource.public then resource.folder else "
                       "Folder::\"f1\")",
                       "!(resource has folder) || resource has extra.width"});
  }

  std::string draw_policies() {
    std::string text;
    for (std::size_t i = 1 + draw_.below(3); i > 0; --i) {
      std::string policy = with_ghost(draw_.policy(principal_type_, resource_type_));
      if (draw_.chance(6)) {
        policy = fmt::format("{} (principal, action, resource) when {{ {} }};",
                             draw_.pick({"permit", "forbid"}), draw_columns());
      }
      // More than half permit, or nothing would ever be selected.
      if (policy.starts_with("forbid") && draw_.chance(2)) policy.replace(0, 6, "permit");
      if (policy.starts_with("forbid")) {
        policy.insert(0, draw_.pick({"", "@waivable(\"break-glass\") ", "@obligation(\"mask\") ",
                                     "@obligation(\"log\") "}));
      }
      text += fmt::format("@id(\"{}\") {}\n", i, policy);
    }
    return text;
  }

  boost::json::object draw_case() {
    Arena arena;
    const bool asks_for_principals = draw_.chance(4);
    principal_type_ = "User";
    resource_type_ = asks_for_principals || !mapped_.contains("Folder")
                         ? "Doc"
                         : draw_.pick({"Doc", "Doc", "Folder"});
    const std::string text = draw_policies();
    auto set = cedar::parse_policies(text, {.by_annotation = true});
    if (!set) fail(to_error(set.error(), text, "policies").message);
    const pdp::PartitionResult parts = pdp::partition(*set, pdp::Mode::kStrict, Severity::kError);
    if (parts.has_error()) fail(parts.findings.front().message);

    cedar::PartialRequest request{{principal_type_},
                                  cedar::make_uid(arena, "Action", draw_.pick({"read", "write"})),
                                  {resource_type_},
                                  {}};
    const std::string principal = draw_.pick({"u1", "u1", "u2", "u'3\"%_*\\;--", kGhost});
    if (asks_for_principals && mapped_.contains("User")) {
      request.resource.uid =
          cedar::make_uid(arena, resource_type_, draw_.pick({"d1", "d2", kGhost}));
    } else {
      request.principal.uid = cedar::make_uid(arena, principal_type_, principal);
    }
    const auto context = codec::parse_json(with_ghost(entities_.context()));
    request.context = *cedar::context_from_json(arena, *context, &schema_, request.action);
    std::vector<std::string_view> supported = {"mask", "log"};
    if (draw_.chance(3)) supported.pop_back();

    boost::json::object out{{"policies", text}};
    const auto& unknown = request.principal.uid == nullptr ? request.principal : request.resource;
    const std::vector<std::string_view> open(mapped_.begin(), mapped_.end());
    const cedar::PartialEntities entities{directory_, cedar::PartialEntities::Others::kOfOpenTypes,
                                          open};
    const PlanQuestion question{
        .request = request, .entities = entities, .supported_obligations = supported};
    const auto plan = make_plan(schema_, parts.partition, question, arena);
    if (!plan) fail(plan.error().message);
    for (const auto& [dialect, mapping] : mappings_) {
      out[to_string(dialect)] =
          to_json(to_sql(*plan, schema_, question, {mapping, dialect, directory_}, arena));
    }
    out["expected"] = decide_one_by_one(parts.partition, question, unknown, arena);
    out["kind"] = to_string(plan->kind());
    return out;
  }

  static boost::json::object to_json(const Result<SqlStatement>& statement) {
    if (!statement) return {{"error", statement.error().message}};
    boost::json::array parameters, owes;
    for (const cedar::Value& value : statement->parameters) {
      parameters.push_back(parameter_to_json(value));
    }
    for (const auto& column : statement->obligations) owes.emplace_back(column.obligation);
    return {
        {"sql", statement->text}, {"parameters", std::move(parameters)}, {"owes", std::move(owes)}};
  }

  /// The ids of those allowed, with the obligations of each.
  boost::json::object decide_one_by_one(const pdp::Partition& policies,
                                        const PlanQuestion& question,
                                        const cedar::PartialUid& unknown, Arena& arena) {
    boost::json::object allowed;
    for (const cedar::Entity* entity : world_.entities()) {
      if (entity->uid()->type != unknown.type) continue;
      const cedar::PartialRequest& partial = question.request;
      const auto or_this = [&](const EntityUid* uid) {
        return uid == nullptr ? entity->uid() : uid;
      };
      const cedar::Request request{or_this(partial.principal.uid), partial.action,
                                   or_this(partial.resource.uid), *partial.context};
      const cedar::EntityView view(world_);
      const pdp::Verdict verdict =
          pdp::decide(policies,
                      {.request = request,
                       .entities = view,
                       .supported_obligations = question.supported_obligations},
                      arena);
      if (!verdict.is_allowed) continue;
      boost::json::array owed;
      for (const std::string_view each : verdict.obligations) owed.emplace_back(each);
      allowed.emplace(entity->uid()->id, std::move(owed));
    }
    return allowed;
  }

  [[noreturn]] static void fail(std::string_view why) {
    std::cerr << why << "\n";
    std::exit(1);
  }

  RandomPolicies draw_;
  RandomEntities entities_;
  cedar::Schema schema_;
  std::set<std::string> mapped_;
  cedar::EntityStore world_, directory_;
  std::map<SqlDialect, Mapping> mappings_;
  std::string principal_type_, resource_type_;
};

}  // namespace
}  // namespace wardlock::plan

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: wardlock_plan_cases SEED WORLDS\n";
    return 1;
  }
  wardlock::plan::Cases cases(static_cast<unsigned>(std::strtoul(argv[1], nullptr, 10)));
  for (unsigned long i = std::strtoul(argv[2], nullptr, 10); i > 0; --i) {
    std::cout << wardlock::codec::to_json_text(cases.draw_world()) << "\n";
  }
}
