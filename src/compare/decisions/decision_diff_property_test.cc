// What holds of every comparison, over random sets of policies and questions.
#include <fmt/format.h>

#include <random>

#include "compare/decisions/two_sets_for_test.h"
#include "pdp/resolve.h"

namespace wardlock::compare {
namespace {

class DiffProperties : public testing::Test {
 protected:
  template <typename T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[std::uniform_int_distribution<std::size_t>(0, choices.size() - 1)(rng_)];
  }

  std::string draw_policy(int number) {
    const std::string_view part = pick<std::string_view>({"P", "P", "P", "O", "F", "W", "B"});
    std::string annotation;
    if (part == "O") annotation = "@override(\"break-glass\")";
    if (part == "W") annotation = "@waivable(\"break-glass\")";
    if (part == "B") annotation = "@obligation(\"mask\")";
    const bool is_permit = part == "P" || part == "O";
    return fmt::format(
        "@id(\"p{}\") {} {} (principal{}, action{}, resource{}){};\n", number, annotation,
        is_permit ? "permit" : "forbid",
        pick<std::string_view>({"", " in Role::\"Clinician\"", " in Role::\"Physician\"",
                                " == User::\"cyd\"", " is User in Role::\"Nurse\""}),
        pick<std::string_view>({"", " == Action::\"view\"", " in [Action::\"edit\"]"}),
        pick<std::string_view>({"", " is Chart", " is LabReport", " == Chart::\"c1\""}),
        part == "O" ? " when { context has override }"
                    : pick<std::string_view>({"", "", " when { context has rate }",
                                              " when { context.rate > 3 }",
                                              " when { context has authentication && "
                                              "context.authentication.level > 1 }"}));
  }

  std::string draw_set() {
    std::string out;
    const int count = pick({0, 1, 2, 4, 8});
    for (int i = 0; i < count; ++i) out += draw_policy(i);
    return out;
  }

  void ask(std::mt19937_64 rng, DecisionDiff& diff) {
    std::swap(rng, rng_);
    constexpr std::array<std::string_view, 1> kFulfils = {"mask"};
    const pdp::Caller caller = comparing_caller("test");
    for (int i = 0; i < kQuestions; ++i) {
      boost::json::object context;
      if (pick({true, false})) context["rate"] = pick({1, 5});
      pdp::AccessRequest access;
      access.principal = {"User", pick<std::string_view>({"ada", "bob", "cyd", "eve", "zoe"})};
      access.action = pick<std::string_view>({"view", "edit", "edit", "steal"});
      access.resource = {pick<std::string_view>({"Chart", "LabReport", "Role"}),
                         pick<std::string_view>({"c1", "c2"})};
      access.context = &context;
      access.caller = &caller;
      if (pick({true, false})) access.supported_obligations = kFulfils;
      access.authentication = pdp::Authentication{.level = pick({0, 2})};
      diff.take({.access = access, .name = "drawn"});
    }
    std::swap(rng, rng_);
  }

  DecisionTable compare(const pdp::Snapshot& one, const pdp::Snapshot& other) {
    DecisionDiff diff(one, other);
    ask(rng_, diff);
    return std::move(diff).finish();
  }

  static constexpr int kQuestions = 60;
  static constexpr int kRuns = 300;
  std::mt19937_64 rng_{20261123};
};

TEST_F(DiffProperties, OfASetWithItselfThereIsNoDifference) {
  for (int run = 0; run < kRuns; ++run) {
    const std::string text = draw_set();
    const auto one = ward_of(text), again = ward_of(text);
    const DecisionTable table = compare(*one, *again);
    ASSERT_EQ(table.changed, 0U) << text;
    ASSERT_TRUE(table.groups.empty());
    rng_.discard(1000);
  }
}

TEST_F(DiffProperties, EachQuestionIsComparedOrLeftOutAndEachChangeCounted) {
  std::uint64_t changed = 0;
  for (int run = 0; run < kRuns; ++run) {
    const auto one = ward_of(draw_set()), other = ward_of(draw_set());
    const DecisionTable table = compare(*one, *other);
    ASSERT_EQ(table.compared + table.all_left_out(), std::uint64_t{kQuestions});
    std::uint64_t grouped = 0, cells = 0;
    for (const ChangeGroup& group : table.groups) grouped += group.count;
    for (const AskedCell& cell : table.asked) cells += cell.asked;
    ASSERT_EQ(grouped, table.changed);
    ASSERT_EQ(cells, table.compared);
    changed += table.changed;
    rng_.discard(1000);
  }
  EXPECT_GT(changed, std::uint64_t{kRuns}) << "the draw finds changes";
}

TEST_F(DiffProperties, TheOtherWayRoundItIsTheMirrorImage) {
  for (int run = 0; run < kRuns; ++run) {
    const auto one = ward_of(draw_set()), other = ward_of(draw_set());
    const DecisionTable table = compare(*one, *other);
    DecisionTable mirrored = compare(*other, *one);
    for (const DecisionChangeWord& word : all_decision_changes()) {
      ASSERT_EQ(table.count_of(word.value), mirrored.count_of(word.mirrored)) << word.name;
    }
    ASSERT_EQ(table.groups.size(), mirrored.groups.size());
    for (const ChangeGroup& group : table.groups) {
      const bool has_image = std::ranges::any_of(mirrored.groups, [&](const ChangeGroup& image) {
        return image.change == word_of(group.change).mirrored && image.role == group.role &&
               image.action == group.action && image.resource_type == group.resource_type &&
               image.before == group.after && image.after == group.before &&
               image.count == group.count && image.people == group.people;
      });
      ASSERT_TRUE(has_image) << group.role << group.action << group.resource_type;
    }
    rng_.discard(1000);
  }
}

bool is_same(const DecisionTable& one, const DecisionTable& other) {
  return one.compared == other.compared && one.changed == other.changed &&
         one.all_left_out() == other.all_left_out() &&
         std::ranges::equal(
             one.groups, other.groups, [](const ChangeGroup& a, const ChangeGroup& b) {
               return a.change == b.change && a.role == b.role && a.action == b.action &&
                      a.before == b.before && a.after == b.after && a.count == b.count;
             });
}

// What a question means is then found out once for both.
TEST_F(DiffProperties, ThatBothShareTheirEntitiesChangesNothing) {
  for (int run = 0; run < kRuns; ++run) {
    const std::string before = draw_set(), after = draw_set();
    const auto one = ward_of(before), apart = ward_of(after);
    const auto beside = ward_of(after, kWardSchema, kWardEntities, one.get());
    ASSERT_TRUE(pdp::resolve_alike(*one, *beside));
    ASSERT_FALSE(pdp::resolve_alike(*one, *apart));
    ASSERT_TRUE(is_same(compare(*one, *beside), compare(*one, *apart))) << before << after;
    rng_.discard(1000);
  }
}

}  // namespace
}  // namespace wardlock::compare
