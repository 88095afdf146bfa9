// What holds of every explanation, over random policies, directories, scopes and questions.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "explain/explain_fixture.h"
#include "pdp/request_context.h"

namespace wardlock::explain {
namespace {

constexpr char kSchema[] = R"(
  entity Role, Ward;
  entity User in [Role, Ward] = { on: Bool, level: Long, @sensitive secret: Bool, ward?: Ward };
  entity Patient in [Ward] = {
    team: Set<User>, open: Bool, rank?: Long, @sensitive notes: Bool,
    info: { pub: Long, @sensitive priv: Bool },
  } tags Long;
  action view appliesTo { principal: User, resource: Patient, context: {
    now: datetime, n?: Long, authentication: { level: Long, methods: Set<String> },
    override?: { id: String, reason: String, expiresAt: datetime },
  } };
)";

/// All that a scope can name here.
const std::vector<std::string> kNames = {"User.on",      "User.level",     "User.ward",
                                         "User in Role", "User in Ward",   "Patient.team",
                                         "Patient.open", "Patient.rank",   "Patient.info",
                                         "Patient tags", "Patient in Ward"};

class Draw {
 public:
  explicit Draw(unsigned seed) : rng_(seed) {}

  int number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(rng_); }
  bool coin() { return number(2) == 0; }
  std::string pick(const std::vector<std::string>& choices) {
    return choices[static_cast<std::size_t>(number(static_cast<int>(choices.size())))];
  }

  std::string policies() {
    std::string text;
    const int count = 1 + number(6);
    for (int i = 0; i < count; ++i) text += policy(i);
    return text;
  }

 private:
  std::string policy(int index) {
    const std::string kind =
        pick({"permit", "permit", "permit", "override", "forbid", "waivable", "b"});
    std::string annotation;
    std::string conditions;
    if (kind == "override") {
      annotation = "@override(\"break-glass\")";
      conditions = " when { context has override }";
    }
    if (kind == "waivable") annotation = "@waivable(\"break-glass\")";
    if (kind == "b") annotation = "@obligation(\"mask\")";
    const int count = number(3);
    for (int i = 0; i < count; ++i) {
      conditions += fmt::format(" {} {{ {} }}", pick({"when", "unless"}), condition(number(4)));
    }
    const bool is_permit = kind == "permit" || kind == "override";
    return fmt::format(
        "@id(\"p{}\") {} {} ({}, action == Action::\"view\", {}){};\n", index, annotation,
        is_permit ? "permit" : "forbid",
        pick({"principal", "principal in Role::\"nurse\"", "principal is User in Ward::\"w1\"",
              "principal == User::\"bob\""}),
        pick({"resource", "resource in Ward::\"w1\"", "resource == Patient::\"p1\""}), conditions);
  }

  std::string condition(int depth) {
    if (depth == 0) return leaf();
    switch (number(6)) {
      case 0: return fmt::format("({} && {})", condition(depth - 1), condition(depth - 1));
      case 1: return fmt::format("({} || {})", condition(depth - 1), condition(depth - 1));
      case 2: return fmt::format("!({})", condition(depth - 1));
      case 3: return fmt::format("(if {} then {} else {})", condition(depth - 1), leaf(), leaf());
      case 4: return fmt::format("(({} || {}) == ({}))", leaf(), leaf(), leaf());
      default: return leaf();
    }
  }

  std::string leaf() {
    return pick({"principal.on",
                 "principal.level > 1",
                 "principal.secret",
                 "principal has ward",
                 "resource in principal.ward",
                 "resource.team.contains(principal)",
                 "resource.team.contains(User::\"bob\")",
                 "resource.open",
                 "resource.notes",
                 "resource has rank",
                 "resource.rank + 9223372036854775806 > 0",
                 "resource.info.pub == 1",
                 "resource.info.priv",
                 "resource.info == {pub: 1, priv: true}",
                 "resource.hasTag(\"t\")",
                 "resource.getTag(\"t\") == 1",
                 "context has n",
                 "context.n == 1",
                 "true",
                 "principal in [Role::\"nurse\", Role::\"boss\"]",
                 "resource has info.priv",
                 "resource.info has priv",
                 "principal.ward == Ward::\"w1\"",
                 "(if principal.on then resource.info else resource.info).priv",
                 "context.authentication.level >= 2"});
  }

  std::mt19937 rng_;
};

/// The directory, a text for each thing that a scope can name and for what nobody sees.
class Directory {
 public:
  /// Draws anew what is not among `seen`.
  void draw(Draw& draw, const std::set<std::string>& seen) {
    const auto set = [&](const std::string& name, const std::vector<std::string>& values) {
      const std::string key = name.substr(0, name.find('#'));
      const std::string value = draw.pick(values);
      if (!seen.contains(key) || !facts_.contains(name)) facts_[name] = value;
    };
    for (const char* user : {"ann", "bob"}) {
      const std::string of = fmt::format("#{}", user);
      set("User.on" + of, {"true", "false"});
      set("User.level" + of, {"1", "2"});
      set("User.secret" + of, {"true", "false"});
      set("User.ward" + of, {"", uid("Ward", "w1"), uid("Ward", "w2")});
      set("User in Role" + of, {"", uid("Role", "nurse"), uid("Role", "boss")});
      set("User in Ward" + of, {"", uid("Ward", "w1")});
    }
    set("Patient.team", {"", uid("User", "ann"), uid("User", "bob"),
                         uid("User", "ann") + "," + uid("User", "bob")});
    set("Patient.open", {"true", "false"});
    set("Patient.rank", {"", "1", "2"});
    set("Patient.notes", {"true", "false"});
    set("Patient.info", {"1", "2"});
    set("Patient.info.priv", {"true", "false"});
    set("Patient tags", {"", "\"t\": 1", "\"t\": 2"});
    set("Patient in Ward", {"", uid("Ward", "w1"), uid("Ward", "w2")});
  }

  std::string json() const {
    std::vector<std::string> entities;
    for (const char* user : {"ann", "bob"}) {
      const std::string of = fmt::format("#{}", user);
      const std::string& ward = facts_.at("User.ward" + of);
      entities.push_back(
          entity("User", user, {facts_.at("User in Role" + of), facts_.at("User in Ward" + of)},
                 fmt::format(R"("on": {}, "level": {}, "secret": {}{})", facts_.at("User.on" + of),
                             facts_.at("User.level" + of), facts_.at("User.secret" + of),
                             ward.empty() ? "" : ", \"ward\": " + ward)));
    }
    const std::string& rank = facts_.at("Patient.rank");
    entities.push_back(entity(
        "Patient", "p1", {facts_.at("Patient in Ward")},
        fmt::format(R"("team": [{}], "open": {}, "notes": {}, "info": {{"pub": {}, "priv": {}}}{})",
                    facts_.at("Patient.team"), facts_.at("Patient.open"),
                    facts_.at("Patient.notes"), facts_.at("Patient.info"),
                    facts_.at("Patient.info.priv"), rank.empty() ? "" : ", \"rank\": " + rank),
        facts_.at("Patient tags")));
    return fmt::format("[{}]", fmt::join(entities, ","));
  }

 private:
  static std::string uid(std::string_view type, std::string_view id) {
    return fmt::format(R"({{"type": "{}", "id": "{}"}})", type, id);
  }
  static std::string entity(std::string_view type, std::string_view id,
                            std::vector<std::string> parents, const std::string& attributes,
                            const std::string& tags = "") {
    std::erase(parents, "");
    return fmt::format(R"({{"uid": {}, "parents": [{}], "attrs": {{{}}}, "tags": {{{}}}}})",
                       uid(type, id), fmt::join(parents, ","), attributes, tags);
  }

  std::map<std::string, std::string> facts_;
};

std::string cause_and_all(const pdp::AccessDecision& decision) {
  return fmt::format("{} {} {} {} {} {}", decision.is_allowed, to_string(decision.cause),
                     fmt::join(decision.policies, ","), fmt::join(decision.obligations, ","),
                     decision.is_override_possible,
                     decision.step_up ? decision.step_up->level : -1);
}

Asking draw_asking(Draw& draw) {
  Asking asking;
  asking.context = draw.pick({"{}", R"({"n": 1})", R"({"n": 2})"});
  if (draw.coin()) asking.obligations = {"mask"};
  if (draw.coin()) asking.authentication = {1, {}};
  return asking;
}

TEST(ExplanationProperties, TellNothingThatMayNotBeSeen) {
  Draw draw(20260103);
  int alike = 0, different_to_who_sees_more = 0;
  for (int i = 0; i < 1500; ++i) {
    const std::string policies = draw.policies();
    std::vector<std::string> names = {"context.n"};
    for (const std::string& name : kNames) {
      if (draw.coin()) names.push_back(name);
    }
    const std::set<std::string> seen(names.begin(), names.end());
    const pdp::Caller caller = caller_seeing(names);
    const Asking asking = draw_asking(draw);
    Directory directory;
    directory.draw(draw, seen);
    const auto one = build(policies, kSchema, directory.json());
    directory.draw(draw, seen);
    const auto other = build(policies, kSchema, directory.json());
    ASSERT_TRUE(one && other);
    Arena arena;
    if (cause_and_all(decided(*one, asking, caller, arena)) !=
        cause_and_all(decided(*other, asking, caller, arena))) {
      continue;
    }
    ++alike;
    ASSERT_EQ(json_of(explained(*one, asking, caller)), json_of(explained(*other, asking, caller)))
        << policies << fmt::format("{}", fmt::join(names, ", "));
    different_to_who_sees_more +=
        json_of(explained(*one, asking, kSeesAll)) != json_of(explained(*other, asking, kSeesAll))
            ? 1
            : 0;
  }
  EXPECT_GT(alike, 500);
  EXPECT_GT(different_to_who_sees_more, 150);
}

bool is_permit(const ExplainedPolicy& policy) {
  return policy.role == PolicyRole::kPermit || policy.role == PolicyRole::kOverride;
}

TEST(ExplanationProperties, ExplainTheDecisionThatIsMade) {
  Draw draw(20260104);
  int denied = 0, nearest = 0;
  for (int i = 0; i < 1500; ++i) {
    Directory directory;
    directory.draw(draw, {});
    const auto snapshot = build(draw.policies(), kSchema, directory.json());
    const Asking asking = draw_asking(draw);
    Arena arena;
    const pdp::AccessDecision decision = decided(*snapshot, asking, kSeesAll, arena);
    const Explanation told = explained(*snapshot, asking, kSeesAll);
    ASSERT_EQ(told.is_allowed, decision.is_allowed);
    ASSERT_EQ(told.cause, decision.cause);
    ASSERT_TRUE(told.sentence.starts_with(decision.is_allowed ? "Allowed" : "Denied"));
    std::vector<std::string> determining;
    for (const ExplainedPolicy& policy : told.policies) {
      if (policy.standing == Standing::kDetermining) determining.push_back(policy.id);
      nearest += policy.standing == Standing::kNearest ? 1 : 0;
      if (!is_permit(policy)) continue;
      ASSERT_EQ(policy.missing.empty(), policy.outcome == PolicyOutcome::kSatisfied) << policy.id;
      const bool has_cause = std::ranges::any_of(policy.parts, [](const ExplainedPart& part) {
        return part.is_missing && part.state != PartState::kHolds;
      });
      ASSERT_EQ(has_cause, policy.outcome != PolicyOutcome::kSatisfied) << policy.id;
    }
    std::vector<std::string> expected(decision.policies.begin(), decision.policies.end());
    std::ranges::sort(expected);
    std::ranges::sort(determining);
    ASSERT_EQ(determining, expected);
    denied += decision.is_allowed ? 0 : 1;
  }
  EXPECT_GT(denied, 300);
  EXPECT_GT(nearest, 300);
}

/// What a policy's outcome is said to be is what it is, for who sees everything.
TEST(ExplanationProperties, OutcomesAreTheEvaluators) {
  Draw draw(20260105);
  int errors = 0;
  for (int i = 0; i < 1000; ++i) {
    Directory directory;
    directory.draw(draw, {});
    const auto snapshot = build(draw.policies(), kSchema, directory.json());
    Arena arena;
    const auto filled = pdp::filled_context("test", {}, kNow, arena);
    std::vector<cedar::Field> fields(filled.begin(), filled.end());
    std::erase_if(fields, [](const cedar::Field& field) { return field.name == "pep"; });
    const cedar::Request request{
        cedar::make_uid(arena, "User", "ann"), snapshot->schema()->actions().front().uid,
        cedar::make_uid(arena, "Patient", "p1"), make_record(arena, fields)};
    const cedar::EntityView entities(snapshot->entities);
    const pdp::Question question{
        .request = request, .entities = entities, .now = kNow, .supported_obligations = {}};
    const Viewer viewer = Viewer::of_everything(*snapshot, request);
    const Explanation told = explain(*snapshot, {.question = question}, viewer, arena);
    cedar::Evaluator evaluator(request, entities, arena);
    for (const ExplainedPolicy& policy : told.policies) {
      const auto satisfied = evaluator.is_satisfied(*snapshot->policies().find_policy(policy.id));
      const PolicyOutcome outcome = !satisfied   ? PolicyOutcome::kError
                                    : *satisfied ? PolicyOutcome::kSatisfied
                                                 : PolicyOutcome::kUnsatisfied;
      ASSERT_EQ(to_string(policy.outcome), to_string(outcome)) << policy.id;
      errors += satisfied ? 0 : 1;
    }
  }
  EXPECT_GT(errors, 25);
}

/// Constructively, for attributes of the context: give what is said to be missing, and the permit
/// permits.
TEST(ExplanationProperties, WithWhatIsMissingThePermitPermits) {
  Draw draw(20260106);
  for (int i = 0; i < 500; ++i) {
    std::string condition = "context.a0";
    const int count = 1 + draw.number(6);
    for (int k = 1; k < count; ++k) {
      condition = fmt::format("({}context.a{} {} {})", draw.pick({"", "!"}), k,
                              draw.pick({"&&", "||"}), condition);
    }
    const auto snapshot = build(fmt::format("permit (principal, action, resource) {} {{ {} }};",
                                            draw.pick({"when", "unless"}), condition),
                                "", "");
    std::map<std::string, bool> values;
    for (int k = 0; k < count; ++k) values[fmt::format("a{}", k)] = draw.coin();
    const auto asking = [&] {
      std::string context;
      for (const auto& [name, value] : values) {
        context += fmt::format("{}\"{}\": {}", context.empty() ? "" : ", ", name, value);
      }
      return Asking{.context = "{" + context + "}"};
    };
    const Explanation told = explained(*snapshot, asking(), kSeesAll);
    ASSERT_EQ(told.policies.size(), 1U);
    for (const ExplainedPart& part : told.policies[0].parts) {
      if (!part.is_missing) continue;
      ASSERT_EQ(part.state, PartState::kFails);
      bool& value = values[part.cedar.substr(std::string_view("context.").size())];
      value = !value;
    }
    Arena arena;
    EXPECT_TRUE(decided(*snapshot, asking(), kSeesAll, arena).is_allowed) << condition;
  }
}

}  // namespace
}  // namespace wardlock::explain
