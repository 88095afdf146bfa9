// What validates and what does not. Each case is one policy for the schema below; the verdicts are
// the reference implementation's.
#include "cedar/validator/validator.h"

#include <gtest/gtest.h>

#include "cedar/parser/parser.h"

namespace wardlock::cedar {
namespace {

constexpr std::string_view kSchema = R"(
entity Ward in [Hospital] = { name: String };
entity Hospital;
entity Role enum ["Nurse", "Physician"];
entity User in [Team, Role] = {
  name: String, age: Long, nick?: String, ward: Ward, lead?: User,
  address: { zip: String, city?: String }, shift?: { start: datetime, length: duration },
  phones: Set<String>, home: ipaddr, rate?: decimal,
} tags Set<String>;
entity Team in [Team] = { owner: User };
entity Pump in [Ward] = { model: String, limit: Long, careTeam: Set<User> } tags Long;
entity Bed in [Ward] = { model: Long };
action read in [all];
action all;
action view, tune in [read] appliesTo {
  principal: User, resource: [Pump, Bed], context: { n: Long, note?: String, from: ipaddr } };
action own appliesTo { principal: [User, Team], resource: Team };
namespace Lab { entity Vial; action draw appliesTo { principal: User, resource: Vial }; }
)";

const Schema& schema() {
  static const Schema schema = [] {
    auto parsed = parse_schema(kSchema);
    EXPECT_TRUE(parsed) << to_error(parsed.error(), kSchema, "schema").message;
    return *std::move(parsed);
  }();
  return schema;
}

PolicySet parse(std::string_view text) {
  auto policies = parse_policies(text);
  EXPECT_TRUE(policies) << to_error(policies.error(), text, "policies").message;
  return policies ? *std::move(policies) : PolicySet();
}

std::string on_view(std::string_view condition) {
  return "permit (principal is User, action == Action::\"view\", resource is Pump) when { " +
         std::string(condition) + " };";
}

/// The codes of all findings, in order.
std::string codes(std::string_view policies, const ValidationOptions& options = {}) {
  std::string all;
  for (const PolicyDiagnostic& finding : validate(parse(policies), schema(), options)) {
    all += (all.empty() ? "" : " ") + std::string(to_string(finding.code));
  }
  return all;
}

std::string of(std::string_view condition, const ValidationOptions& options = {}) {
  return codes(on_view(condition), options);
}

constexpr ValidationOptions kPermissive = {.mode = ValidationMode::kPermissive};

std::string text_of(std::string_view policies, const ValidationOptions& options = {}) {
  std::string all;
  for (const PolicyDiagnostic& finding : validate(parse(policies), schema(), options)) {
    all += render(describe(finding), policies, "p.cedar");
  }
  return all;
}

TEST(Types, WhatFitsValidates) {
  for (const char* condition : {
           "principal.age > 3 && context.n + principal.age * 2 <= -resource.limit",
           "principal.name like \"a*\" && principal.phones.contains(\"1\")",
           "principal.phones.containsAny([\"1\", \"2\"]) || principal.phones.isEmpty()",
           "principal.home.isInRange(ip(\"10.0.0.0/8\")) && context.from == principal.home",
           "principal in resource.careTeam || resource.careTeam.contains(principal)",
           "principal.ward.name == \"ICU\" && resource in principal.ward",
           "{a: 1, b: principal.age} == {a: 2, b: 3}",
           "(if principal.age > 1 then principal.ward else Ward::\"w\").name == \"x\"",
           "principal has nick && principal.nick == \"n\"",
           "[1, 2].contains(context.n) && [{a: 1}].contains({a: principal.age})",
           "resource.careTeam.contains(principal) && principal is User in Team::\"t\"",
           "decimal(\"1.0\").lessThan(decimal(\"2.0\")) && principal.age > 0",
           "datetime(\"2024-01-01\").offset(duration(\"1h\")) > datetime(\"2024-01-01\")",
       }) {
    EXPECT_EQ(of(condition), "") << condition;
  }
}

TEST(Types, WhatDoesNotFitIsRefusedInBothModes) {
  for (const char* condition : {
           "principal.name > 3",
           "principal.name + 1 == 2",
           "-principal.name == 1",
           "!principal.age",
           "principal.age && true",
           "principal.age || context.n == 1",
           "if principal.age then true else false",
           "context.n",
           "\"yes\"",
           "principal.age like \"a\"",
           "principal.phones like \"a\"",
           "principal.phones has a",
           "principal.name has a",
           "principal.name is User",
           "principal.name in principal",
           "principal in principal.name",
           "principal in [1, 2]",
           "principal.age.contains(1)",
           "principal.phones.containsAll(1)",
           "principal.name.isEmpty()",
           "principal.hasTag(1)",
           "principal.name.getTag(\"a\").isEmpty()",
           "principal.home.lessThan(decimal(\"1.0\"))",
           "context.n.isIpv4()",

           "1 < datetime(\"2024-01-01\")",
           "principal.phones.contains(if 1 then \"a\" else \"b\")",
           "{a: 1 + \"\"} == {a: 1}",
       }) {
    EXPECT_EQ(of(condition), "type_mismatch") << condition;
    EXPECT_EQ(of(condition, kPermissive), "type_mismatch") << condition;
  }
}

TEST(Types, OfBothSidesAreTheSameInStrictMode) {
  for (const char* condition : {
           "principal.name == 3 && true",
           "principal.age != principal",
           "[1] == [\"a\"]",
           "{a: 1} == {a: 1, b: 2}",
           "{a: 1} == {a: \"\"}",
           "principal.phones.contains(1)",
           "principal.phones.containsAll([1])",
           "principal.phones.containsAny([principal])",
           "(if context.n > 1 then principal else resource) == principal",
           "[principal, resource].contains(principal)",
           "principal.home == \"1.1.1.1\"",
       }) {
    EXPECT_EQ(of(condition), "incompatible_types") << condition;
    EXPECT_EQ(of(condition, kPermissive), "") << condition;
  }
}

TEST(Types, ThatHaveNothingInCommonAreRefusedInPermissiveModeToo) {
  for (const char* condition :
       {"[1, \"a\"].contains(1)", "(if context.n > 1 then 1 else \"a\") == 1",
        "(if context.n > 1 then principal else {a: 1}) has a", "[principal, 1].isEmpty()"}) {
    EXPECT_EQ(of(condition, kPermissive), "incompatible_types") << condition;
  }
}

TEST(Types, OfLiteralsAndOfEntitiesTellWhetherTheyAreEqual) {
  EXPECT_EQ(of("1 == \"a\""), "impossible_policy");
  EXPECT_EQ(of("principal == resource"), "impossible_policy");
  EXPECT_EQ(of("1 == 1 && (true && true) == true"), "redundant_condition");
  EXPECT_EQ(of("User::\"a\" == User::\"b\""), "impossible_policy");
  EXPECT_EQ(of("principal == User::\"a\" && principal != resource"), "");
}

TEST(Guards, LetOptionalAttributesBeRead) {
  for (const char* condition : {
           "principal has nick && principal.nick == \"a\"",
           "principal.age > 1 && principal has nick && (context.n > 1 || principal.nick == \"a\")",
           "if principal has nick then principal.nick == \"a\" else false",
           "(principal has nick && principal.age > 1) && principal.nick == \"a\"",
           "(principal has nick || principal has nick) && principal.nick == \"a\"",
           "(if context.n > 1 then principal has nick else principal has nick) && "
           "principal.nick == \"\"",
           "principal has shift.start && principal.shift.start < datetime(\"2024-01-01\")",
           "principal has lead.nick && principal.lead.nick == \"a\"",
           "principal.address has city && principal.address.city == \"a\"",
           "principal has \"nick\" && principal[\"nick\"] == \"a\"",
           "context has note && context.note == \"a\"",
           "principal.hasTag(\"t\") && principal.getTag(\"t\").contains(\"a\")",
           "principal.hasTag(principal.name) && principal.getTag(principal.name).isEmpty()",
           "(principal has nick && true) && principal.nick == \"a\"",
       }) {
    EXPECT_EQ(of(condition), "") << condition;
  }
  EXPECT_EQ(codes("permit (principal is User, action == Action::\"view\", resource) "
                  "when { principal has nick } when { principal.nick == \"a\" };"),
            "");
}

TEST(Guards, ThatDoNotHoldDoNotCount) {
  for (const char* condition : {
           "principal.nick == \"a\"",
           "principal.nick == \"a\" && principal has nick",
           "principal has nick || principal.nick == \"a\"",
           "(principal has nick || context.n > 1) && principal.nick == \"a\"",
           "!(principal has nick) && principal.nick == \"a\"",
           "if principal has nick then true else principal.nick == \"a\"",
           "(if context.n > 1 then principal has nick else true) && principal.nick == \"a\"",
           "principal has lead && principal.lead.nick == \"a\"",
           "principal.lead has nick && true",
           "context has note && principal.nick == \"a\"",
           "(principal has nick) == true && principal.nick == \"a\"",
       }) {
    EXPECT_EQ(of(condition), "unguarded_attribute") << condition;
    EXPECT_EQ(of(condition, kPermissive), "unguarded_attribute") << condition;
  }
  EXPECT_EQ(codes("permit (principal is User, action == Action::\"view\", resource) "
                  "unless { principal has nick } when { principal.nick == \"a\" };"),
            "unguarded_attribute");
}

TEST(Guards, OfTagsAreAboutTheSameTagOfTheSameEntity) {
  EXPECT_EQ(of("principal.getTag(\"t\").isEmpty()"), "unguarded_tag");
  EXPECT_EQ(of("principal.hasTag(\"u\") && principal.getTag(\"t\").isEmpty()"), "unguarded_tag");
  EXPECT_EQ(of("principal has nick && principal.getTag(\"nick\").isEmpty()"), "unguarded_tag");
  EXPECT_EQ(of("principal.hasTag(principal.name) && principal.getTag(\"t\").isEmpty()"),
            "unguarded_tag");
  EXPECT_EQ(of("principal.ward.hasTag(\"a\") && principal.ward.getTag(\"a\") == 1"),
            "impossible_policy");
  EXPECT_EQ(of("principal.ward.getTag(\"a\") == 1"), "no_tags");
}

TEST(ShortCircuits, WhatIsNeverEvaluatedIsNotLookedAt) {
  for (const char* condition :
       {"false && principal.missing", "principal is Team && principal.missing",
        "if false then 1 + \"a\" else false", "context has nothing && context.nothing > 1",
        "action == Action::\"tune\" && principal.missing", "action in Action::\"own\" && 1"}) {
    EXPECT_EQ(of(condition), "impossible_policy") << condition;
  }
  for (const char* condition :
       {"true || principal.missing", "principal is User || 1", "if true then true else 1",
        "action in [Action::\"all\"] || principal.missing", "context has n || context.m > 1"}) {
    EXPECT_EQ(of(condition), "redundant_condition") << condition;
  }
}

TEST(Attributes, ThatAreNotDeclaredComeWithASuggestion) {
  EXPECT_EQ(of("principal.salary > 3"), "unknown_attribute");
  const std::string text = text_of(on_view("resource.careteam.contains(principal)"));
  EXPECT_TRUE(text.contains("there is no attribute `careteam` in the entity of type `Pump`"))
      << text;
  EXPECT_TRUE(text.contains("did you mean `careTeam`?")) << text;
  EXPECT_TRUE(text.contains("p.cedar:1:79: error: policy `policy0`")) << text;
  EXPECT_EQ(of("action.name == \"a\""), "unknown_attribute");
  EXPECT_EQ(of("principal.address.street == \"a\""), "unknown_attribute");
}

TEST(Attributes, OfSeveralEntityTypesAreWhatTheyHaveInCommon) {
  const std::string either = "(if context.n > 1 then resource else principal)";
  EXPECT_EQ(of(either + " has model && true", kPermissive), "");
  EXPECT_EQ(of(either + ".model == \"a\"", kPermissive), "unknown_attribute");
  EXPECT_EQ(of("(if context.n > 1 then {a: 1, b: 2} else {a: 2}).a == 1", kPermissive), "");
  EXPECT_EQ(of("(if context.n > 1 then {a: 1, b: 2} else {a: 2}).b == 1", kPermissive),
            "unknown_attribute");
  EXPECT_EQ(of("(if context.n > 1 then {a: 1, b: 2} else {a: 2}) has b", kPermissive), "");
  EXPECT_EQ(of("(if context.n > 1 then resource else principal) == principal"),
            "incompatible_types");
}

TEST(Names, ThatAreNotDeclaredComeWithASuggestion) {
  const std::string text =
      text_of("permit (principal in Teem::\"t\", action == Action::\"viev\", resource is Vial);");
  EXPECT_TRUE(text.contains("no entity type `Teem`")) << text;
  EXPECT_TRUE(text.contains("did you mean `Team`?")) << text;
  EXPECT_TRUE(text.contains("no action `Action::\"viev\"`")) << text;
  EXPECT_TRUE(text.contains("did you mean `Action::\"view\"`?")) << text;
  EXPECT_TRUE(text.contains("did you mean `Lab::Vial`?")) << text;
  EXPECT_TRUE(text.contains("p.cedar:1:9: ")) << text;
  EXPECT_TRUE(text_of("permit (principal, action == Action::\"draw\", resource);")
                  .contains("did you mean `Lab::Action::\"draw\"`?"));
  EXPECT_EQ(of("principal in Role::\"Nurse\""), "");
  EXPECT_EQ(of("principal in Role::\"nurse\""), "undeclared_id");
  EXPECT_EQ(of("principal is Nobody"), "unknown_entity_type");
  EXPECT_EQ(of("false && principal == Nobody::\"x\""), "unknown_entity_type");
}

TEST(Scopes, ThatAdmitNothingAreRefused) {
  for (const char* policy : {
           "permit (principal is Pump, action, resource);",
           "permit (principal, action == Action::\"all\", resource);",
           "permit (principal in Pump::\"p\", action, resource);",
           "permit (principal is Team, action == Action::\"view\", resource);",
           "permit (principal is User in Ward::\"w\", action, resource);",
           "permit (principal, action in [Action::\"view\", Action::\"tune\"], resource is Team);",
       }) {
    EXPECT_EQ(codes(policy), "no_environment") << policy;
  }
  EXPECT_TRUE(
      text_of("permit (principal == Role::\"Nurse\", action == Action::\"view\", resource);")
          .contains("did you mean `principal in Role::\"Nurse\"`?"));
  EXPECT_TRUE(text_of("permit (principal, action == Action::\"view\", resource == Ward::\"w\");")
                  .contains("did you mean `resource in Ward::\"w\"`?"));
  EXPECT_EQ(codes("permit (principal, action in Action::\"all\", resource in Hospital::\"h\");"),
            "");
}

TEST(Scopes, ListActionsOfOneType) {
  const std::string_view mixed =
      "permit (principal, action in [Action::\"view\", Lab::Action::\"draw\"], resource);";
  EXPECT_EQ(codes(mixed), "incompatible_types");
  EXPECT_EQ(codes(mixed, kPermissive), "");
  EXPECT_EQ(codes("permit (principal, action in [], resource);"), "empty_set");
}

TEST(Links, AreCheckedWithTheirSlotsFilled) {
  PolicySet policies =
      parse("permit (principal in ?principal, action == Action::\"view\", resource == ?resource);");
  Arena arena;
  const auto link = [&](const char* id, const char* principal, const char* resource) {
    ASSERT_TRUE(policies.link("policy0", id,
                              {make_uid(arena, principal, "x"), make_uid(arena, resource, "x")}));
  };
  link("good", "Team", "Pump");
  link("unknown", "Teem", "Pump");
  link("unfit", "Team", "Ward");
  std::string found;
  for (const PolicyDiagnostic& finding : validate(policies, schema())) {
    found += finding.policy + " " + std::string(to_string(finding.code)) + "; ";
  }
  EXPECT_EQ(found, "unknown unknown_entity_type; unfit no_environment; ");
}

TEST(Literals, OfExtensionTypesAreReadNow) {
  for (const char* condition :
       {"context.from == ip(\"300.1.1.1\")", "decimal(\"1\").lessThan(decimal(\"1.0\"))",
        "datetime(\"2024-13-01\") == datetime(\"2024-12-01\")",
        "duration(\"1x\") == duration(\"1h\")"}) {
    EXPECT_EQ(of(condition), "bad_argument") << condition;
    EXPECT_EQ(of(condition, kPermissive), "bad_argument") << condition;
  }
  EXPECT_EQ(of("context.from == ip(principal.name)"), "not_literal");
  EXPECT_EQ(of("context.from == ip(principal.name)", kPermissive), "");
  EXPECT_EQ(of("context.from == ip(1)"), "type_mismatch");
  EXPECT_EQ(of("context.from == ip(\"1.1.1.1\", \"2\")"), "argument_count");
  EXPECT_EQ(of("context.from.isIpv4(1)"), "argument_count");
}

TEST(EmptySets, HaveNoTypeInStrictMode) {
  EXPECT_EQ(of("[].contains(1)"), "empty_set");
  EXPECT_EQ(of("principal in []"), "empty_set");
  EXPECT_EQ(of("[].contains(1)", kPermissive), "");
  EXPECT_EQ(of("principal in []", kPermissive), "");
  EXPECT_EQ(of("[[], [1]].contains([2]) && [] == [1]", kPermissive), "");
  EXPECT_EQ(of("[[], [1], [\"a\"]].isEmpty()", kPermissive), "incompatible_types");
}

TEST(Environments, AreNamedWhereNotAllShowAFinding) {
  const auto findings = validate(parse("permit (principal, action == Action::\"view\", resource) "
                                       "when { resource.model == \"a\" };"),
                                 schema());
  ASSERT_EQ(findings.size(), 1);
  EXPECT_EQ(findings[0].environment_count, 1);
  ASSERT_EQ(findings[0].environments.size(), 1);
  EXPECT_EQ(to_string(findings[0].environments[0]), "User, Action::\"view\", Bed");
  EXPECT_TRUE(describe(findings[0]).help.contains("`User, Action::\"view\", Bed`"));
}

TEST(Environments, ShowOneFindingTogether) {
  const auto findings =
      validate(parse("permit (principal, action, resource) when { context.n > 1 };"), schema());
  ASSERT_EQ(findings.size(), 1);  // what the contexts of `own` and `draw` look like is the same
  EXPECT_EQ(findings[0].code, ValidationCode::kUnknownAttribute);
  EXPECT_EQ(findings[0].environment_count, 3);
}

TEST(Environments, OfAScope) {
  const auto count = [](std::string_view policy) {
    const PolicySet policies = parse(policy);
    return environments_of(*policies.policies().front().body, schema()).size();
  };
  EXPECT_EQ(environments_of(schema()).size(), 7);
  EXPECT_EQ(count("permit (principal, action, resource);"), 7);
  EXPECT_EQ(count("permit (principal, action in Action::\"all\", resource);"), 4);
  EXPECT_EQ(count("permit (principal is User, action, resource in Ward::\"w\");"), 4);
  EXPECT_EQ(count("permit (principal == Team::\"t\", action, resource);"), 1);
}

TEST(Warnings, NeverMakeAPolicyInvalid) {
  for (const char* condition :
       {"false", "true", "principal.name == \"раypal\"", "principal.name == \"a\u202Eb\""}) {
    const auto findings = validate(parse(on_view(condition)), schema());
    EXPECT_EQ(findings.size(), 1) << condition;
    EXPECT_FALSE(has_errors(findings)) << condition;
  }
}

TEST(Warnings, OfWhatRestrictsNothing) {
  EXPECT_EQ(codes("permit (principal, action == Action::\"own\", resource) unless { false };"),
            "redundant_condition");
  EXPECT_EQ(codes("permit (principal, action == Action::\"own\", resource) unless { true };"),
            "impossible_policy");
  EXPECT_EQ(codes("permit (principal, action == Action::\"own\", resource) "
                  "when { resource is Team } when { principal is User };"),
            "redundant_condition");
}

TEST(Text, ThatMayDeceiveIsWarnedOf) {
  EXPECT_EQ(of("principal.name == \"раypal\""), "mixed_scripts");
  EXPECT_EQ(of("principal.name == \"pay\u2066pal\""), "bidirectional_text");
  EXPECT_EQ(of("principal.name like \"*ра*y\""), "mixed_scripts");
  EXPECT_EQ(of("principal == User::\"a\u200Bb\""), "confusable_identifier");
  EXPECT_EQ(of("{\"new\\nline\": 1} == {\"new\\nline\": 2}"),
            "confusable_identifier confusable_identifier");
  EXPECT_EQ(of("principal == User::\"🍌\""), "confusable_identifier");
  for (const char* fine :
       {"Müller", "日本語テキスト", "Ελλάδα 12", "a+b@c.example", "🍌", "Кремль"}) {
    EXPECT_EQ(of(std::string("principal.name == \"") + fine + "\""), "") << fine;
  }
  EXPECT_EQ(of("principal == User::\"Müller\" || principal == User::\"Ελλάδα\""), "");
}

TEST(Levels, CountTheEntitiesOnTheWay) {
  const auto at = [](std::uint32_t level, std::string_view condition) {
    return of(condition, {.level = level});
  };
  EXPECT_EQ(at(0, "context.n > 1"), "");
  EXPECT_EQ(at(0, "principal.age > 1"), "level_exceeded");
  EXPECT_EQ(at(1, "principal.age > 1 && resource.limit > 1"), "");
  EXPECT_EQ(at(1, "principal.ward.name == \"a\""), "level_exceeded");
  EXPECT_EQ(at(2, "principal.ward.name == \"a\""), "");
  EXPECT_EQ(at(0, "principal in Team::\"t\""), "level_exceeded");
  EXPECT_EQ(at(1, "principal in Team::\"t\""), "");
  EXPECT_EQ(at(1, "principal.ward in Hospital::\"h\""), "level_exceeded");
  EXPECT_EQ(at(1, "principal has lead.nick"), "level_exceeded");
  EXPECT_EQ(at(2, "principal has lead.nick"), "");
  EXPECT_EQ(at(1, "{a: principal.ward}.a.name == \"x\""), "level_exceeded");
  EXPECT_EQ(at(1, "{a: principal, b: 1}.a.age == 1"), "");
  EXPECT_EQ(at(1, "(if context.n > 1 then principal.ward else Ward::\"w\").name == \"x\""),
            "level_exceeded literal_dereferenced");
  EXPECT_EQ(at(9, "User::\"a\".age == 1"), "literal_dereferenced");
  EXPECT_EQ(at(0, "false && principal.age > 1"), "impossible_policy");
  EXPECT_EQ(codes("permit (principal in Team::\"t\", action, resource);", {.level = 0}),
            "level_exceeded");
  EXPECT_EQ(codes("permit (principal in Team::\"t\", action, resource);", {.level = 1}), "");
}

TEST(Bounds, WorkIsBoundedAndWhatIsLeftIsAnError) {
  const auto findings =
      validate(parse(on_view("principal.age > 1 && context.n > 2")), schema(), {.max_steps = 3});
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings.back().code, ValidationCode::kTooMuchWork);
  EXPECT_TRUE(has_errors(findings));
}

TEST(Bounds, SoAreFindings) {
  std::string many;
  for (int i = 0; i < 10; ++i) many += on_view("principal.missing");
  const auto findings = validate(parse(many), schema(), {.max_diagnostics = 3});
  EXPECT_EQ(findings.size(), 5);
  EXPECT_EQ(findings.back().code, ValidationCode::kTooMuchWork);
}

TEST(Bounds, DeepAndWideExpressionsAreChecked) {
  std::string deep;
  for (int i = 0; i < 200; ++i) deep += "if principal has nick then (";
  deep += "principal.nick == \"a\"";
  for (int i = 0; i < 200; ++i) deep += ") else false";
  EXPECT_EQ(of(deep), "");
  std::string wide = "principal.age > 0";
  for (int i = 0; i < 50'000; ++i) wide += " && principal has nick";
  EXPECT_EQ(of(wide + " && principal.nick == \"a\""), "");
}

}  // namespace
}  // namespace wardlock::cedar
