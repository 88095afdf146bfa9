#include "suite/suite.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/json.h"

namespace wardlock::suite {
namespace {

/// Around the body of a suite's only test.
std::string suite_of(std::string_view test, std::string_view head = "") {
  return fmt::format("{}\ndefaults: {{at: 2026-11-23}}\ntests:\n  - name: t\n{}", head, test);
}

constexpr std::string_view kQuestion =
    "    principal: User::\"a\"\n    action: view\n    resource: Photo::\"p\"\n";

/// `line:column message` of everything that is wrong, or `taken`.
std::string refusal(std::string_view text, const SuiteLimits& limits = {}) {
  const auto read = read_suite(text, limits);
  if (read) return "taken";
  std::string out;
  for (const Diagnostic& each : read.error()) {
    const Position at = position_at(text, each.span.begin);
    out += fmt::format("{}{}:{} {}", out.empty() ? "" : "; ", at.line, at.column, each.message);
  }
  return out;
}

Suite taken(std::string_view text) {
  auto read = read_suite(text);
  EXPECT_TRUE(read) << refusal(text);
  return read ? *std::move(read) : Suite();
}

TEST(Suite, ReadsATestWithAllItCanSay) {
  const Suite suite = taken(
      "name: Photos\ndescription: Who sees them.\n"
      "principals: {ann: {type: User, id: ann, properties: {age: 7}}}\n"
      "resources: {beach: 'Photo::\"beach\"'}\n"
      "contexts: {home: {ip: 10.0.0.1, lan: true}}\n"
      "authentications: {otp: {level: 2, methods: [pwd, otp]}}\n"
      "tests:\n"
      "  - name: Ann sees\n    description: why\n    tags: [A1, B2]\n"
      "    principal: ann\n    action: {name: view, properties: {soft: true}}\n"
      "    resource: 'beach {tag: \"x: {\"}'\n    context: [home, {ip: null, rate: -3}]\n"
      "    authentication: otp\n    fulfils: [mask]\n    grant: g\n    pep: gate\n"
      "    at: 2026-11-23T10:00:00Z\n"
      "    expect: {decision: allow, cause: override, policies: [p, q], obligations: [],\n"
      "             override_possible: false, step_up: 1 pwd, withheld: true, errors: none}\n");
  EXPECT_EQ(suite.name, "Photos");
  ASSERT_EQ(suite.tests.size(), 1);
  const auto& test = suite.tests.front();
  EXPECT_EQ(suite.name_of(test), "Ann sees");
  EXPECT_EQ(suite.groups.front().tags, (std::vector<std::string>{"A1", "B2"}));
  EXPECT_EQ(test.asked.principal.type, "User");
  EXPECT_EQ(codec::to_json_text(test.asked.principal.properties), R"({"age":7})");
  EXPECT_EQ(test.asked.action, "view");
  EXPECT_EQ(codec::to_json_text(test.asked.action_properties), R"({"soft":true})");
  EXPECT_EQ(test.asked.resource.id, "beach");
  EXPECT_EQ(codec::to_json_text(test.asked.resource.properties), R"({"tag":"x: {"})");
  EXPECT_EQ(codec::to_json_text(test.asked.context), R"({"ip":null,"lan":true,"rate":-3})");
  EXPECT_EQ(test.asked.authentication->methods, (std::vector<std::string>{"pwd", "otp"}));
  EXPECT_EQ(test.asked.fulfils, std::vector<std::string>{"mask"});
  EXPECT_EQ(test.asked.grant, "g");
  EXPECT_EQ(test.asked.pep, "gate");
  EXPECT_EQ(test.asked.at, 1'795'428'000'000);
  EXPECT_EQ(test.expected.is_allowed, true);
  EXPECT_EQ(test.expected.cause, pdp::Cause::kOverride);
  EXPECT_EQ(test.expected.policies->size(), 2);
  EXPECT_TRUE(test.expected.obligations->empty());
  EXPECT_EQ((*test.expected.step_up)->level, 1);
  EXPECT_TRUE(test.expected.errors->empty());
  EXPECT_FALSE(test.skip);
}

TEST(Suite, WhatIsNotSaidIsNotExpected) {
  const Suite suite = taken(suite_of(std::string(kQuestion) + "    expect: deny\n"));
  const Expectation& expected = suite.tests.front().expected;
  EXPECT_EQ(expected.is_allowed, false);
  EXPECT_FALSE(expected.cause || expected.policies || expected.obligations || expected.step_up);
}

TEST(Suite, TheNearestWordCounts) {
  const Suite suite = taken(
      "defaults: {at: 2026-01-01, action: view, grant: d, expect: {decision: allow, withheld: "
      "true}}\n"
      "requests: {r: {principal: 'User::\"r\"', action: edit, resource: 'Photo::\"r\"', grant: "
      "r}}\n"
      "tests:\n"
      "  - name: one\n    request: r\n    resource: Photo::\"own\"\n    grant: none\n"
      "    expect: {decision: deny}\n"
      "  - name: two\n    request: r\n");
  const auto& one = suite.tests[0];
  EXPECT_EQ(one.asked.principal.id, "r");
  EXPECT_EQ(one.asked.action, "edit");
  EXPECT_EQ(one.asked.resource.id, "own");
  EXPECT_EQ(one.asked.grant, "");
  EXPECT_EQ(one.expected.is_allowed, false);
  EXPECT_EQ(one.expected.is_withheld, true);
  EXPECT_EQ(suite.tests[1].asked.grant, "r");
  EXPECT_EQ(suite.tests[1].expected.is_allowed, true);
}

TEST(Suite, WhoSaysTheCauseSaysTheDecision) {
  const Suite suite = taken(
      "defaults: {at: 2026-01-01, action: view, resource: 'P::\"p\"', principal: 'U::\"u\"',\n"
      "           expect: {decision: allow, withheld: false}}\n"
      "tests:\n  - name: one\n    expect: {cause: forbid}\n"
      "  - name: two\n    expect: {refusal: schema}\n"
      "  - name: three\n    table: |\n      | cause | grant |\n      |  | a |\n      | override | "
      "b |\n");
  EXPECT_EQ(suite.tests[0].expected.is_allowed, false);
  EXPECT_EQ(suite.tests[0].expected.is_withheld, false);
  EXPECT_FALSE(suite.tests[1].expected.is_allowed);
  EXPECT_FALSE(suite.tests[2].expected.cause);
  EXPECT_EQ(suite.tests[2].expected.is_allowed, true);
  EXPECT_EQ(suite.tests[3].expected.cause, pdp::Cause::kOverride);
}

TEST(Suite, UnfoldsTables) {
  const std::string text = suite_of(
      "    resource: Photo::\"p\"\n    table: |\n"
      "      | principal                | action | context         | decision | policies |\n"
      "      |--------------------------|:------:|-----------------|----------|----------|\n"
      "\n"
      "      # those who may\n"
      "      | User::\"a\" {n: \"x \\| y\"} | view   | {a: 1} + c + {b: 2} | allow    | p, q     "
      "|\n"
      "      | b                        | edit   |                 | deny     | -        |\n"
      "    grant: g\n",
      "principals: {b: 'User::\"b\"'}\ncontexts: {c: {a: 2}}");
  const Suite suite = taken(text);
  ASSERT_EQ(suite.tests.size(), 2);
  const auto& first = suite.tests[0];
  EXPECT_EQ(codec::to_json_text(first.asked.principal.properties), R"({"n":"x | y"})");
  EXPECT_EQ(codec::to_json_text(first.asked.context), R"({"a":2,"b":2})");
  EXPECT_EQ(first.expected.policies->at(1).text, "q");
  EXPECT_EQ(text.substr(first.expected.policies->at(1).span.begin, 1), "q");
  EXPECT_EQ(first.asked.grant, "g");
  EXPECT_EQ(position_at(text, first.span.begin).line, 12);
  EXPECT_EQ(suite.name_of(suite.tests[1]), "t: b edit");
  EXPECT_TRUE(suite.tests[1].expected.policies->empty());
}

TEST(Suite, UnfoldsMatricesAndLists) {
  const Suite suite = taken(
      "defaults: {at: 2026-11-23}\nprincipals: {a: 'User::\"a\"', b: 'User::\"b\"'}\n"
      "tests:\n"
      "  - name: both\n    matrix: |\n"
      "      |   | view Photo::\"p\" | edit Photo::\"p\" |\n"
      "      | a | allow           | no_permit       |\n"
      "      | b | -               | deny            |\n"
      "  - name: actions\n    resource: Photo::\"q\"\n    matrix: |\n"
      "      |   | view  |\n      | a | allow |\n"
      "  - name: lists\n    principal: [a, b]\n    action: [view, edit]\n"
      "    resource: {type: Photo, id: p}\n    expect: deny\n");
  ASSERT_EQ(suite.tests.size(), 8);
  EXPECT_EQ(suite.tests[1].expected.cause, pdp::Cause::kNoPermit);
  EXPECT_EQ(suite.tests[1].expected.is_allowed, false);
  EXPECT_EQ(suite.name_of(suite.tests[2]), "both: b edit Photo::\"p\"");
  EXPECT_EQ(suite.tests[3].asked.resource.id, "q");
  EXPECT_EQ(suite.name_of(suite.tests[7]), "lists: b edit Photo::p");
}

TEST(Suite, DescribesEntities) {
  const Suite suite =
      taken(suite_of(std::string(kQuestion) + "    expect: deny\n",
                     "entities:\n  User::\"a\": {parents: ['Role::\"r\"'], attrs: {n: 1}}\n"
                     "  Role::\"r\":\n"));
  EXPECT_EQ(
      codec::to_json_text(suite.entities->json),
      R"([{"uid":{"type":"User","id":"a"},"attrs":{"n":1},"parents":[{"type":"Role","id":"r"}]},)"
      R"({"uid":{"type":"Role","id":"r"},"attrs":{},"parents":[]}])");
}

TEST(Suite, SaysWhetherItsEntitiesAreAllThereAre) {
  const std::string rest = std::string(kQuestion) + "    expect: deny\n";
  EXPECT_FALSE(taken(suite_of(rest, "entities: {}")).entities->are_added);
  EXPECT_TRUE(taken(suite_of(rest, "more_entities: {}")).entities->are_added);
  EXPECT_EQ(refusal(suite_of(rest, "entities: {}\nmore_entities: {}")),
            "2:16 a suite has `entities` or `more_entities`, not both");
}

TEST(Suite, RefusesWhatIsNoSuite) {
  EXPECT_EQ(refusal(""), "1:1 a suite needs `tests`, a list of at least one");
  EXPECT_EQ(refusal("tests: []"), "1:8 a suite needs `tests`, a list of at least one");
  EXPECT_EQ(refusal("[1]"), "1:1 a suite must be a map: `key: value`, one a line");
  EXPECT_EQ(refusal("tests: [x]"), "1:9 a test must be a map: `key: value`, one a line");
  EXPECT_NE(refusal("tests: [").find("not valid YAML"), std::string::npos);
  EXPECT_NE(refusal(suite_of("    expect: deny\n"), {.max_bytes = 10}).find("10 bytes"),
            std::string::npos);
}

TEST(Suite, RefusesUnknownKeysWithASuggestion) {
  const std::string rest = std::string(kQuestion) + "    expect: deny\n";
  EXPECT_EQ(refusal(suite_of(rest, "contexs: {}")),
            "1:1 a suite has no key `contexs`; did you mean `contexts`?");
  EXPECT_EQ(refusal(suite_of(rest + "    nmae: x\n")),
            "9:5 a test has no key `nmae`; did you mean `name`?");
  EXPECT_EQ(
      refusal(suite_of(std::string(kQuestion) + "    expect: {decision: deny, plicies: []}\n")),
      "8:30 `expect` has no key `plicies`; did you mean `policies`?");
  EXPECT_EQ(refusal(suite_of(rest, "excused: [{policy: p, reason: r, line: 3}]")),
            "1:34 an excuse has no key `line`");
  EXPECT_EQ(refusal(suite_of(rest, "entities: {'A::\"a\"': {attr: {}}}")),
            "1:23 an entity has no key `attr`; did you mean `attrs`?");
}

TEST(Suite, RefusesNamesThatAreNotDeclared) {
  const std::string head =
      "principals: {alice: 'User::\"a\"'}\ncontexts: {home: {}}\n"
      "authentications: {otp: 2 otp}";
  const auto with = [&](std::string_view line) {
    return refusal(suite_of(fmt::format("    action: view\n    resource: Photo::\"p\"\n"
                                        "    expect: deny\n    principal: alice\n{}",
                                        line),
                            head));
  };
  EXPECT_EQ(with(""), "taken");
  EXPECT_EQ(with("    request: r\n"), "11:14 there is no request `r`");
  EXPECT_EQ(with("    context: hom\n"), "11:14 there is no context `hom`; did you mean `home`?");
  EXPECT_EQ(with("    context: home + x\n"), "11:21 there is no context `x`");
  EXPECT_EQ(with("    authentication: opt\n"),
            "11:21 there is no authentication `opt`; did you mean `otp`?");
  EXPECT_EQ(with("    authentication: 4 pwd\n"), "11:21 there is no authentication `4 pwd`");
  EXPECT_EQ(refusal(suite_of("    principal: alcie\n    action: view\n    resource: alice\n"
                             "    expect: deny\n",
                             head)),
            "7:16 there is no principal or resource `alcie`; did you mean `alice`?");
}

TEST(Suite, RefusesValuesThatDoNotFit) {
  const auto with = [&](std::string_view line) {
    return refusal(suite_of(fmt::format("{}    expect: deny\n{}", kQuestion, line)));
  };
  EXPECT_EQ(with("    context: {a: 1.5}\n"),
            "9:18 `1.5` is a fraction, which Cedar's numbers are not");
  EXPECT_EQ(with("    context: {a: 9223372036854775808}\n"),
            "9:18 `9223372036854775808` is beyond 64 bits");
  EXPECT_EQ(with("    context: [[a]]\n"), "9:15 this must be attributes, or the name of a context");
  EXPECT_EQ(with("    at: yesterday\n"), "9:9 `at` must be a moment");
  EXPECT_EQ(with("    fulfils: {a: b}\n"), "9:14 this must be a list: `[a, b]`");
  EXPECT_EQ(with("    grant: [a]\n"), "9:12 `grant` must be text");
  EXPECT_EQ(with("    skip: ''\n"), "9:11 `skip` needs a reason");
  EXPECT_EQ(with("    table: x\n"), "9:12 a table must be a block of text");
  EXPECT_EQ(with("    table: |\n      | principal |\n    matrix: |\n      | a |\n"),
            "11:13 a test has a table or a matrix, not both");
  EXPECT_EQ(with("    authentication: {methods: [otp]}\n"),
            "9:21 an authentication needs `level`, 0 to 3");
}

TEST(Suite, RefusesTestsThatSayTooLittleOrContradictThemselves) {
  EXPECT_EQ(refusal(suite_of(kQuestion)), "4:5 this test does not say what the answer must be");
  EXPECT_EQ(refusal("tests:\n  - name: t\n    expect: deny\n" + std::string(kQuestion)),
            "2:5 this test says no `at`");
  EXPECT_EQ(refusal(suite_of("    expect: allow\n    action: view\n    resource: Photo::\"p\"\n")),
            "4:5 this test says no `principal`");
  const auto expecting = [&](std::string_view expect) {
    return refusal(suite_of(fmt::format("{}    expect: {}\n", kQuestion, expect)));
  };
  EXPECT_EQ(expecting("{decision: allow, cause: forbid}"), "4:5 `forbid` is no cause to allow");
  EXPECT_EQ(expecting("{cause: forbit}"),
            "8:21 there is no cause `forbit`; did you mean `forbid`?");
  EXPECT_EQ(expecting("alow"), "8:13 `alow` is no decision");
  EXPECT_EQ(expecting("{decision: deny, refusal: no}"),
            "8:39 a question that is refused has no decision");
  EXPECT_EQ(expecting("{decision: deny, withheld: maybe}"),
            "8:40 `withheld` must be `true` or `false`");
}

TEST(Suite, RefusesTablesThatAreNoTables) {
  const auto table = [](std::string_view rows) {
    return refusal(
        suite_of(fmt::format("    expect: deny\n    action: view\n"
                             "    resource: Photo::\"p\"\n    table: |\n{}",
                             rows)));
  };
  EXPECT_EQ(table("      | principal |\n"), "8:12 this table has no rows");
  EXPECT_EQ(table("      | principal |\n      User::\"a\"\n"),
            "10:7 a row must begin and end with `|`");
  EXPECT_EQ(table("      | principal |\n      | User::\"a\" | x |\n"),
            "10:7 this row has 2 cells, the headings are 1");
  EXPECT_EQ(table("      | princpal |\n      | User::\"a\" |\n"),
            "9:9 there is no column `princpal`; did you mean `principal`?");
  EXPECT_EQ(table("      | principal | principal |\n      | User::\"a\" | b |\n"),
            "9:21 the column `principal` is given twice");
  EXPECT_EQ(table("      | principal |\n      | User::\"a |\n").substr(0, 5), "10:9 ");
  EXPECT_EQ(table("      | principal |\n      | User::\"a\" {n: 1.5} |\n"),
            "10:23 `1.5` is a fraction, which Cedar's numbers are not");
}

TEST(Suite, RefusesMatricesThatDoNotFit) {
  const auto matrix = [](std::string_view rows, std::string_view more = "") {
    return refusal(suite_of(fmt::format("{}    matrix: |\n{}", more, rows)));
  };
  EXPECT_EQ(matrix("      | | view |\n      | User::\"a\" | allow |\n"),
            "6:11 a matrix's column must be an action and a resource");
  EXPECT_EQ(matrix("      | | view Photo::\"p\" |\n      | User::\"a\" | yes |\n"),
            "7:21 `yes` is no decision and no cause");
  EXPECT_EQ(matrix("      | | view Photo::\"p\" |\n      | User::\"a\" | allow |\n",
                   "    principal: User::\"a\"\n"),
            "5:16 the rows of a matrix are its principals");
}

TEST(Suite, RefusesRepetitions) {
  const std::string one = fmt::format("  - name: same\n{}    expect: deny\n", kQuestion);
  EXPECT_EQ(refusal("defaults: {at: 2026-11-23}\ntests:\n" + one + one),
            "8:5 there are two tests `same`; the first is in line 3");
  EXPECT_EQ(refusal(suite_of("    expect: deny\n    action: view\n    resource: Photo::\"p\"\n"
                             "    table: |\n      | principal |\n      | User::\"a\" |\n"
                             "      | User::\"a\" |\n")),
            "11:7 there are two tests `t: User::\"a\"`; the first is in line 10");
}

TEST(Suite, HasALimit) {
  const std::string many = suite_of(
      "    expect: deny\n    principal: [a, b]\n    action: [v, w]\n    resource: [a, b]\n",
      "principals: {a: 'U::\"a\"', b: 'U::\"b\"'}");
  EXPECT_EQ(refusal(many), "taken");
  EXPECT_EQ(refusal(many, {.max_tests = 7}), "4:5 there are more than 7 tests");
}

}  // namespace
}  // namespace wardlock::suite
