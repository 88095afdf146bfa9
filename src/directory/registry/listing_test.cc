#include "directory/registry/listing.h"

#include <gtest/gtest.h>

#include "directory/registry/hospital_for_test.h"

namespace wardlock::directory {
namespace {

using Names = std::vector<std::string>;
using enum Comparison;

Filter all(std::vector<Filter::Part> parts) {
  return {.connective = Filter::Connective::kAll, .parts = std::move(parts)};
}
Filter any(std::vector<Filter::Part> parts) {
  return {.connective = Filter::Connective::kAny, .parts = std::move(parts)};
}
Filter none(std::vector<Filter::Part> parts) {
  return {.connective = Filter::Connective::kNone, .parts = std::move(parts)};
}
Filter item(std::string path, std::vector<Filter::Part> parts) {
  return {
      .connective = Filter::Connective::kItem, .path = std::move(path), .parts = std::move(parts)};
}

class ListingTest : public HospitalForTest {
 protected:
  ListingTest() {
    person("ada", R"(,"displayName":"Dr. Ada GREY","title":"chief","contractUntil":)"
                  R"("2027-01-01T00:00:00Z","externalId":"HR-1","emails":)"
                  R"([{"value":"ada@work.example","type":"work"},)"
                  R"({"value":"grey@home.example","type":"home"}],)"
                  R"("facts":[{"name":"trained","boolean":true},{"name":"years","integer":12}])");
    now_ += 1000;
    person("bob", R"(,"displayName":"Bob Lee","title":"Ärztin","externalId":"hr-1","emails":)"
                  R"([{"value":"bob@home.example","type":"home"}],)"
                  R"("facts":[{"name":"trained","boolean":false},{"name":"years","integer":3}])");
    now_ += 1000;
    person("cleo", R"(,"displayName":"100%_sure\\","contractUntil":"2028-01-01T00:00:00Z")");
  }

  Names found(Filter filter) { return names({.filter = std::move(filter)}); }
  Names found(std::string path, Comparison comparison, Operand operand = {}) {
    return found(all({Condition{std::move(path), comparison, std::move(operand)}}));
  }
  std::string fault(Filter filter) {
    const auto page = registry_->list("st-mary", Kind::kPerson, {.filter = std::move(filter)});
    if (page) return "no fault";
    EXPECT_EQ(page.error().code, ErrorCode::kInvalidArgument);
    return page.error().message;
  }
  std::string fault(std::string path, Comparison comparison, Operand operand = {}) {
    return fault(all({Condition{std::move(path), comparison, std::move(operand)}}));
  }
};
WARDLOCK_ON_EACH_DATABASE(ListingTest);

TEST_P(ListingTest, TextsAreComparedWithoutCase) {
  EXPECT_EQ(found("displayName", kEqual, "dr. ada grey"), Names{"ada"});
  EXPECT_EQ(found("displayName", kEqual, "DR. ADA GREY"), Names{"ada"});
  EXPECT_EQ(found("title", kEqual, "ÄRZTIN"), Names{"bob"});
  EXPECT_EQ(found("externalId", kEqual, "hr-1"), Names{"bob"}) << "where case counts";
  EXPECT_EQ(found("displayName", kEqual, "grey"), Names{});
  EXPECT_EQ(found("userName", kNotEqual, "bob"), (Names{"ada", "cleo"}));
  EXPECT_EQ(found("title", kNotEqual, "chief"), (Names{"bob", "cleo"})) << "nor who has none";
}

TEST_P(ListingTest, PartsOfTexts) {
  EXPECT_EQ(found("displayName", kContains, "ADA"), Names{"ada"});
  EXPECT_EQ(found("displayName", kContains, "e"), (Names{"ada", "bob", "cleo"}));
  EXPECT_EQ(found("displayName", kStartsWith, "dr."), Names{"ada"});
  EXPECT_EQ(found("displayName", kStartsWith, "ada"), Names{});
  EXPECT_EQ(found("title", kStartsWith, "är"), Names{"bob"});
  EXPECT_EQ(found("title", kStartsWith, "a"), Names{});
  EXPECT_EQ(found("displayName", kEndsWith, "LEE"), Names{"bob"});
  EXPECT_EQ(found("title", kEndsWith, "ärztin"), Names{"bob"});
  EXPECT_EQ(found("title", kEndsWith, "a far too long Ärztin"), Names{});
}

TEST_P(ListingTest, NothingInATextIsSpecial) {
  for (const char* text : {"%", "_", "\\", "100%_", "%_sure\\"}) {
    EXPECT_EQ(found("displayName", kContains, text), Names{"cleo"}) << text;
  }
  EXPECT_EQ(found("displayName", kStartsWith, "_"), Names{});
  for (const char* text : {"' OR 1=1 --", "\"", "$1", "ada'); DROP TABLE thing; --", "?1", ":a"}) {
    for (const Comparison comparison : {kEqual, kContains, kStartsWith, kEndsWith, kGreater}) {
      const Names names = found("userName", comparison, text);
      EXPECT_TRUE(comparison == kGreater || names.empty()) << text;
    }
  }
  EXPECT_EQ(found(Filter{}).size(), 3U);
}

TEST_P(ListingTest, EmptyTextsAreCompared) {
  EXPECT_EQ(found("userName", kEqual, ""), Names{});
  EXPECT_EQ(found("userName", kContains, "").size(), 3U);
  EXPECT_EQ(found("userName", kStartsWith, "").size(), 3U);
  EXPECT_EQ(found("userName", kEndsWith, "").size(), 3U);
}

TEST_P(ListingTest, TextsHaveAnOrder) {
  EXPECT_EQ(found("userName", kGreater, "ada"), (Names{"bob", "cleo"}));
  EXPECT_EQ(found("userName", kGreaterOrEqual, "bob"), (Names{"bob", "cleo"}));
  EXPECT_EQ(found("userName", kLess, "bob"), Names{"ada"});
  EXPECT_EQ(found("userName", kLessOrEqual, "BOB"), (Names{"ada", "bob"}));
}

TEST_P(ListingTest, TimesNumbersAndTruth) {
  EXPECT_EQ(found("contractUntil", kLess, "2027-06-01T00:00:00Z"), Names{"ada"});
  EXPECT_EQ(found("contractUntil", kEqual, "2028-01-01T01:00:00+01:00"), Names{"cleo"});
  EXPECT_EQ(found("contractUntil", kNotEqual, "2028-01-01T00:00:00Z"), (Names{"ada", "bob"}));
  EXPECT_EQ(found("facts.integer", kGreaterOrEqual, std::int64_t{12}), Names{"ada"});
  EXPECT_EQ(found("facts.boolean", kEqual, false), Names{"bob"});
}

TEST_P(ListingTest, WhatAThingHasItself) {
  const Thing ada = *registry_->find_by_identifier("st-mary", "userName", "ada");
  EXPECT_EQ(found("id", kEqual, ada.id), Names{"ada"});
  EXPECT_EQ(found("state", kEqual, "active").size(), 3U);
  EXPECT_EQ(found("state", kNotEqual, "active"), Names{});
  EXPECT_EQ(found("version", kGreater, std::int64_t{1}), Names{});
  EXPECT_EQ(found("createdAt", kGreater, "2027-01-15T08:00:00Z"), (Names{"bob", "cleo"}));
  EXPECT_EQ(found("changedAt", kPresent).size(), 3U);
}

TEST_P(ListingTest, Presence) {
  EXPECT_EQ(found("title", kPresent), (Names{"ada", "bob"}));
  EXPECT_EQ(found("contractUntil", kPresent), (Names{"ada", "cleo"}));
  EXPECT_EQ(found("emails", kPresent), (Names{"ada", "bob"}));
  EXPECT_EQ(found("manager", kPresent), Names{});
}

TEST_P(ListingTest, ConditionsAreCombined) {
  const Condition is_ada{"userName", kEqual, "ada"};
  const Condition is_bob{"userName", kEqual, "bob"};
  const Condition has_title{"title", kPresent};
  EXPECT_EQ(found(any({is_ada, is_bob})), (Names{"ada", "bob"}));
  EXPECT_EQ(found(all({is_ada, is_bob})), Names{});
  EXPECT_EQ(found(none({is_ada})), (Names{"bob", "cleo"}));
  EXPECT_EQ(found(none({is_ada, is_bob})), Names{"cleo"});
  EXPECT_EQ(found(all({has_title, none({is_ada})})), Names{"bob"});
  EXPECT_EQ(found(any({})), Names{});
  EXPECT_EQ(found(none({})).size(), 3U);
}

TEST_P(ListingTest, ItemsAreTakenWhole) {
  const Condition is_work{"type", kEqual, "work"};
  const Condition is_home{"type", kEqual, "home"};
  const Condition has_ada{"value", kStartsWith, "ada"};
  EXPECT_EQ(found(item("emails", {is_home, has_ada})), Names{}) << "of two items";
  EXPECT_EQ(found(item("emails", {is_work, has_ada})), Names{"ada"});
  EXPECT_EQ(found(item("emails", {any({is_work, has_ada})})), Names{"ada"});
  EXPECT_EQ(found(item("emails", {is_home})), (Names{"ada", "bob"}));
  EXPECT_EQ(found(item("emails", {is_home, none({Condition{"value", kContains, "grey"}})})),
            Names{"bob"});
  EXPECT_EQ(found(item("emails", {Condition{"type", kNotEqual, "home"}})), Names{"ada"});
  EXPECT_EQ(found(item("emails", {Condition{"type", kPresent}})), (Names{"ada", "bob"}));
  EXPECT_EQ(found(none({item("emails", {is_work})})), (Names{"bob", "cleo"}));
  EXPECT_EQ(found(item("facts",
                       {Condition{"name", kEqual, "trained"}, Condition{"boolean", kEqual, true}})),
            Names{"ada"});
  EXPECT_EQ(
      found(item("facts", {Condition{"name", kEqual, "trained"}, Condition{"integer", kPresent}})),
      Names{});
}

TEST_P(ListingTest, WhoIsRelated) {
  const Thing ada = *registry_->find_by_identifier("st-mary", "userName", "ada");
  const Thing night = group("night");
  relate({.relation = Relation::kMembership,
          .subject = ada.id,
          .object = night.id,
          .until_ms = now_ + 1000});
  const Related is_member{.relation = Relation::kMembership, .other = night.id};
  EXPECT_EQ(found(all({is_member})), Names{"ada"});
  EXPECT_EQ(found(none({is_member})), (Names{"bob", "cleo"}));
  EXPECT_EQ(names({.filter = all({Related{
                       .relation = Relation::kMembership, .is_subject = false, .other = ada.id}})},
                  Kind::kGroup, "displayName"),
            Names{"night"});
  now_ += 1000;
  EXPECT_EQ(found(all({is_member})), Names{}) << "not any more";
}

TEST_P(ListingTest, SaysWhatCannotBeAsked) {
  EXPECT_EQ(fault("usrName", kEqual, "x"),
            "people cannot be asked for by `usrName`; did you mean `userName`?");
  EXPECT_TRUE(
      fault("nickName", kEqual, "x").starts_with("people cannot be asked for by `nickName`"));
  EXPECT_TRUE(fault("serialNumber", kPresent).starts_with("people cannot be asked for"));
  EXPECT_TRUE(fault("emails", kEqual, "x").starts_with("people cannot be asked for by `emails`"));
  EXPECT_TRUE(fault("name'; --", kEqual, "x").starts_with("people cannot be asked for"));
  EXPECT_EQ(fault("userName", kEqual, std::int64_t{1}), "`userName` is compared with a text");
  EXPECT_EQ(fault("userName", kEqual), "`userName` is compared with a text");
  EXPECT_EQ(fault("facts.integer", kEqual, "1"), "`facts.integer` is compared with an integer");
  EXPECT_EQ(fault("facts.boolean", kEqual, std::int64_t{1}),
            "`facts.boolean` is compared with `true` or `false`");
  EXPECT_EQ(fault("facts.boolean", kGreater, true),
            "`facts.boolean` is true or false, neither greater nor less");
  EXPECT_EQ(fault("contractUntil", kContains, "2027"),
            "`contractUntil` is no text: it does not contain, begin or end");
  EXPECT_TRUE(fault("contractUntil", kLess, "soon").contains("a time such as"));
  EXPECT_EQ(fault("userName", kEqual, "\xff"), "what `userName` is compared with is no valid text");
  EXPECT_EQ(fault("userName", kEqual, std::string("a\0b", 3)),
            "what `userName` is compared with is no valid text");
  EXPECT_TRUE(fault(item("title", {Condition{"value", kPresent}})).contains("`title`"));
  EXPECT_TRUE(fault(item("emails", {Condition{"display", kPresent}})).contains("`emails.display`"));
  EXPECT_EQ(fault(item("emails", {Related{.relation = Relation::kCare, .other = "x"}})),
            "items of `emails` are asked for what they have themselves");
}

TEST_P(ListingTest, QuestionsHaveLimits) {
  const Condition is_ada{"userName", kEqual, "ada"};
  EXPECT_EQ(found(any(std::vector<Filter::Part>(kMaxFilterParts, is_ada))), Names{"ada"});
  EXPECT_TRUE(fault(any(std::vector<Filter::Part>(kMaxFilterParts + 1, is_ada)))
                  .starts_with("a filter has at most 100 conditions"));
  Filter deep = all({is_ada});
  for (std::size_t i = 1; i < kMaxFilterDepth; ++i) deep = all({std::move(deep)});
  EXPECT_EQ(found(deep), Names{"ada"});
  EXPECT_TRUE(fault(all({std::move(deep)})).starts_with("a filter has at most"));
  EXPECT_FALSE(registry_->list("st-mary", Kind::kPerson, {.count = kMaxPageSize + 1}));
  EXPECT_FALSE(registry_->list("st-mary", Kind::kPerson, {.cursor = "x", .skip = 1}));
}

TEST_P(ListingTest, StepsWithinItemsHaveALimitThatBothDatabasesRead) {
  const auto nested = [](std::size_t steps, std::size_t around) {
    Filter inside = none({Condition{"value", kEqual, "nobody@x.example"}});
    for (std::size_t i = 1; i < steps; ++i) {
      inside = none({Condition{"value", kNotEqual, "ada@work.example"}, std::move(inside)});
    }
    Filter filter = item("emails", {std::move(inside)});
    for (std::size_t i = 0; i < around; ++i) filter = none({std::move(filter)});
    return filter;
  };
  // One step is the brackets', one is that of each `none`, and the item itself is one within.
  for (std::size_t steps = 1; kItemDepth * (steps + 1) <= kMaxFilterDepth; ++steps) {
    const std::size_t around = kMaxFilterDepth - kItemDepth * (steps + 1);
    const auto page = registry_->list("st-mary", Kind::kPerson, {.filter = nested(steps, around)});
    EXPECT_TRUE(page) << steps << ": " << page.error().message;
    EXPECT_TRUE(fault(nested(steps, around + 1)).contains("counts as 5")) << steps;
  }
  EXPECT_TRUE(fault(nested(17, 0)).starts_with("a filter has at most 100 conditions, 20 deep"));
}

TEST_P(ListingTest, WhoPassesOverMoreThanThereCanBeGetsNothing) {
  for (const std::uint64_t skip : {std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    EXPECT_EQ(names({.skip = skip}), Names{});
    EXPECT_EQ(names({.sort_by = "displayName", .skip = skip}), Names{});
  }
}

TEST_P(ListingTest, IsSorted) {
  EXPECT_EQ(names({.sort_by = "displayName"}), (Names{"cleo", "bob", "ada"}));
  EXPECT_EQ(names({.sort_by = "displayName", .is_descending = true}),
            (Names{"ada", "bob", "cleo"}));
  EXPECT_EQ(names({.sort_by = "userName", .is_descending = true}), (Names{"cleo", "bob", "ada"}));
  EXPECT_EQ(names({.sort_by = "contractUntil"}), (Names{"ada", "cleo", "bob"})) << "none: last";
  EXPECT_EQ(names({.sort_by = "contractUntil", .is_descending = true}),
            (Names{"bob", "cleo", "ada"}))
      << "none: first (RFC 7644 §3.4.2.3)";
  EXPECT_EQ(names({.sort_by = "emails.value"}), (Names{"ada", "bob", "cleo"}));
  EXPECT_EQ(names({.sort_by = "createdAt", .is_descending = true}), (Names{"cleo", "bob", "ada"}));
  EXPECT_EQ(names({}), (Names{"ada", "bob", "cleo"})) << "as they were entered";
  EXPECT_FALSE(registry_->list("st-mary", Kind::kPerson, {.sort_by = "nickName"}));
}

TEST_P(ListingTest, PagesMakeTheWhole) {
  for (const char* name : {"dora", "emil", "finn", "gus"}) {
    person(name, name[0] < 'f' ? R"(,"title":"chief")" : "");
  }
  for (const std::string sort_by : {"", "title", "displayName", "createdAt", "contractUntil"}) {
    for (const bool is_descending : {false, true}) {
      const Names whole = names({.sort_by = sort_by, .is_descending = is_descending});
      ASSERT_EQ(whole.size(), 7U);
      for (const std::size_t count : {1U, 2U, 3U, 6U, 7U}) {
        Names together;
        Query query{.sort_by = sort_by, .is_descending = is_descending, .count = count};
        do {
          const auto page = registry_->list("st-mary", Kind::kPerson, query);
          ASSERT_TRUE(page) << page.error().message;
          ASSERT_FALSE(page->things.empty()) << "no page is empty";
          for (const Thing& thing : page->things) {
            together.emplace_back(thing.document.json().at("userName").as_string());
          }
          query.cursor = page->next;
        } while (!query.cursor.empty());
        EXPECT_EQ(together, whole) << sort_by << " by " << count;
      }
      for (std::size_t skip = 0; skip < 9; ++skip) {
        const Names rest(
            whole.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(skip, 7)),
            whole.end());
        EXPECT_EQ(names({.sort_by = sort_by, .is_descending = is_descending, .skip = skip}), rest)
            << sort_by << " from " << skip;
      }
    }
  }
}

TEST_P(ListingTest, Totals) {
  const Filter has_title = all({Condition{"title", kPresent}});
  const auto page = registry_->list("st-mary", Kind::kPerson,
                                    {.filter = has_title, .count = 1, .wants_total = true});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->total, 2U);
  EXPECT_EQ(page->things.size(), 1U);
  const auto none = registry_->list("st-mary", Kind::kPerson, {.count = 0, .wants_total = true});
  EXPECT_EQ(none->total, 3U);
  EXPECT_TRUE(none->things.empty());
  EXPECT_EQ(registry_->list("st-mary", Kind::kPerson, {})->total, std::nullopt);
}

TEST_P(ListingTest, CursorsAreOurs) {
  const std::string mine =
      registry_->list("st-mary", Kind::kPerson, {.sort_by = "title", .count = 1})->next;
  ASSERT_FALSE(mine.empty());
  EXPECT_FALSE(registry_->list("st-mary", Kind::kPerson, {.sort_by = "version", .cursor = mine}));
  for (const std::string cursor : {"x", "W10", "WzEsMl0", "e30", "bnVsbA", "WzksImEiLCJiIl0"}) {
    const auto page = registry_->list("st-mary", Kind::kPerson, {.cursor = cursor});
    ASSERT_FALSE(page) << cursor;
    EXPECT_EQ(page.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_P(ListingTest, OthersAreNotListed) {
  mandate_.tenant = "st-luke";
  EXPECT_EQ(names({}), Names{});
  EXPECT_EQ(names({.sort_by = "title"}), Names{});
  EXPECT_EQ(found("userName", kEqual, "ada"), Names{});
  person("zoe");
  EXPECT_EQ(found(none({Condition{"userName", kEqual, "ada"}})), Names{"zoe"});
  EXPECT_EQ(registry_->list("st-luke", Kind::kPerson, {.wants_total = true})->total, 1U);
}

TEST_P(ListingTest, AnAttributeIsMeantBeforeWhatIsKeptOfTheThingItself) {
  const Thing maker = organisation("ACME");
  const Thing module =
      create(Kind::kModule, R"({"displayName":"Drip","manufacturer":")" + maker.id + "\"}");
  for (const std::string number : {"4.10", "4.2"}) {
    create(Kind::kModuleVersion,
           R"({"version":")" + number + R"(","module":")" + module.id + "\"}");
  }
  const Filter filter{
      .parts = {Condition{.path = "version", .comparison = Comparison::kEqual, .operand = "4.2"}}};
  EXPECT_EQ(names({.filter = filter}, Kind::kModuleVersion, "version"),
            std::vector<std::string>{"4.2"});
  EXPECT_EQ(names({.sort_by = "version", .is_descending = true}, Kind::kModuleVersion, "version"),
            (std::vector<std::string>{"4.2", "4.10"}));
}

}  // namespace
}  // namespace wardlock::directory
