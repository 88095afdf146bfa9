#include "pdp/obligation_terms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "cedar/parser/parser.h"

namespace wardlock::pdp {
namespace {

/// All terms that the policies impose, e.g. `mask.fields=address,phone`.
std::string merged(std::string_view text) {
  const auto policies = cedar::parse_policies(text);
  EXPECT_TRUE(policies) << text;
  std::vector<const cedar::Policy*> owed;
  for (const cedar::Policy& policy : policies->policies()) owed.push_back(&policy);
  Arena arena;
  std::vector<std::string> out;
  for (const ObligationTerm& term : merge_terms(owed, arena)) {
    out.push_back(
        term.is_time()
            ? fmt::format("{}.{}={}ms", term.obligation, term.name, term.within_ms)
            : fmt::format("{}.{}={}", term.obligation, term.name, fmt::join(term.words, ",")));
  }
  return fmt::format("{}", fmt::join(out, " "));
}

std::string forbid(std::string_view obligation, std::string_view terms) {
  return fmt::format("@obligation(\"{}\") @terms(\"{}\") forbid (principal, action, resource);",
                     obligation, terms);
}

TEST(ObligationTermsTest, OfOnePolicyAreAsItSays) {
  EXPECT_EQ(merged(forbid("mask", "fields: phone, address; within: 5m")),
            "mask.fields=address,phone mask.within=300000ms");
  EXPECT_EQ(merged(forbid("mask", " fields :name.family ,ssn ")), "mask.fields=name.family,ssn");
  EXPECT_EQ(merged(forbid("reauthenticate", "within: 0s")), "reauthenticate.within=0ms");
  EXPECT_EQ(merged("@obligation(\"mask\") forbid (principal, action, resource);"), "");
}

TEST(ObligationTermsTest, AllWordsAndTheShortestTimeAreOwed) {
  EXPECT_EQ(merged(forbid("mask", "fields: phone, address") + forbid("mask", "fields: phone, ssn")),
            "mask.fields=address,phone,ssn");
  for (const auto& [one, other] : {std::pair("5m", "1h"), std::pair("1h", "5m")}) {
    EXPECT_EQ(merged(forbid("expire", fmt::format("after: {}", one)) +
                     forbid("expire", fmt::format("after: {}", other))),
              "expire.after=300000ms");
  }
}

TEST(ObligationTermsTest, OfDifferentObligationsStayApart) {
  EXPECT_EQ(merged(forbid("a", "within: 1s; fields: x") + forbid("b", "within: 2s; fields: y")),
            "a.within=1000ms a.fields=x b.within=2000ms b.fields=y");
}

TEST(ObligationTermsTest, WhatCannotBeReadIsRefused) {
  for (const char* text :
       {"", " ", ";", "fields", ": x", "fields:", "fields: a,", "fields: ,a", "fields: a b",
        "Fields: a", "fi elds: a", "1st: a", "fields: a; fields: b", "fields: a;", "fields: a:b",
        "fields: a\"b", "within: -5m", "fields: \xc3\xa9"}) {
    EXPECT_TRUE(find_terms_fault(text)) << text;
  }
  EXPECT_EQ(*find_terms_fault("within: 5m; within: 6m"), "`within` comes twice");
  EXPECT_EQ(*find_terms_fault("within: -5m"), "the time of `within` is negative");
  for (const char* text : {"fields: a", "fields: a,b-c , d.e", "within: 5m", "a: x; b: 1h30m"}) {
    EXPECT_FALSE(find_terms_fault(text)) << text;
  }
}

TEST(ObligationTermsTest, ATimeIsToldFromWords) {
  const auto kinds = kinds_of_terms("a: 5m; b: 5m, 6m; c: ward");
  ASSERT_EQ(kinds.size(), 3U);
  EXPECT_TRUE(kinds[0].is_time);
  EXPECT_FALSE(kinds[1].is_time);
  EXPECT_FALSE(kinds[2].is_time);
}

}  // namespace
}  // namespace wardlock::pdp
