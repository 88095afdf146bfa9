// Nobody finds a question that is against an invariant which holds, however long they look; one
// that fails has a counterexample that the decision rule bears out.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>

#include "prover/invariant/check.h"
#include "prover/invariant/subject_matter.h"

namespace wardlock::prover {
namespace {

constexpr int kRuns = 300;
constexpr int kWorlds = 60;
constexpr std::int64_t kNow = 1'795'428'000'000;

constexpr std::string_view kSchema = R"(
  entity Role in [Role];
  entity Ward;
  entity User in [Role] = { ward?: Ward, boss?: User, level: Long, active: Bool } tags Long;
  entity Chart in [Ward, Chart] = {
    ward: Ward, owner: User, team: Set<User>, limit: Long, sealed: Bool,
    @source("request") status?: String, @source("request") urgent: Bool, name: String, net: ipaddr,
  };
  action data;
  action view, edit in [data] appliesTo { principal: [User], resource: [Chart], context: {
    now: datetime, rate: Long, why?: String, by?: User,
    override?: { id: String, reason: String, expiresAt: datetime },
  }};
  namespace Wardlock {
    entity Grant = { principal: User, target: Chart, actions: Set<Action>, opensAt: datetime,
                     expiresAt: datetime, reason: String, waives?: Set<String> };
  }
)";

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "Role", "id": "a"}, "attrs": {}, "parents": [{"type": "Role", "id": "b"}]},
  {"uid": {"type": "Role", "id": "b"}, "attrs": {}, "parents": []}
])";

/// Some can be true together, some imply one another, some err where something is missing; `c` is
/// a role that the entities do not have.
constexpr std::array<std::string_view, 44> kConditions = {
    "true",
    "principal in Role::\"a\"",
    "principal in Role::\"b\"",
    "principal in [Role::\"a\", Role::\"c\"]",
    "Role::\"c\" in Role::\"b\"",
    "principal.active",
    "principal.level > 2",
    "principal.level > 1 && principal.level < 3",
    "principal.level == 2",
    "principal.level != 2",
    "principal.level < resource.limit",
    "resource.limit <= context.rate",
    "context.rate < principal.level",
    "context.rate * 2 > 3",
    "principal has ward",
    "principal has ward && resource in principal.ward",
    "principal has ward && principal.ward == resource.ward",
    "principal has ward && principal.ward == Ward::\"w1\"",
    "resource.ward == Ward::\"w1\"",
    "resource in Ward::\"w1\"",
    "resource in resource.ward",
    "resource in Chart::\"c2\"",
    "resource == Chart::\"c2\"",
    "Chart::\"c2\" in Ward::\"w1\"",
    "resource.owner == principal",
    "resource.owner.active",
    "resource.owner.level > 2",
    "resource.team.contains(principal)",
    "resource.team.contains(resource.owner)",
    "resource.team.isEmpty()",
    "resource has status && resource.status == \"final\"",
    "resource has status && resource.status like \"f*\"",
    "resource has status",
    "resource.urgent",
    "resource.sealed == principal.active",
    "context has why && context.why != \"\"",
    "context has by && context.by == principal",
    "context has by && context.by.level > 2",
    "principal has boss && principal.boss has boss && principal.boss.boss == principal",
    "principal.hasTag(resource.name) && principal.getTag(resource.name) > 2",
    "principal.hasTag(\"n1\")",
    "context.now > datetime(\"2026-11-01\")",
    "if principal.active then resource.sealed else principal.level > 2",
    "context.now.toTime() < duration(\"12h\") && resource.net.isInRange(ip(\"10.0.0.0/8\"))",
};

class Soundness : public testing::Test {
 protected:
  std::size_t below(std::size_t count) { return random_() % count; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  std::string pick(std::initializer_list<std::string_view> choices) {
    return std::string(choices.begin()[below(choices.size())]);
  }
  std::string condition() {
    std::string text = fmt::format("({})", pool_[below(pool_.size())]);
    if (chance(4)) text = "!" + text;
    if (chance(5)) text = fmt::format("{} || ({})", text, pool_[below(pool_.size())]);
    return text;
  }
  /// Of one round: few, so that policies and the sentence speak of the same.
  void fill_pool() {
    for (std::string_view& each : pool_) each = kConditions[below(kConditions.size())];
  }
  std::string clauses(std::size_t most, std::size_t least = 0) {
    std::string text;
    for (std::size_t i = least + below(most + 1 - least); i > 0; --i) {
      text += fmt::format(" {} {{ {} }}", pick({"when", "unless"}), condition());
    }
    return text;
  }

  std::string policy(std::string_view part, std::size_t number) {
    const std::string scope = fmt::format(
        "({}, {}, {})", pick({"principal", "principal in Role::\"a\"", "principal is User"}),
        pick({"action", "action in Action::\"data\"", "action == Action::\"view\""}),
        pick({"resource", "resource in Ward::\"w1\"", "resource is Chart"}));
    const std::string id = fmt::format("@id(\"{}{}\") ", part, number);
    if (part == "permit") return fmt::format("{}permit {} {};\n", id, scope, clauses(4, 2));
    if (part == "override") {
      return fmt::format(
          "{}@override(\"break-glass\") permit {} when {{ context has override }} {};\n", id, scope,
          clauses(2));
    }
    const std::string annotation = part == "waivable"     ? "@waivable(\"break-glass\")"
                                   : part == "obligation" ? "@obligation(\"mask\")"
                                                          : "";
    return fmt::format("{}{} forbid {} when {{ {} }} {};\n", id, annotation, scope, condition(),
                       clauses(1));
  }
  std::string policies() {
    std::string text;
    for (const std::string_view part : {"permit", "override", "forbid", "waivable", "obligation"}) {
      const std::size_t count = part == "permit" ? 1 + below(2) : below(part == "forbid" ? 3 : 2);
      for (std::size_t i = 0; i < count; ++i) text += policy(part, i);
    }
    return text;
  }
  std::string sentence() {
    const bool is_always = chance(3);
    return fmt::format("invariant i {}: {} may {} {} {} {} {}", is_always ? "always" : "never",
                       pick({"anyone", "Role::b", "Role::a or User::u1", "any User"}),
                       pick({"view", "data", "do anything to"}),
                       pick({"anything", "any Chart in Ward::w1", "Chart::c2"}), clauses(3, 1),
                       chance(4) ? "without obligation mask" : "",
                       !is_always && chance(3) ? "except under break-glass" : "");
  }

  // ---- Worlds

  static codec::Json uid(std::string_view type, std::string_view id) {
    return {{"type", type}, {"id", id}};
  }
  codec::Json some(std::string_view type, std::initializer_list<std::string_view> ids) {
    return uid(type, pick(ids));
  }
  boost::json::array parents(std::initializer_list<codec::Json> possible) {
    boost::json::array out;
    for (const codec::Json& each : possible) {
      if (chance(2)) out.push_back(each);
    }
    return out;
  }
  std::int64_t number() { return static_cast<std::int64_t>(below(5)); }

  codec::Json user(std::string_view id) {
    boost::json::object attributes{{"level", number()}, {"active", chance(2)}};
    if (chance(2)) attributes["ward"] = some("Ward", {"w1", "w2"});
    if (chance(2)) attributes["boss"] = some("User", {"u1", "u2"});
    boost::json::object tags;
    if (chance(2)) tags[pick({"n1", "n2"})] = number();
    return {{"uid", uid("User", id)},
            {"attrs", std::move(attributes)},
            {"parents", parents({uid("Role", "a"), uid("Role", "b"), uid("Role", "c")})},
            {"tags", std::move(tags)}};
  }
  codec::Json chart(std::string_view id) {
    boost::json::object attributes{{"ward", some("Ward", {"w1", "w2"})},
                                   {"owner", some("User", {"u1", "u2"})},
                                   {"limit", number()},
                                   {"sealed", chance(2)},
                                   {"urgent", chance(2)},
                                   {"name", pick({"n1", "n2"})},
                                   {"net", pick({"10.1.0.0", "11.0.0.0"})}};
    boost::json::array team;
    for (const std::string_view member : {"u1", "u2"}) {
      if (chance(2)) team.push_back(uid("User", member));
    }
    attributes["team"] = std::move(team);
    auto groups = parents({uid("Ward", "w1"), uid("Ward", "w2")});
    if (id == "c1" && chance(2)) groups.push_back(uid("Chart", "c2"));
    return {{"uid", uid("Chart", id)},
            {"attrs", std::move(attributes)},
            {"parents", std::move(groups)}};
  }

  /// `are_known`: whatever the question comes to is there.
  World world(bool are_known) {
    World out{.principal = {.type = "User", .id = pick({"u1", "u2"})},
              .action = pick({"Action::\"view\"", "Action::\"edit\""}),
              .resource = {.type = "Chart", .id = pick({"c1", "c2"})},
              .at = kNow + (static_cast<std::int64_t>(below(40)) - 30) * 86'400'000 +
                    static_cast<std::int64_t>(below(86'400'000)),
              .fulfils = {"mask"}};
    out.context["rate"] = number();
    if (chance(2)) out.context["why"] = pick({"", "x"});
    if (chance(2)) out.context["by"] = some("User", {"u1", "u2"});
    if (chance(2)) out.resource.properties["status"] = pick({"final", "f", "x"});
    if (are_known || !chance(3)) out.resource.properties["urgent"] = chance(2);
    const auto add = [&](codec::Json entity) {
      if (are_known || !chance(8)) out.entities.push_back(std::move(entity));
    };
    for (const std::string_view id : {"u1", "u2"}) add(user(id));
    for (const std::string_view id : {"c1", "c2"}) add(chart(id));
    for (const std::string_view id : {"w1", "w2"}) {
      add({{"uid", uid("Ward", id)},
           {"attrs", boost::json::object()},
           {"parents", boost::json::array()}});
    }
    if (chance(2)) {
      add({{"uid", uid("Role", "c")},
           {"attrs", boost::json::object()},
           {"parents", parents({uid("Role", "b")})}});
    }
    if (chance(2)) grant(out);
    return out;
  }
  void grant(World& world) {
    world.grant = "g";
    boost::json::array waives;
    for (const std::string_view id : {"waivable0", "waivable1"}) {
      if (!chance(3)) waives.emplace_back(id);
    }
    const auto time = [&](std::int64_t shift) {
      const cedar::Value at = cedar::Value::datetime(world.at + shift);
      const std::string text = cedar::to_text(at);
      const std::size_t begin = text.find('"') + 1;
      return text.substr(begin, text.rfind('"') - begin);
    };
    world.entities.push_back(
        {{"uid", uid("Wardlock::Grant", "g")},
         {"attrs",
          {{"principal", uid("User", world.principal.id)},
           {"target", uid("Chart", pick({"c1", "c2"}))},
           {"actions", boost::json::array{uid("Action", "view"), uid("Action", "edit")}},
           {"opensAt", time(-1000)},
           {"expiresAt", time(1000)},
           {"reason", "r"},
           {"waives", std::move(waives)}}},
         {"parents", boost::json::array()}});
  }

  /// Whether the answer is against the sentence, as docs/invariants.md tells it.
  static bool is_against(const Sentence& sentence, const TriedQuestion& tried) {
    const pdp::AccessDecision& found = tried.decision;
    const bool owes = !sentence.without.empty() && !found.obligations.empty();
    if (sentence.mood == Sentence::Mood::kAlways) {
      return found.cause != pdp::Cause::kOverride && (!found.is_allowed || owes);
    }
    const bool is_excepted = sentence.excepts_break_glass && found.cause == pdp::Cause::kOverride;
    return found.is_allowed && !owes && !is_excepted;
  }

  /// One round; what it came to.
  std::optional<Standing> round() {
    fill_pool();
    const std::string text = policies() +
                             "@obligation(\"mask\") forbid (principal, action, "
                             "resource) when { false };";
    const pdp::Sources sources{.policies = {{"p.cedar", text}},
                               .schemas = {{"s.cedarschema", std::string(kSchema)}},
                               .entities = pdp::Source{"entities.json", std::string(kEntities)}};
    const std::string said = sentence();
    auto read = read_sentences(said);
    EXPECT_TRUE(read) << said;
    const auto trial = Trial::create(sources, named_in(*read));
    EXPECT_TRUE(trial) << text << trial.error().message;
    if (!read || !trial) return std::nullopt;
    const CheckResult result = check(read->front(), *trial, {.budget = 20'000});
    if (result.standing != Standing::kHolds) return result.standing;
    const bool are_known = read->front().mood == Sentence::Mood::kAlways;
    for (int i = 0; i < kWorlds; ++i) {
      const World tried_world = world(are_known);
      const auto tried = trial->ask(tried_world);
      EXPECT_TRUE(tried) << tried.error().message;
      if (!tried || !speaks_of(read->front(), *tried)) continue;
      ++asked_;
      EXPECT_FALSE(is_against(read->front(), *tried))
          << text << said << "\n"
          << codec::to_json_text(question_json(tried_world, {"now"})) << "\n"
          << codec::to_json_text(tried_world.entities);
    }
    return result.standing;
  }

  std::mt19937 random_{20261123};
  std::array<std::string_view, 4> pool_;
  int asked_ = 0;
};

TEST_F(Soundness, NobodyFindsWhatHoldsBroken) {
  std::map<Standing, int> counts;
  for (int i = 0; i < kRuns && !HasFailure(); ++i) {
    if (const auto standing = round()) ++counts[*standing];
  }
  RecordProperty("holds", counts[Standing::kHolds]);
  RecordProperty("fails", counts[Standing::kFails]);
  RecordProperty("undecided", counts[Standing::kUndecided]);
  fmt::print("{} hold, {} fail, {} undecided; {} questions asked\n", counts[Standing::kHolds],
             counts[Standing::kFails], counts[Standing::kUndecided], asked_);
  // All three come about, and most is decided.
  EXPECT_GT(counts[Standing::kHolds], kRuns / 10);
  EXPECT_GT(counts[Standing::kFails], kRuns / 4);
  EXPECT_LT(counts[Standing::kUndecided], kRuns / 4);
  EXPECT_GT(asked_, kRuns);
}

}  // namespace
}  // namespace wardlock::prover
