#include "cedar/diff/policy_diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "cedar/json/policy_json.h"
#include "cedar/parser/parser.h"

namespace wardlock::cedar {
namespace {

PolicySet parsed(std::string_view text, std::string_view source = "ward.cedar") {
  auto policies = parse_policies(text, {.by_annotation = true, .source = source});
  EXPECT_TRUE(policies) << text;
  return *std::move(policies);
}

PolicyDiff diff_of(std::string_view before, std::string_view after) {
  return diff_policies(parsed(before), parsed(after));
}

constexpr std::string_view kNurses =
    "@id(\"nurses\") permit (principal in Role::\"Nurse\", action == Action::\"view\", resource) "
    "when { context.b && resource.ward == principal.ward } unless { resource.sealed || "
    "context.late };";

/// The only change of the only policy, as `part: before > after`.
std::string parts_of(std::string_view before, std::string_view after) {
  const PolicyDiff diff = diff_of(before, after);
  std::string out;
  for (const PolicyChange& change : diff.changes) {
    EXPECT_EQ(change.kind, ChangeKind::kChanged);
    for (const PartChange& part : change.parts) {
      out += part.part + ": " + part.before.value_or("(none)") + " > " +
             part.after.value_or("(none)") + "\n";
    }
  }
  return out;
}

std::string rule(std::string_view scope, std::string_view rest = "") {
  return "@id(\"p\") " + std::string(scope) + std::string(rest) + ";";
}

TEST(PolicyDiff, OfASetWithItselfIsEmpty) {
  const std::string text = std::string(kNurses) + "forbid (principal, action, resource);";
  const PolicyDiff diff = diff_of(text, text);
  EXPECT_TRUE(diff.is_empty());
  EXPECT_EQ(diff.unchanged, 2U);
  EXPECT_EQ(to_text(diff), "");
}

TEST(PolicyDiff, LayoutCommentsOrderAndFileAreNoDifference) {
  const PolicySet before =
      parsed(std::string(kNurses) + "@id(\"z\") permit (principal, action, resource);");
  const PolicySet after = parsed(
      "@id(\"z\")\npermit(principal,action,resource); // all\n"
      "@id(\"nurses\") permit (principal in Role::\"Nurse\", action == Action::\"view\", resource) "
      "when { context.b } when { resource.ward == principal.ward } unless { resource.sealed } "
      "unless { (context.late) };",
      "other.cedar");
  EXPECT_TRUE(diff_policies(before, after).is_empty());
}

TEST(PolicyDiff, TellsEachPartThatChanged) {
  const std::string all = "permit (principal, action, resource)";
  EXPECT_EQ(parts_of(rule(all), rule("forbid (principal, action, resource)")),
            "effect: permit > forbid\n");
  EXPECT_EQ(parts_of(rule(all), rule("permit (principal is User, action, resource)")),
            "principal: principal > principal is User\n");
  EXPECT_EQ(parts_of(rule(all), rule("permit (principal, action == A::Action::\"v\", resource)")),
            "action: action > action == A::Action::\"v\"\n");
  EXPECT_EQ(parts_of(rule(all), rule("permit (principal, action, resource in W::\"7\")")),
            "resource: resource > resource in W::\"7\"\n");
}

TEST(PolicyDiff, TellsAnnotations) {
  const std::string all = "permit (principal, action, resource)";
  EXPECT_EQ(parts_of(rule("@reason(\"a\") @doc(\"x\") " + all),
                     rule("@override(\"break-glass\") @reason(\"b\") " + all)),
            "@doc: \"x\" > (none)\n@override: (none) > \"break-glass\"\n@reason: \"a\" > \"b\"\n");
  EXPECT_EQ(parts_of(rule("@doc " + all), rule("@doc(\"\") " + all)), "");
}

TEST(PolicyDiff, TellsTheConditionThatWentOrCame) {
  const std::string all = "permit (principal, action, resource)";
  EXPECT_EQ(parts_of(rule(all, "when { context.x && context.y && context.z }"),
                     rule(all, "when { context.x && context.z }")),
            "when: context.y > (none)\n");
  EXPECT_EQ(parts_of(rule(all, "when { context.x && context.z }"),
                     rule(all, "when { context.x && context.y && context.z }")),
            "when: (none) > context.y\n");
  EXPECT_EQ(parts_of(rule(all, "when { context.x && context.y < 3 }"),
                     rule(all, "when { context.x && context.y < 4 }")),
            "when: context.y < 3 > context.y < 4\n");
  EXPECT_EQ(
      parts_of(rule(all, "unless { context.x || context.y }"), rule(all, "unless { context.y }")),
      "unless: context.x > (none)\n");
  // A `||` in a `when` is one condition, and so is an `&&` in an `unless`.
  EXPECT_EQ(parts_of(rule(all, "when { context.x || context.y }"), rule(all, "when { context.x }")),
            "when: context.x || context.y > context.x\n");
  EXPECT_EQ(
      parts_of(rule(all, "unless { context.x && context.y }"), rule(all, "unless { context.x }")),
      "unless: context.x && context.y > context.x\n");
  EXPECT_EQ(parts_of(rule(all, "when { context.x }"), rule(all, "unless { context.x }")),
            "when: context.x > (none)\nunless: (none) > context.x\n");
}

TEST(PolicyDiff, TheOrderOfConditionsIsADifference) {
  const std::string all = "permit (principal, action, resource)";
  EXPECT_NE(parts_of(rule(all, "when { principal has x && principal.x }"),
                     rule(all, "when { principal.x && principal has x }")),
            "");
}

TEST(PolicyDiff, TheOrderOfActionsIsNone) {
  EXPECT_EQ(
      parts_of(rule("permit (principal, action in [Action::\"a\", Action::\"b\"], resource)"),
               rule("permit (principal, action in [Action::\"b\", Action::\"a\"], resource)")),
      "");
}

TEST(PolicyDiff, TellsWhatWasAddedAndRemovedWithItsText) {
  const PolicyDiff diff =
      diff_of("@id(\"a\") permit (principal, action, resource);",
              "@id(\"b\") forbid (principal, action, resource) when { context.b };");
  ASSERT_EQ(diff.changes.size(), 2U);
  EXPECT_EQ(diff.changes[0].kind, ChangeKind::kRemoved);
  EXPECT_EQ(diff.changes[0].id, "a");
  EXPECT_EQ(diff.changes[1].kind, ChangeKind::kAdded);
  EXPECT_EQ(to_text(diff),
            "- policy `a` (ward.cedar)\n    @id(\"a\")\n    permit (principal, action, resource);\n"
            "+ policy `b` (ward.cedar)\n    @id(\"b\")\n    forbid (principal, action, resource)\n"
            "    when { context.b };\n");
}

TEST(PolicyDiff, PlacesThatShiftAreNoChange) {
  const std::string one = "permit (principal, action, resource is A);";
  const std::string two = "forbid (principal, action, resource is B);";
  const PolicyDiff diff =
      diff_of(one + two, "permit (principal is N, action, resource);" + one + two);
  EXPECT_EQ(diff.count(ChangeKind::kAdded), 1U);
  EXPECT_EQ(diff.count(ChangeKind::kRenamed), 2U);
  EXPECT_EQ(diff.changes.size(), 3U);
  EXPECT_EQ(diff.changes[1].id, "policy1");
  EXPECT_EQ(diff.changes[1].id_before, "policy0");
}

TEST(PolicyDiff, ANewIdIsARenaming) {
  const PolicyDiff diff = diff_of("@id(\"a\") permit (principal, action, resource);",
                                  "@id(\"b\") permit (principal, action, resource);");
  ASSERT_EQ(diff.changes.size(), 1U);
  EXPECT_EQ(diff.changes[0].kind, ChangeKind::kRenamed);
  EXPECT_EQ(to_text(diff),
            "= policy `b`, which was `a` (ward.cedar)\n    @id\n      - \"a\"\n      + \"b\"\n");
}

TEST(PolicyDiff, ATemplateThatChangesIsToldWithItsLinks) {
  const auto set = [](std::string_view text, std::string_view role) {
    PolicySet policies = parsed(text);
    Arena arena;
    const auto* uid = make_uid(arena, "Role", role);
    EXPECT_TRUE(policies.link("t", "l", {.principal = uid}));
    return policies;
  };
  const std::string_view open = "@id(\"t\") permit (principal in ?principal, action, resource);";
  const std::string_view closed =
      "@id(\"t\") permit (principal in ?principal, action, resource) when { context.b };";
  const PolicyDiff diff = diff_policies(set(open, "Nurse"), set(closed, "Nurse"));
  ASSERT_EQ(diff.changes.size(), 1U);
  EXPECT_EQ(diff.changes[0].form, PolicyForm::kTemplate);
  EXPECT_EQ(diff.changes[0].links, std::vector<std::string>{"l"});
  EXPECT_NE(to_text(diff).find("and so the link `l`"), std::string::npos);

  const PolicyDiff filled = diff_policies(set(open, "Nurse"), set(open, "Physician"));
  ASSERT_EQ(filled.changes.size(), 1U);
  EXPECT_EQ(filled.changes[0].form, PolicyForm::kLink);
  EXPECT_EQ(filled.changes[0].parts,
            (std::vector<PartChange>{{"?principal", "Role::\"Nurse\"", "Role::\"Physician\""}}));
}

TEST(PolicyDiff, APolicyThatBecomesATemplateIsAnother) {
  const PolicyDiff diff = diff_of("@id(\"t\") permit (principal, action, resource);",
                                  "@id(\"t\") permit (principal in ?principal, action, resource);");
  EXPECT_EQ(diff.count(ChangeKind::kRemoved), 1U);
  EXPECT_EQ(diff.count(ChangeKind::kAdded), 1U);
}

TEST(PolicyDiff, WhatHasNoTextIsStillToldApart) {
  const auto from = [](const char* name) {
    const std::string json =
        std::string(R"({"staticPolicies":{"p":{"effect":"permit","principal":{"op":"All"},)") +
        R"("action":{"op":"All"},"resource":{"op":"All"},"conditions":[{"kind":"when","body":)" +
        R"({"has":{"left":{"Var":"principal"},"attr":["a b",")" + name + R"("]}}}]}}})";
    auto set = policy_set_from_json(*codec::parse_json(json));
    EXPECT_TRUE(set) << (set ? "" : set.error().message);
    return set ? *std::move(set) : PolicySet();
  };
  EXPECT_TRUE(diff_policies(from("c d"), from("c d")).is_empty());
  EXPECT_EQ(diff_policies(from("c d"), from("e f")).changes.size(), 1U);
}

TEST(PolicyDiff, LongListsThatShareNothingCostLittle) {
  const auto many = [](std::string_view word) {
    std::string text = "@id(\"p\") permit (principal, action, resource) when { context.b";
    for (int i = 0; i < 3000; ++i) text += " && context." + std::string(word) + std::to_string(i);
    return text + " };";
  };
  const PolicyDiff diff = diff_of(many("x"), many("y"));
  ASSERT_EQ(diff.changes.size(), 1U);
  EXPECT_EQ(diff.changes[0].parts.size(), 6000U);
}

TEST(PolicyDiff, IsTheSameTheOtherWayRound) {
  const std::string all = "permit (principal, action, resource)";
  const std::string a = rule(all, "when { context.x && context.y && context.z && context.u }") +
                        std::string(kNurses) + "forbid (principal, action, resource);";
  const std::string b = rule(all, "when { context.z && context.x && context.v && context.y }") +
                        "@id(\"f\") forbid (principal, action, resource);";
  PolicyDiff there = diff_of(a, b);
  PolicyDiff back = diff_of(b, a);
  ASSERT_EQ(there.changes.size(), back.changes.size());
  EXPECT_EQ(there.count(ChangeKind::kAdded), back.count(ChangeKind::kRemoved));
  const auto flipped = [](std::vector<PartChange> parts) {
    for (PartChange& part : parts) std::swap(part.before, part.after);
    return parts;
  };
  const auto conditions = [](const PolicyDiff& diff) {
    return std::ranges::find(diff.changes, "p", &PolicyChange::id)->parts;
  };
  EXPECT_TRUE(std::ranges::is_permutation(conditions(there), flipped(conditions(back))));
}

TEST(PolicyDiff, JsonHasWhatTheTextHas) {
  const codec::Json json = to_json(diff_of(rule("permit (principal, action, resource)"),
                                           rule("forbid (principal, action, resource)")));
  EXPECT_EQ(codec::to_json_text(json),
            R"({"added":0,"removed":0,"changed":1,"renamed":0,"unchanged":0,"changes":[)"
            R"({"kind":"changed","form":"policy","id":"p","file_before":"ward.cedar",)"
            R"("file_after":"ward.cedar","before":"@id(\"p\")\npermit (principal, action, )"
            R"(resource);","after":"@id(\"p\")\nforbid (principal, action, resource);",)"
            R"("parts":[{"part":"effect","before":"permit","after":"forbid"}]}]})");
}

TEST(PolicyDiff, TextCannotSteerATerminal) {
  const std::string text = to_text(diff_of("",
                                           "@id(\"a\\u{1b}[2J\") permit (principal, action, "
                                           "resource) when { \"\u202e\" == context.b };"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\u202e"), std::string::npos);
}

}  // namespace
}  // namespace wardlock::cedar
