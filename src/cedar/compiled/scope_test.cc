#include "cedar/compiled/scope.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "cedar/compiled/scope_index.h"
#include "cedar/compiled/scope_masks.h"
#include "cedar/evaluator/evaluator.h"
#include "cedar/parser/parser.h"

namespace wardlock::cedar {
namespace {

PolicySet parse(const std::string& text) {
  auto policies = parse_policies(text);
  EXPECT_TRUE(policies) << text;
  return std::move(*policies);
}

/// Entities `A::"0"` to `D::"9"`; each is in some of a smaller number.
EntityStore random_store(std::mt19937& random) {
  EntityStore::Builder builder;
  for (int i = 0; i < 10; ++i) {
    for (const char type : {'A', 'B', 'C', 'D'}) {
      std::vector<const EntityUid*> parents;
      for (int j = 0; j < i; ++j) {
        if (random() % 8 != 0) continue;
        parents.push_back(
            builder.intern(std::string(1, "ABCD"[random() % 4]), fmt::format("{}", j)));
      }
      EXPECT_TRUE(builder.add({.uid = builder.intern(std::string(1, type), fmt::format("{}", i)),
                               .parents = builder.arena().copy(parents)}));
    }
  }
  return *std::move(builder).build();
}

/// Scopes of every kind, some about what no store has.
class ScopeMaker {
 public:
  explicit ScopeMaker(std::mt19937& random) : random_(random) {}

  std::string policy() {
    return fmt::format("permit ({}, {}, {});\n", part("principal"), action(), part("resource"));
  }
  std::string type() { return std::string(1, "ABCDE"[random_() % 5]); }
  std::string id() { return fmt::format("{}", random_() % 11); }

 private:
  std::string uid() { return fmt::format("{}::\"{}\"", type(), id()); }
  std::string part(const char* variable) {
    switch (random_() % 5) {
      case 0: return variable;
      case 1: return fmt::format("{} == {}", variable, uid());
      case 2: return fmt::format("{} in {}", variable, uid());
      case 3: return fmt::format("{} is {}", variable, type());
      default: return fmt::format("{} is {} in {}", variable, type(), uid());
    }
  }
  std::string action() {
    const auto one = [&] { return fmt::format("Action::\"{}\"", random_() % 4); };
    switch (random_() % 4) {
      case 0: return "action";
      case 1: return "action == " + one();
      case 2: return "action in " + one();
      default: break;
    }
    std::vector<std::string> several(random_() % 4);
    for (std::string& each : several) each = one();
    return fmt::format("action in [{}]", fmt::join(several, ", "));
  }

  std::mt19937& random_;
};

template <typename Found>
std::vector<std::uint32_t> listed(const Found& found) {
  return {found.begin(), found.end()};
}

/// Both ways to find policies by their scopes.
template <typename Search>
class ScopeSearchTest : public testing::Test {
 protected:
  std::vector<std::uint32_t> find(const Search& search, const Request& request,
                                  const EntityStore& store, StepBudget& budget) {
    RequestEntities entities(request, store);
    return listed(search.find(entities, arena_, budget));
  }
  std::vector<std::uint32_t> find(const PolicySet& policies, const Request& request,
                                  const EntityStore& store = EntityStore()) {
    StepBudget budget;
    return find(Search(scopes_of(policies.policies(), &store)), request, store, budget);
  }
  Request request(std::string_view principal_type, std::string_view principal,
                  std::string_view action, std::string_view type, std::string_view resource) {
    return {make_uid(arena_, principal_type, principal), make_uid(arena_, "Action", action),
            make_uid(arena_, type, resource), make_record(arena_, {})};
  }

  Arena arena_;
};
using Searches = testing::Types<ScopeMasks, ScopeIndex>;
TYPED_TEST_SUITE(ScopeSearchTest, Searches);

TYPED_TEST(ScopeSearchTest, FindsWhatTheEvaluatorSaysHolds) {
  using Expected = std::vector<std::uint32_t>;
  std::mt19937 random(1);
  std::size_t found = 0;
  for (int round = 0; round < 60; ++round) {
    const EntityStore store = random_store(random), other = random_store(random);
    ScopeMaker maker(random);
    std::string text;
    const std::size_t count = round % 3 == 0 ? ScopeMasks::kMostPolicies : random() % 20;
    for (std::size_t i = 0; i < count; ++i) text += maker.policy();
    const PolicySet policies = parse(text);
    const TypeParam search(scopes_of(policies.policies(), round % 2 == 0 ? &store : nullptr));
    for (int i = 0; i < 50; ++i) {
      const std::string principal_type = maker.type(), type = maker.type();
      const Request request = this->request(principal_type, maker.id(),
                                            fmt::format("{}", random() % 5), type, maker.id());
      // Stores that the scopes were not read with are decided about as well.
      for (const EntityStore* each : {&store, &other}) {
        Evaluator evaluator(request, *each, this->arena_);
        Expected expected;
        for (std::uint32_t place = 0; place < policies.policies().size(); ++place) {
          if (*evaluator.is_satisfied(policies.policies()[place])) expected.push_back(place);
        }
        StepBudget budget;
        ASSERT_EQ(this->find(search, request, *each, budget), expected) << text;
        found += expected.size();
      }
    }
  }
  EXPECT_GT(found, 3'000U);
}

TYPED_TEST(ScopeSearchTest, TheLastOf64IsFound) {
  std::string text;
  for (int i = 0; i < 64; ++i) {
    text += fmt::format("permit (principal == A::\"{}\", action, resource is B);", i);
  }
  const PolicySet policies = parse(text);
  for (const std::uint32_t i : {0U, 31U, 32U, 62U, 63U}) {
    const Request request = this->request("A", fmt::format("{}", i), "x", "B", "1");
    EXPECT_EQ(this->find(policies, request), std::vector{i});
  }
  EXPECT_TRUE(this->find(policies, this->request("A", "64", "x", "B", "1")).empty());
  EXPECT_TRUE(this->find(policies, this->request("A", "63", "x", "C", "1")).empty());
}

TYPED_TEST(ScopeSearchTest, NoActionOfNoneIsMet) {
  const PolicySet policies = parse(
      "permit (principal, action in [], resource);"
      "permit (principal, action in [Action::\"x\", Action::\"x\"], resource);");
  EXPECT_EQ(this->find(policies, this->request("A", "1", "x", "A", "1")),
            std::vector<std::uint32_t>{1});
  EXPECT_TRUE(this->find(policies, this->request("A", "1", "y", "A", "1")).empty());
}

TYPED_TEST(ScopeSearchTest, ATypeIsItsWholeName) {
  const PolicySet policies = parse(
      "permit (principal is A, action, resource);"
      "permit (principal is N::A, action, resource);");
  const auto of_type = [&](std::string_view type) {
    return this->find(policies, this->request(type, "1", "x", "A", "1"));
  };
  EXPECT_EQ(of_type("A"), std::vector<std::uint32_t>{0});
  EXPECT_EQ(of_type("N::A"), std::vector<std::uint32_t>{1});
  EXPECT_TRUE(of_type("N").empty());
  EXPECT_TRUE(of_type("").empty());
}

TYPED_TEST(ScopeSearchTest, SaysThatTheStepsDidNotSuffice) {
  std::mt19937 random(7);
  const EntityStore store = random_store(random);
  ScopeMaker maker(random);
  std::string text;
  for (int i = 0; i < 60; ++i) text += maker.policy();
  const PolicySet policies = parse(text);
  const TypeParam search(scopes_of(policies.policies(), &store));
  for (const char* id : {"9", "8", "7"}) {
    const Request request = this->request("A", id, "1", "B", id);
    StepBudget enough;
    const auto all = this->find(search, request, store, enough);
    std::uint64_t steps = 0;
    for (;; ++steps) {
      ASSERT_LT(steps, 1'000U);
      StepBudget budget(steps);
      const auto found = this->find(search, request, store, budget);
      if (budget.is_used_up()) continue;
      EXPECT_EQ(found, all);
      break;
    }
    // With more it is never said again.
    StepBudget budget(steps + 1);
    this->find(search, request, store, budget);
    EXPECT_FALSE(budget.is_used_up());
  }
}

TEST(TypeNumbers, AreOneForEachType) {
  for (const std::uint32_t count : {1U, 8U, 9U, 100U}) {
    TypeNumbers types;
    EXPECT_EQ(types.end(), 1U);
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < count; ++i) names.push_back(fmt::format("T{}", i));
    for (std::uint32_t i = 0; i < count; ++i) EXPECT_EQ(types.add(names[i]), i + 1);
    for (std::uint32_t i = 0; i < count; ++i) {
      EXPECT_EQ(types.add(names[i]), i + 1);
      EXPECT_EQ(types.find(std::string(names[i])), i + 1);
    }
    EXPECT_EQ(types.end(), count + 1);
    EXPECT_EQ(types.find("T"), 0U);
    EXPECT_EQ(types.find(""), 0U);
  }
}

TEST(Scopes, EqualLiteralsBecomeTheStoresUid) {
  EntityStore::Builder builder;
  ASSERT_TRUE(builder.add({.uid = builder.intern("G", "1")}));
  const EntityStore store = *std::move(builder).build();
  const PolicySet policies = parse(
      "permit (principal in G::\"1\", action, resource in G::\"2\");"
      "permit (principal == G::\"2\", action, resource == G::\"1\");");
  const Scopes scopes = scopes_of(policies.policies(), &store);
  EXPECT_EQ(scopes.all[0].principal.entity, store.find({"G", "1", hash_uid("G", "1")})->uid());
  EXPECT_EQ(scopes.all[1].resource.entity, scopes.all[0].principal.entity);
  EXPECT_EQ(scopes.all[1].principal.entity, scopes.all[0].resource.entity);
  const Scopes without = scopes_of(policies.policies(), nullptr);
  EXPECT_NE(without.all[0].principal.entity, scopes.all[0].principal.entity);
  EXPECT_EQ(*without.all[0].principal.entity, *scopes.all[0].principal.entity);
}

}  // namespace
}  // namespace wardlock::cedar
