#include "cedar/trace/trace.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "cedar/ast/policy_text.h"
#include "cedar/entities/entities_json.h"
#include "cedar/parser/parser.h"
#include "codec/json.h"

namespace wardlock::cedar {
namespace {

constexpr std::string_view kEntities = R"([
  {"uid": {"type": "User", "id": "ann"}, "parents": [{"type": "Role", "id": "Nurse"}],
   "attrs": {"age": 40, "ward": {"__entity": {"type": "Ward", "id": "w1"}}, "on": true,
             "names": ["a", "b"]}, "tags": {"t": 1}},
  {"uid": {"type": "Ward", "id": "w1"}, "attrs": {"open": false}, "parents": []},
  {"uid": {"type": "Chart", "id": "c"}, "parents": [{"type": "Ward", "id": "w1"}],
   "attrs": {"locked": false}}
])";

class Trace : public testing::Test {
 protected:
  void SetUp() override {
    auto store = entities_from_json(*codec::parse_json(kEntities));
    ASSERT_TRUE(store) << store.error().message;
    store_.emplace(*std::move(store));
    request_ = {make_uid(arena_, "User", "ann"), make_uid(arena_, "Action", "view"),
                make_uid(arena_, "Chart", "c")};
    std::vector<Field> fields = {{"n", Value::integer(3)}, {"yes", Value::boolean(true)}};
    request_.context = make_record(arena_, fields);
  }

  const Policy& parse(std::string text) {
    auto body = parse_policy(text, "p");
    EXPECT_TRUE(body) << text << ": " << (body ? "" : body.error().front().message);
    text_ = std::move(text);
    body_ = *std::move(body);
    policy_ = {"p", body_.get()};
    return policy_;
  }

  PolicyTrace trace_of(std::string text) {
    return trace(parse(std::move(text)), request_, EntityView(*store_), arena_);
  }

  /// The parts' outcomes, a letter each.
  std::string outcomes(std::string text) {
    std::string letters;
    for (const PartTrace& part : trace_of(std::move(text)).parts) {
      letters += "TFE-"[static_cast<std::size_t>(part.outcome)];
    }
    return letters;
  }
  std::string when(std::string_view condition) {
    return outcomes(fmt::format("permit (principal, action, resource) when {{ {} }};", condition));
  }

  std::vector<std::string> part_texts(std::string text) {
    std::vector<std::string> texts;
    parse(std::move(text));
    for (const Part& part : parts_of(*body_)) {
      texts.push_back(part.expr == nullptr
                          ? fmt::format("scope {}", static_cast<int>(part.kind))
                          : text_.substr(part.span.begin, part.span.end - part.span.begin));
    }
    return texts;
  }

  Arena arena_;
  std::optional<EntityStore> store_;
  Request request_{};
  std::string text_;
  std::unique_ptr<Template> body_;
  Policy policy_;
};

using Texts = std::vector<std::string>;

TEST_F(Trace, PartsAreScopeElementsAndLeaves) {
  EXPECT_EQ(part_texts("permit (principal, action, resource);"), Texts{});
  EXPECT_EQ(
      part_texts("permit (principal == User::\"a\", action in [Action::\"b\"], resource is R);"),
      (Texts{"scope 0", "scope 1", "scope 2"}));
  EXPECT_EQ(
      part_texts("permit (principal, action, resource is R) when { context.a && !(context.b "
                 "|| 1 < 2) } unless { if context.c then context.d else true };"),
      (Texts{"scope 2", "context.a", "context.b", "1 < 2", "context.c", "context.d", "true"}));
  EXPECT_EQ(
      part_texts(
          "permit (principal, action, resource) when { context.a == (true && context.b == 2) };"),
      Texts{"context.a == (true && context.b == 2)"});
}

TEST_F(Trace, ScopeStopsAtTheFirstElementThatFails) {
  EXPECT_EQ(
      outcomes("permit (principal in Role::\"Nurse\", action == Action::\"view\", resource is "
               "Chart);"),
      "TTT");
  EXPECT_EQ(
      outcomes("permit (principal in Role::\"Doctor\", action == Action::\"view\", resource is "
               "Chart) when { true };"),
      "F---");
  EXPECT_EQ(outcomes("permit (principal, action, resource is Pump) when { true };"), "F-");
}

TEST_F(Trace, ShortCircuitsAreNotEvaluated) {
  EXPECT_EQ(when("context.yes && context.n == 3"), "TT");
  EXPECT_EQ(when("context.n == 4 && context.nothing"), "F-");
  EXPECT_EQ(when("context.yes || context.nothing"), "T-");
  EXPECT_EQ(when("context.nothing || context.yes"), "E-");
  EXPECT_EQ(when("(context.n == 4 || context.yes) && !(context.yes && context.n == 2)"), "FTTF");
  EXPECT_EQ(when("if context.yes then context.n == 1 else context.nothing"), "TF-");
  EXPECT_EQ(when("if context.n == 1 then context.nothing else true"), "F-T");
  EXPECT_EQ(when("if context.nothing then true else false"), "E--");
  EXPECT_EQ(when("context.n"), "E");
  EXPECT_EQ(when("if context.yes then context.n else true"), "TE-");
}

TEST_F(Trace, ConditionsBehindOneThatFailsAreNotEvaluated) {
  constexpr std::string_view kScope = "permit (principal, action, resource) ";
  EXPECT_EQ(outcomes(fmt::format("{}when {{ false }} when {{ true }};", kScope)), "F-");
  EXPECT_EQ(outcomes(fmt::format("{}unless {{ true }} when {{ true }};", kScope)), "T-");
  EXPECT_EQ(outcomes(fmt::format("{}unless {{ false }} unless {{ true }};", kScope)), "FT");
  EXPECT_EQ(outcomes(fmt::format("{}when {{ 1 }} when {{ true }};", kScope)), "E-");
}

TEST_F(Trace, ErrorsAreTold) {
  const PolicyTrace traced =
      trace_of("permit (principal, action, resource) when { principal.age && true };");
  ASSERT_EQ(traced.outcome, Outcome::kError);
  ASSERT_TRUE(traced.parts[0].error);
  EXPECT_EQ(traced.parts[0].error->message(), "expected bool, found long");
  EXPECT_FALSE(traced.parts[1].error);
}

class Reading : public Trace {
 protected:
  /// The values that the first part has seen: `text=value`.
  Texts seen(std::string_view condition) {
    Texts texts;
    const PolicyTrace traced =
        trace_of(fmt::format("permit (principal, action, resource) when {{ {} }};", condition));
    for (const Seen& each : traced.parts.front().seen) {
      texts.push_back(fmt::format("{}={}", *to_text(*each.expr), to_text(each.value)));
    }
    return texts;
  }
};

TEST_F(Reading, TheOutermostReadsAreSeen) {
  EXPECT_EQ(seen("principal.ward.open"), Texts{"principal.ward.open=false"});
  EXPECT_EQ(seen("principal.age + 1 < context.n * 2"), (Texts{"principal.age=40", "context.n=3"}));
  EXPECT_EQ(seen("principal.getTag(\"t\") == principal.age"),
            (Texts{"principal.getTag(\"t\")=1", "principal.age=40"}));
  EXPECT_EQ(seen("resource in principal.ward"), Texts{"principal.ward=Ward::\"w1\""});
  EXPECT_EQ(seen("principal is User in principal.ward"), Texts{"principal.ward=Ward::\"w1\""});
}

TEST_F(Reading, WhatIsNotReachedIsNotSeen) {
  EXPECT_EQ(seen("(principal.on || principal.age == 1) == true"), Texts{"principal.on=true"});
  EXPECT_EQ(seen("(if principal.on then context.n else principal.age) == 3"),
            (Texts{"principal.on=true", "context.n=3"}));
  EXPECT_EQ(seen("principal.missing == principal.age"), Texts{});
  EXPECT_EQ(seen("principal.age == principal.missing"), Texts{"principal.age=40"});
  EXPECT_EQ(seen("principal has ward"), Texts{});
  EXPECT_EQ(seen("principal is Chart in principal.ward"), Texts{});
  EXPECT_EQ(seen("1 == 2"), Texts{});
}

TEST_F(Reading, NotMoreThanAFew) {
  std::string many = "context.n";
  for (int i = 0; i < 100; ++i) many += " + context.n";
  EXPECT_EQ(seen(many + " == 1").size(), kMaxSeen);
}

// ---- Any policy

/// Draws policies whose conditions are of every form, well typed or not.
class PolicyDraw {
 public:
  explicit PolicyDraw(unsigned seed) : rng_(seed) {}

  std::string policy() {
    std::string text =
        fmt::format("permit ({}, {}, {})",
                    pick({"principal", "principal in Role::\"Nurse\"", "principal is User",
                          "principal == "
                          "User::\"bob\""}),
                    pick({"action", "action == Action::\"view\"", "action in [Action::\"view\"]",
                          "action == Action::\"no\""}),
                    pick({"resource", "resource is Chart in Ward::\"w1\"", "resource is Pump"}));
    const int conditions = number(3);
    for (int i = 0; i < conditions; ++i) {
      text += fmt::format(" {} {{ {} }}", pick({"when", "unless"}), boolean(number(5)));
    }
    return text + ";";
  }

 private:
  int number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(rng_); }
  std::string pick(std::initializer_list<std::string> choices) {
    return choices.begin()[number(static_cast<int>(choices.size()))];
  }

  std::string boolean(int depth) {
    if (depth == 0) return leaf();
    switch (number(6)) {
      case 0: return fmt::format("({} && {})", boolean(depth - 1), boolean(depth - 1));
      case 1:
        return fmt::format("({} || {} || {})", boolean(depth - 1), leaf(), boolean(depth - 1));
      case 2: return fmt::format("!({})", boolean(depth - 1));
      case 3:
        return fmt::format("(if {} then {} else {})", boolean(depth - 1), boolean(depth - 1),
                           boolean(depth - 1));
      case 4: return fmt::format("({}) == ({})", boolean(depth - 1), leaf());
      default: return leaf();
    }
  }

  std::string leaf() {
    return pick({"true", "false", "context.yes", "context.nothing", "principal.on",
                 "principal.ward.open", "principal has ward.open", "principal.age < context.n",
                 "principal.names.contains(\"a\")", "principal in Role::\"Nurse\"",
                 "principal.names", "resource.locked", "principal.getTag(\"u\") == 1",
                 "9223372036854775807 + context.n > 0", "principal is User in Ward::\"w1\"",
                 "User::\"nobody\".x == 1", "ip(\"x\").isIpv4()", "resource in principal.ward"});
  }

  std::mt19937 rng_;
};

TEST_F(Trace, AgreesWithTheEvaluator) {
  PolicyDraw draw(20260101);
  int errors = 0, satisfied = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Policy& policy = parse(draw.policy());
    Arena arena;
    const EntityView entities(*store_);
    const auto expected = Evaluator(request_, entities, arena).is_satisfied(policy);
    const auto detail = i % 2 == 0 ? TraceDetail::kValues : TraceDetail::kOutcomes;
    const PolicyTrace traced = trace(policy, request_, entities, arena, detail);
    const Outcome outcome = !expected   ? Outcome::kError
                            : *expected ? Outcome::kTrue
                                        : Outcome::kFalse;
    ASSERT_EQ(traced.outcome, outcome) << text_;
    ASSERT_EQ(traced.parts.size(), parts_of(*body_).size()) << text_;
    const auto failed = std::ranges::find(traced.parts, Outcome::kError, &PartTrace::outcome);
    ASSERT_EQ(failed != traced.parts.end(), !expected) << text_;
    if (!expected) {
      ASSERT_EQ(failed->error->message(), expected.error().message()) << text_;
    }
    errors += expected ? 0 : 1;
    satisfied += expected && *expected ? 1 : 0;
  }
  EXPECT_GT(errors, 500);
  EXPECT_GT(satisfied, 500);
}

TEST_F(Trace, APartByItselfIsWhatItIsWhereItIsReached) {
  PolicyDraw draw(7);
  for (int i = 0; i < 5'000; ++i) {
    const Policy& policy = parse(draw.policy());
    const EntityView entities(*store_);
    Arena arena;
    Evaluator evaluator(request_, entities, arena);
    const PolicyTrace traced = trace(policy, request_, entities, arena);
    const std::vector<Part> parts = parts_of(*body_);
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const PartTrace alone = trace_part(policy, parts[k], evaluator, entities);
      ASSERT_NE(alone.outcome, Outcome::kNotEvaluated);
      if (traced.parts[k].outcome == Outcome::kNotEvaluated) continue;
      ASSERT_EQ(alone.outcome, traced.parts[k].outcome) << text_;
      ASSERT_EQ(alone.seen.size(), traced.parts[k].seen.size()) << text_;
    }
  }
}

TEST_F(Trace, ALinkIsTracedWithItsSlots) {
  auto body = parse_policy("permit (principal == ?principal, action, resource);", "t");
  ASSERT_TRUE(body);
  for (const char* who : {"ann", "bob"}) {
    const Policy link{"l", body->get(), make_uid(arena_, "User", who), nullptr};
    const PolicyTrace traced = trace(link, request_, EntityView(*store_), arena_);
    EXPECT_EQ(traced.outcome, std::string_view(who) == "ann" ? Outcome::kTrue : Outcome::kFalse);
    EXPECT_EQ(traced.parts[0].outcome, traced.outcome);
  }
}

}  // namespace
}  // namespace wardlock::cedar
