#include "pdp/rule.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cedar/parser/parser.h"

namespace wardlock::pdp {
namespace {

using cedar::Field;
using cedar::Value;

/// What a policy of one part does for a request.
enum class Fate { kAbsent, kMatches, kDoesNot, kErrors };
constexpr std::array kFates = {Fate::kAbsent, Fate::kMatches, Fate::kDoesNot, Fate::kErrors};

bool stands(Fate fate) { return fate == Fate::kMatches || fate == Fate::kErrors; }

enum class GrantState { kNone, kGood, kWaiving, kExpired, kNotYetOpen, kOther, kOtherAction };
constexpr std::array kGrantStates = {
    GrantState::kNone,       GrantState::kGood,  GrantState::kWaiving,    GrantState::kExpired,
    GrantState::kNotYetOpen, GrantState::kOther, GrantState::kOtherAction};

constexpr std::int64_t kNow = 1'000'000;

struct Situation {
  Fate p, o, f, w, b;
  bool supports_obligation;
  GrantState grant;
};

/// One policy a part, each with a condition that the context decides.
std::string policies_text(const Situation& s) {
  std::string text;
  const auto add = [&text](Fate fate, std::string_view head, std::string_view condition) {
    if (fate == Fate::kAbsent) return;
    text += fmt::format("{} (principal, action, resource) when {{ {} }};\n", head, condition);
  };
  add(s.p, "@id(\"p\") permit", "context.p");
  add(s.o, "@id(\"o\") @override(\"break-glass\") permit", "context has override && context.o");
  add(s.f, "@id(\"f\") forbid", "context.f");
  add(s.w, "@id(\"w\") @waivable(\"break-glass\") forbid", "context.w");
  add(s.b, "@id(\"b\") @obligation(\"mask\") forbid", "context.b");
  return text;
}

Value context_for(const Situation& s, Arena& arena) {
  std::vector<Field> fields;
  const auto add = [&fields](std::string_view name, Fate fate) {
    if (fate == Fate::kMatches) fields.push_back({name, Value::boolean(true)});
    if (fate == Fate::kDoesNot) fields.push_back({name, Value::boolean(false)});
  };
  add("p", s.p), add("o", s.o), add("f", s.f), add("w", s.w), add("b", s.b);
  return make_record(arena, fields);
}

class RuleTest : public testing::Test {
 protected:
  const cedar::EntityUid* uid(std::string_view type, std::string_view id) {
    return cedar::make_uid(arena_, type, id);
  }

  std::span<const Value> set_of(Value member) {
    return make_set(arena_, std::span(&member, 1)).as_set();
  }

  std::optional<Grant> grant_for(GrantState state) {
    if (state == GrantState::kNone) return std::nullopt;
    Grant grant;
    grant.id = "g";
    grant.principal = uid("User", state == GrantState::kOther ? "bob" : "alice");
    grant.target = uid("Patient", "p1");
    grant.actions =
        set_of(Value::entity(uid("Action", state == GrantState::kOtherAction ? "edit" : "view")));
    grant.opens_at = state == GrantState::kNotYetOpen ? kNow + 1 : 0;
    grant.expires_at = state == GrantState::kExpired ? kNow : kNow + 10;
    if (state == GrantState::kWaiving) grant.waives = set_of(Value::string("w"));
    return grant;
  }

  /// The verdict's facts, copied out of what it borrows from.
  struct Facts {
    bool is_allowed;
    Cause cause;
    std::vector<std::string> policies, obligations;
    bool has_grant, is_override_possible;
  };

  Facts decide_situation(const Situation& s) {
    auto policies = cedar::parse_policies(policies_text(s), {.by_annotation = true});
    EXPECT_TRUE(policies);
    const PartitionResult result = partition(*policies, Mode::kStrict, Severity::kError);
    EXPECT_FALSE(result.has_error());
    const cedar::EntityStore store;
    const cedar::EntityView entities(store);
    const cedar::Request request{uid("User", "alice"), uid("Action", "view"), uid("Patient", "p1"),
                                 context_for(s, arena_)};
    const std::vector<std::string_view> supported(s.supports_obligation ? 1 : 0, "mask");
    const auto grant = grant_for(s.grant);
    const Question question{.request = request,
                            .entities = entities,
                            .now = kNow,
                            .supported_obligations = supported,
                            .grant = grant ? &*grant : nullptr};
    const Verdict verdict = decide(result.partition, question, arena_);
    Facts facts{verdict.is_allowed,          verdict.cause, {}, {}, verdict.grant != nullptr,
                verdict.is_override_possible};
    for (const auto* policy : verdict.policies) facts.policies.push_back(policy->id);
    facts.obligations.assign(verdict.obligations.begin(), verdict.obligations.end());
    return facts;
  }

  Arena arena_;
};

/// The rule as the design words it, written anew.
struct Expected {
  bool d1, is_override, is_possible;
};
Expected expected(const Situation& s) {
  const bool b_forbids = stands(s.b) && !s.supports_obligation;
  const bool d1 = !stands(s.f) && !stands(s.w) && !b_forbids && s.p == Fate::kMatches;
  const bool o_allows = !stands(s.f) && !b_forbids && s.o == Fate::kMatches;
  const bool covers = s.grant == GrantState::kGood || s.grant == GrantState::kWaiving;
  const bool waives = !stands(s.w) || s.grant == GrantState::kWaiving;
  const bool is_override = !d1 && o_allows && covers && waives;
  return {d1, is_override, !d1 && !is_override && o_allows};
}

std::string describe(const Situation& s) {
  return fmt::format("p{} o{} f{} w{} b{} supports {} grant {}", int(s.p), int(s.o), int(s.f),
                     int(s.w), int(s.b), s.supports_obligation, int(s.grant));
}

template <typename Check>
void for_every_situation(Check check) {
  for (Fate p : kFates)
    for (Fate o : kFates)
      for (Fate f : kFates)
        for (Fate w : kFates)
          for (Fate b : kFates)
            for (bool supports : {false, true})
              for (GrantState grant : kGrantStates) {
                check(Situation{p, o, f, w, b, supports, grant});
              }
}

TEST_F(RuleTest, HoldsInEverySituation) {
  for_every_situation([&](const Situation& s) {
    const Facts facts = decide_situation(s);
    const Expected want = expected(s);
    ASSERT_EQ(facts.is_allowed, want.d1 || want.is_override) << describe(s);
    ASSERT_EQ(facts.has_grant, want.is_override) << describe(s);
    ASSERT_EQ(facts.is_override_possible, want.is_possible) << describe(s);
    if (want.is_override) {
      ASSERT_EQ(facts.cause, Cause::kOverride) << describe(s);
      ASSERT_EQ(facts.policies, std::vector<std::string>{"o"}) << describe(s);
    }
    const bool owes = facts.is_allowed && stands(s.b);
    ASSERT_EQ(facts.obligations,
              owes ? std::vector<std::string>{"mask"} : std::vector<std::string>{})
        << describe(s);
    // The three sentences under the rule.
    ASSERT_TRUE(!stands(s.f) || !facts.is_allowed) << describe(s);
    ASSERT_TRUE(s.grant != GrantState::kNone || facts.is_allowed == want.d1) << describe(s);
    ASSERT_TRUE(!facts.has_grant || s.o == Fate::kMatches) << describe(s);
  });
}

TEST_F(RuleTest, SaysWhyItDenies) {
  const auto cause = [&](Fate p, Fate f, Fate w) {
    return decide_situation({p, Fate::kAbsent, f, w, Fate::kAbsent, false, GrantState::kNone});
  };
  EXPECT_EQ(cause(Fate::kMatches, Fate::kMatches, Fate::kAbsent).cause, Cause::kForbid);
  EXPECT_EQ(cause(Fate::kMatches, Fate::kErrors, Fate::kAbsent).cause, Cause::kForbidError);
  EXPECT_EQ(cause(Fate::kMatches, Fate::kErrors, Fate::kMatches).cause, Cause::kForbid);
  EXPECT_EQ(cause(Fate::kErrors, Fate::kDoesNot, Fate::kAbsent).cause, Cause::kNoPermit);
  EXPECT_EQ(cause(Fate::kMatches, Fate::kErrors, Fate::kAbsent).policies,
            std::vector<std::string>{"f"});
  EXPECT_TRUE(cause(Fate::kDoesNot, Fate::kDoesNot, Fate::kAbsent).policies.empty());
}

TEST_F(RuleTest, CedarModeSkipsAForbidThatErrors) {
  auto policies = cedar::parse_policies(
      "permit (principal, action, resource); forbid (principal, action, resource) when { 1 };");
  ASSERT_TRUE(policies);
  const cedar::EntityStore store;
  const cedar::EntityView entities(store);
  const cedar::Request request{uid("U", "a"), uid("Action", "v"), uid("R", "r")};
  const auto decision = [&](Mode mode) {
    const PartitionResult result = partition(*policies, mode, Severity::kError);
    return decide(result.partition,
                  {.request = request, .entities = entities, .supported_obligations = {}}, arena_);
  };
  EXPECT_TRUE(decision(Mode::kCedar).is_allowed);
  EXPECT_EQ(decision(Mode::kCedar).errors.size(), 1U);
  EXPECT_FALSE(decision(Mode::kStrict).is_allowed);
}

/// The first error's message for a policy text, or "".
std::string finding(std::string_view text, Mode mode = Mode::kStrict) {
  auto policies = cedar::parse_policies(text);
  if (!policies) return "does not parse";
  const PartitionResult result = partition(*policies, mode, Severity::kError);
  return result.has_error() ? result.findings.front().message : "";
}

/// Policies are asked again under an override unless they cannot know of it.
TEST_F(RuleTest, AsksAgainWhatMaySeeTheOverride) {
  const auto cause_with = [&](const char* forbidden_when) {
    const auto policies = cedar::parse_policies(
        fmt::format("@override(\"break-glass\") permit (principal, action, resource) when {{ "
                    "context has override }}; forbid (principal, action, resource) when {{ {} }};",
                    forbidden_when));
    EXPECT_TRUE(policies) << forbidden_when;
    const PartitionResult result = partition(*policies, Mode::kStrict, Severity::kError);
    std::array<Field, 1> fields = {{{"o", Value::boolean(true)}}};
    const cedar::EntityStore store;
    const cedar::EntityView entities(store);
    const cedar::Request request{uid("User", "alice"), uid("Action", "view"), uid("Patient", "p1"),
                                 make_record(arena_, fields)};
    const auto grant = grant_for(GrantState::kGood);
    const Question question{
        .request = request, .entities = entities, .now = kNow, .grant = &*grant};
    return decide(result.partition, question, arena_).cause;
  };
  for (const char* condition :
       {"context has override", "context has o && context has override.id", "context != {o: true}",
        "![{o: true}].contains(context)", "(if context.o then context else {o: true}) has override",
        "{c: context}.c has override"}) {
    EXPECT_EQ(cause_with(condition), Cause::kNoPermit) << condition;
  }
  for (const char* condition : {"!context.o", "context has o && !context.o", "context has overrid",
                                "principal has override", "{override: context.o} == {}"}) {
    EXPECT_EQ(cause_with(condition), Cause::kOverride) << condition;
  }
}

TEST(PartitionTest, KnowsWhatCannotSeeWhatIsTried) {
  const auto is_steady = [](const std::string& condition) {
    const auto policies = cedar::parse_policies(
        fmt::format("permit (principal, action, resource) unless {{ {} }};", condition));
    EXPECT_TRUE(policies) << condition;
    return partition(*policies, Mode::kStrict, Severity::kError).partition.traits.at(0).is_steady;
  };
  for (const char* condition :
       {"true", "context.a", "context has a.authentication", "context.a.override == 1",
        "principal.authentication", "resource has override", "\"authentication\" == context.a"}) {
    EXPECT_TRUE(is_steady(condition)) << condition;
  }
  for (const char* condition :
       {"context.authentication.level > 1", "context[\"authentication\"] == 1",
        "context has authentication", "context has authentication.level", "context has override",
        "context == context", "[context].isEmpty()", "{a: {b: context}} has a",
        "context.getTag(\"a\")", "(if true then context else context).a", "context like \"*\"",
        "1 == 2 && (true || ip(context.override.id).isIpv4())"}) {
    EXPECT_FALSE(is_steady(condition)) << condition;
  }
}

TEST(PartitionTest, RefusesMisplacedAnnotations) {
  const std::string scope = " (principal, action, resource)";
  const std::string when = " when { context has override };";
  for (const std::string& text : {
           "@override(\"break-glass\") forbid" + scope + when,
           "@override(\"break-glass\") permit" + scope + ";",
           "@override(\"break-glass\") permit" + scope + " unless { context has override };",
           "@override(\"break-glass\") permit" + scope + " when { principal has override };",
           "@override permit" + scope + when,
           "@override(\"other\") permit" + scope + when,
           "@override(\"break-glass\") @obligation(\"x\") permit" + scope + when,
           "@waivable(\"break-glass\") permit" + scope + ";",
           "@waivable(\"sometimes\") forbid" + scope + ";",
           "@waivable(\"break-glass\") @obligation(\"x\") forbid" + scope + ";",
           "@obligation(\"x\") permit" + scope + ";",
           "@obligation forbid" + scope + ";",
           "@obligation(\"\") forbid" + scope + ";",
           "@terms(\"within: 5m\") forbid" + scope + ";",
           "@terms(\"within: 5m\") permit" + scope + ";",
           "@obligation(\"x\") @terms(\"within\") forbid" + scope + ";",
           "@obligation(\"x\") @terms(\"within: 5m\") forbid" + scope +
               "; @obligation(\"x\") @terms(\"within: ward\") forbid" + scope + ";",
           "@resaon(\"typo\") permit" + scope + ";",
       }) {
    EXPECT_NE(finding(text), "") << text;
  }
}

TEST(PartitionTest, AcceptsWellPlacedAnnotations) {
  const std::string scope = " (principal, action, resource)";
  for (const std::string& text : {
           "@override(\"break-glass\") permit" + scope + " when { context.override.id != \"\" };",
           "@override(\"break-glass\") permit" + scope +
               " when { true && !(context has override.id) };",
           "@waivable(\"break-glass\") @reason(\"r\") @doc(\"d\") @id(\"i\") forbid" + scope + ";",
           "@obligation(\"mask\") @x_owner(\"me\") forbid" + scope + ";",
       }) {
    EXPECT_EQ(finding(text), "") << text;
  }
}

TEST(PartitionTest, CedarModeRefusesWhatChangesTheRule) {
  const std::string scope = " (principal, action, resource)";
  EXPECT_NE(finding("@waivable(\"break-glass\") forbid" + scope + ";", Mode::kCedar), "");
  EXPECT_NE(finding("@obligation(\"x\") forbid" + scope + ";", Mode::kCedar), "");
  EXPECT_NE(finding("@override(\"break-glass\") permit" + scope + " when { context has override };",
                    Mode::kCedar),
            "");
  EXPECT_EQ(finding("@reason(\"x\") forbid" + scope + ";", Mode::kCedar), "");
}

}  // namespace
}  // namespace wardlock::pdp
