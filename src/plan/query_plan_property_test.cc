// A plan says of each one what the decision rule says of it, obligations included.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"
#include "plan/plan_json.h"
#include "plan/plan_text.h"
#include "plan/query_plan.h"

namespace wardlock::plan {
namespace {

using cedar::EntityUid;
using cedar::Value;

constexpr std::int64_t kNow = 1'000'000;
constexpr int kRuns = 8000;

constexpr std::string_view kSchema = R"(
  entity Ward;
  entity User in [Ward] = { level: Long, ward?: Ward };
  entity Chart in [Ward] = { owner: User, note?: String, open: Bool, labels: Set<String> };
  type Override = { id: String, reason: String, expiresAt: datetime };
  action view, edit in [all] appliesTo { principal: User, resource: Chart, context: {
    ok: Bool, why?: String, none: Set<String>, override?: Override } };
  action all;
)";

/// Some hold for some, some err for some, with and without an override.
constexpr std::array<std::string_view, 21> kConditions = {
    "true",
    "false",
    "context.ok",
    "context.why == \"x\"",
    "context has override",
    "context.override.reason == \"r\"",
    "resource.open",
    "resource.note == \"x\"",
    "resource has note && resource.note == \"x\"",
    "resource.owner == principal",
    "resource.owner.level > 2",
    "resource in Ward::\"w1\"",
    "principal.level > 2",
    "principal has ward && resource in principal.ward",
    "principal.ward == Ward::\"w1\"",
    "resource.open && context.ok",
    "resource.labels == []",
    "resource.labels == context.none || context.none.contains(resource.owner)",
    "(if resource.labels.isEmpty() then [] else resource.labels) == context.none",
    "resource.labels.containsAll([]) && [{a: 1}, {a: 1, b: 2}].contains(resource.owner)",
    "resource.note == \"x\" || [1, \"x\"].containsAny(resource.labels)",
};

class PlanProperties : public testing::Test {
 protected:
  PlanProperties() : schema_(std::move(*cedar::parse_schema(kSchema))) {}

  std::size_t below(std::size_t count) { return random_() % count; }
  std::string pick(std::initializer_list<std::string_view> choices) {
    return std::string(choices.begin()[below(choices.size())]);
  }
  const EntityUid* uid(std::string_view type, std::string_view id) {
    return cedar::make_uid(arena_, type, id);
  }

  std::string policies(pdp::Mode mode) {
    std::string text;
    for (const char* part : {"P", "O", "F", "W", "B"}) {
      const std::size_t count = below(3) + (*part == 'P' ? 1 : 0);
      for (std::size_t i = 0; i < count; ++i) {
        std::string annotation;
        if (mode == pdp::Mode::kStrict) {
          if (*part == 'O') annotation = "@override(\"break-glass\")";
          if (*part == 'W') annotation = "@waivable(\"break-glass\")";
          if (*part == 'B') annotation = fmt::format("@obligation(\"{}\")", pick({"mask", "log"}));
        }
        const bool is_permit = *part == 'P' || *part == 'O';
        text += fmt::format(
            "@id(\"{}{}\") {} {} (principal, {}, resource) when {{ {}{} }}{};\n", part, i,
            annotation, is_permit ? "permit" : "forbid",
            pick({"action", "action in Action::\"all\"", "action == Action::\"view\""}),
            annotation.starts_with("@over") ? "context has override && " : "", condition(),
            // Forbids mostly do not apply, or nothing would ever be allowed.
            is_permit ? "" : fmt::format(" when {{ {} }}", condition()));
      }
    }
    return text;
  }
  std::string_view condition() { return kConditions[below(kConditions.size())]; }

  cedar::EntityStore draw_world(bool has_charts) {
    std::string json = R"([{"uid": {"type": "Ward", "id": "w1"}, "attrs": {}, "parents": []})";
    const auto parents = [&] {
      return pick(
          {R"([])", R"([{"type": "Ward", "id": "w1"}])", R"([{"type": "Ward", "id": "w2"}])"});
    };
    for (const char* id : {"u1", "u2"}) {
      json += fmt::format(
          R"(, {{"uid": {{"type": "User", "id": "{}"}}, "attrs": {{"level": {} {}}}, "parents": {}}})",
          id, below(5), pick({"", R"(, "ward": {"type": "Ward", "id": "w1"})"}), parents());
    }
    for (const char* id : {"c1", "c2"}) {
      if (!has_charts) break;
      json += fmt::format(
          R"(, {{"uid": {{"type": "Chart", "id": "{}"}}, "attrs": {{"open": {},
             "labels": {}, "owner": {{"type": "User", "id": "{}"}} {}}}, "parents": {}}})",
          id, pick({"true", "false"}), pick({"[]", R"(["x"])"}), pick({"u1", "u2", "ghost"}),
          pick({"", R"(, "note": "x")", R"(, "note": "y")"}), parents());
    }
    return std::move(*cedar::entities_from_json(*codec::parse_json(json + "]"), &schema_));
  }

  Value draw_context() {
    std::vector<cedar::Field> fields = {{"none", cedar::make_set(arena_, {})},
                                        {"ok", Value::boolean(below(2) == 0)}};
    if (below(2) == 0) fields.push_back({"why", Value::string("x")});
    return make_record(arena_, fields);
  }

  std::span<const Value> set_of(std::vector<Value> members) {
    return make_set(arena_, members).as_set();
  }

  void draw_grant() {
    grant_ = {.id = "g",
              .principal = uid("User", pick({"u1", "u1", "u2"})),
              .target = pick({"w", "c"}) == "w" ? uid("Ward", "w1") : uid("Chart", "c1"),
              .actions = set_of({Value::entity(uid("Action", pick({"all", "view", "edit"})))}),
              .opens_at = 0,
              .expires_at = below(8) == 0 ? kNow : kNow + 1,
              .reason = arena_.copy(std::string_view(pick({"r", "s"}))),
              .waives = {}};
    std::vector<Value> waives;
    for (const char* id : {"W0", "W1"}) {
      if (below(3) != 0) waives.push_back(Value::string(id));
    }
    grant_.waives = set_of(waives);
  }

  /// Whether a condition holds, by trying each of its expressions.
  bool holds(const Condition& condition, cedar::Evaluator& evaluator) {
    const auto part = [&](const Condition& c) { return holds(c, evaluator); };
    switch (condition.kind) {
      case Condition::Kind::kNever: return false;
      case Condition::Kind::kAlways: return true;
      case Condition::Kind::kAll: return std::ranges::all_of(condition.parts, part);
      case Condition::Kind::kAny: return std::ranges::any_of(condition.parts, part);
      case Condition::Kind::kTest: break;
    }
    const auto value = evaluator.evaluate(*condition.expression);
    EXPECT_TRUE(value || condition.can_err);
    if (!value) return condition.is.has(Outcome::kError);
    return condition.is.has(value->as_bool() ? Outcome::kTrue : Outcome::kFalse);
  }

  struct Answer {
    bool is_allowed = false;
    std::set<std::string_view> obligations;
    bool operator==(const Answer&) const = default;
  };

  Answer planned(const QueryPlan& plan, const cedar::Request& request,
                 const cedar::EntityStore& world) {
    cedar::Evaluator evaluator(request, world, arena_);
    for (const Path* path : {&plan.strict, &plan.under_override}) {
      if (!holds(path->condition, evaluator)) continue;
      Answer answer{true, {}};
      for (const Owed& owed : path->obligations) {
        if (holds(owed.condition, evaluator)) answer.obligations.insert(owed.obligation);
      }
      return answer;
    }
    return {};
  }

  std::mt19937 random_{4};
  Arena arena_;
  cedar::Schema schema_;
  pdp::Grant grant_;
};

TEST_F(PlanProperties, APlanDecidesAsTheRuleDoes) {
  std::map<std::string, int> kinds;
  int allowed = 0, overridden = 0, owed = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto mode = below(6) == 0 ? pdp::Mode::kCedar : pdp::Mode::kStrict;
    const std::string text = policies(mode);
    auto set = cedar::parse_policies(text, {.by_annotation = true});
    ASSERT_TRUE(set) << text;
    const pdp::PartitionResult parts = pdp::partition(*set, mode, Severity::kError);
    ASSERT_FALSE(parts.has_error()) << text;

    // The directory knows the users; charts are elsewhere.
    const bool knows_charts = below(3) == 0;
    const cedar::EntityStore world = draw_world(true);
    cedar::EntityStore::Builder builder;
    for (const cedar::Entity* entity : world.entities()) {
      if (knows_charts || entity->uid()->type != "Chart") {
        ASSERT_TRUE(builder.add(draft_of(*entity, builder.arena())));
      }
    }
    const auto known = std::move(builder).build();
    ASSERT_TRUE(known);
    const std::array<std::string_view, 1> open_types = {"Chart"};
    const cedar::PartialEntities entities{*known,
                                          knows_charts
                                              ? cedar::PartialEntities::Others::kExistNot
                                              : cedar::PartialEntities::Others::kOfOpenTypes,
                                          open_types};
    cedar::PartialRequest partial{{"User"}, uid("Action", pick({"view", "edit"})), {"Chart"}, {}};
    const bool has_grant = below(2) == 0;
    if (below(3) != 0) partial.principal.uid = uid("User", pick({"u1", "u2"}));
    if (below(4) == 0) partial.resource.uid = uid("Chart", pick({"c1", "ghost"}));
    const Value context = draw_context();
    if (has_grant || below(3) != 0) partial.context = context;
    const std::vector<std::string_view> supported =
        std::array<std::vector<std::string_view>, 3>{{{}, {"mask"}, {"mask", "log"}}}[below(3)];
    if (has_grant) draw_grant();
    const PlanQuestion question{.request = partial,
                                .entities = entities,
                                .now = kNow,
                                .supported_obligations = supported,
                                .grant = has_grant ? &grant_ : nullptr,
                                .is_override_declared = below(8) != 0};
    const auto plan = make_plan(schema_, parts.partition, question, arena_);
    ASSERT_TRUE(plan) << plan.error().message;
    ++kinds[std::string(to_string(plan->kind()))];
    cedar::PartialEvaluator evaluator(schema_, partial, entities, arena_);
    ASSERT_TRUE(to_text(*plan, arena_));
    ASSERT_TRUE(to_json(*plan, evaluator, arena_)) << text;

    for (const char* principal : {"u1", "u2", "ghost"}) {
      for (const char* resource : {"c1", "c2", "ghost"}) {
        const cedar::Request request{uid("User", principal), partial.action, uid("Chart", resource),
                                     context};
        if (partial.principal.uid != nullptr && !(*partial.principal.uid == *request.principal))
          continue;
        if (partial.resource.uid != nullptr && !(*partial.resource.uid == *request.resource))
          continue;
        const cedar::EntityView view(world);
        const pdp::Verdict verdict =
            pdp::decide(parts.partition,
                        {.request = request,
                         .entities = view,
                         .now = kNow,
                         .supported_obligations = supported,
                         .grant = question.grant,
                         .is_override_declared = question.is_override_declared},
                        arena_);
        const Answer expected{verdict.is_allowed,
                              {verdict.obligations.begin(), verdict.obligations.end()}};
        ASSERT_EQ(planned(*plan, request, world), expected)
            << text << principal << " " << resource << (has_grant ? " with a grant" : "");
        using Kind = QueryPlan::Kind;
        ASSERT_FALSE(plan->kind() == Kind::kAlwaysAllowed && !verdict.is_allowed) << text;
        ASSERT_FALSE(plan->kind() == Kind::kAlwaysDenied && verdict.is_allowed) << text;
        allowed += verdict.is_allowed ? 1 : 0;
        overridden += verdict.cause == pdp::Cause::kOverride ? 1 : 0;
        owed += verdict.obligations.empty() ? 0 : 1;
      }
    }
    arena_.reset();
  }
  // The test is only worth what it has seen.
  for (const char* kind : {"always_allowed", "always_denied", "conditional"}) {
    EXPECT_GT(kinds[kind], 100) << kind;
  }
  EXPECT_GT(allowed, 2000);
  EXPECT_GT(overridden, 50);
  EXPECT_GT(owed, 200);
}

}  // namespace
}  // namespace wardlock::plan
