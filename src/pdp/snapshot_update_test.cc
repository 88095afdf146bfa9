// What a snapshot shares with the one before it, and that readers of neither notice.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "base/published.h"
#include "pdp/access.h"
#include "pdp/resolve.h"
#include "pdp/snapshot.h"

namespace wardlock::pdp {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

constexpr std::string_view kSchema = R"(
  entity Ward;
  entity User in [Ward] = { level: Long };
  entity Chart in [Ward] = { level: Long };
  action view appliesTo { principal: User, resource: Chart, context: { now: datetime } };
)";
constexpr std::string_view kPolicies = R"(
  permit (principal in Ward::"w", action == Action::"view", resource in Ward::"w")
  when { principal.level == resource.level };)";

/// A hundred users and charts on a ward, all of one level.
std::string entities_json(int level, int charts = 100) {
  std::string json = R"([{"uid": {"type": "Ward", "id": "w"}, "attrs": {}, "parents": []})";
  const auto add = [&](const char* type, int id, int its_level) {
    json += fmt::format(
        R"(,{{"uid": {{"type": "{}", "id": "{}"}}, "attrs": {{"level": {}}},
            "parents": [{{"type": "Ward", "id": "w"}}]}})",
        type, id, its_level);
  };
  for (int i = 0; i < 100; ++i) add("User", i, i < 3 ? level : 0);
  for (int i = 0; i < charts; ++i) add("Chart", i, i < 3 ? level : 0);
  return json + "]";
}

Sources sources(std::string entities) {
  Sources made;
  made.policies = {{"a.cedar", std::string(kPolicies)}};
  made.schemas = {{"a.cedarschema", std::string(kSchema)}};
  made.entities = Source{"entities.json", std::move(entities)};
  return made;
}

std::shared_ptr<const Snapshot> build(const Sources& from, const Snapshot* before = nullptr,
                                      std::uint64_t revision = 1) {
  auto built = build_snapshot(from, {.revision = revision}, before);
  EXPECT_TRUE(built) << built.error().message;
  return built ? *built : nullptr;
}

bool is_permitted(const Snapshot& snapshot, std::string_view user, std::string_view chart) {
  const Caller caller = Caller::unrestricted("test");
  Arena arena;
  AccessRequest request;
  request.principal = {"User", user, nullptr};
  request.action = "view";
  request.resource = {"Chart", chart, nullptr};
  request.caller = &caller;
  const auto decision = decide(snapshot, request, kNow, arena);
  return decision && decision->is_allowed;
}

const cedar::Entity* find(const Snapshot& snapshot, std::string_view type, std::string_view id) {
  return snapshot.entities.find({type, id, cedar::hash_uid(type, id)});
}

TEST(SnapshotUpdate, OtherEntitiesLeaveTheRestAsItIs) {
  const auto first = build(sources(entities_json(1)));
  const auto second = build(sources(entities_json(2)), first.get(), 2);
  EXPECT_EQ(second->rulebook, first->rulebook);
  EXPECT_EQ(second->revision, 2U);
  EXPECT_EQ(find(*second, "Chart", "50"), find(*first, "Chart", "50"));
  EXPECT_NE(find(*second, "Chart", "1"), find(*first, "Chart", "1"));
  EXPECT_TRUE(is_permitted(*second, "1", "2"));
  EXPECT_FALSE(is_permitted(*second, "1", "50"));
  EXPECT_TRUE(is_permitted(*first, "1", "2"));
}

TEST(SnapshotUpdate, EntitiesComeAndGo) {
  const auto first = build(sources(entities_json(1)));
  const auto fewer = build(sources(entities_json(1, 60)), first.get());
  EXPECT_EQ(fewer->rulebook, first->rulebook);
  EXPECT_EQ(fewer->entities.size() + 40, first->entities.size());
  EXPECT_EQ(find(*fewer, "Chart", "70"), nullptr);
  EXPECT_FALSE(is_permitted(*fewer, "50", "70"));
  const auto more = build(sources(entities_json(1, 110)), fewer.get());
  EXPECT_TRUE(is_permitted(*more, "50", "105"));
}

TEST(SnapshotUpdate, OtherPoliciesAreReadAndTheEntitiesShared) {
  const auto first = build(sources(entities_json(1)));
  Sources other = sources(entities_json(1));
  other.policies.front().text += "\nforbid (principal, action, resource);";
  const auto forbidding = build(other, first.get());
  EXPECT_NE(forbidding->rulebook, first->rulebook);
  EXPECT_NE(forbidding->policy_set(), first->policy_set());
  EXPECT_EQ(find(*forbidding, "Chart", "50"), find(*first, "Chart", "50"));
  EXPECT_FALSE(is_permitted(*forbidding, "1", "2"));
  EXPECT_TRUE(is_permitted(*first, "1", "2"));
}

TEST(SnapshotUpdate, AnotherNameOrSchemaIsNotTheSame) {
  const auto first = build(sources(entities_json(1)));
  Sources renamed = sources(entities_json(1));
  renamed.policies.front().name = "b.cedar";
  EXPECT_NE(build(renamed, first.get())->rulebook, first->rulebook);
  Sources wider = sources(entities_json(1));
  wider.schemas.front().text += "entity Other;";
  EXPECT_NE(build(wider, first.get())->rulebook, first->rulebook);
  EXPECT_EQ(build(sources(entities_json(1)), first.get())->rulebook, first->rulebook);
}

TEST(SnapshotUpdate, WhollyOtherEntitiesAreCompiledFor) {
  const auto first = build(sources("[]"));
  const auto second = build(sources(entities_json(1)), first.get());
  EXPECT_NE(second->rulebook, first->rulebook);
  EXPECT_TRUE(is_permitted(*second, "1", "2"));
}

TEST(SnapshotUpdate, RefusedEntitiesChangeNothing) {
  const auto first = build(sources(entities_json(1)));
  for (const char* wrong :
       {"[{", R"([{"uid": {"type": "Nobody", "id": "x"}, "attrs": {}, "parents": []}])",
        R"([{"uid": {"type": "User", "id": "1"}, "attrs": {"level": "1"}, "parents": []}])"}) {
    EXPECT_FALSE(build_snapshot(sources(wrong), {}, first.get())) << wrong;
  }
  EXPECT_TRUE(is_permitted(*first, "1", "2"));
  EXPECT_EQ(build(sources(entities_json(2)), first.get())->rulebook, first->rulebook);
}

/// In each version users and charts have the same level; who saw half of a change would be denied.
TEST(SnapshotUpdate, DecisionsSeeOneVersion) {
  Published<Snapshot> published(build(sources(entities_json(0))));
  std::atomic<bool> is_done = false;
  std::atomic<int> denied = 0, asked = 0;
  std::vector<std::thread> readers;
  for (int thread = 0; thread < 2; ++thread) {
    readers.emplace_back([&] {
      Published<Snapshot>::Reader reader(published);
      while (!is_done) {
        denied += reader.read([](const Snapshot& each) { return !is_permitted(each, "0", "1"); });
        ++asked;
      }
    });
  }
  std::shared_ptr<const Snapshot> newest = build(sources(entities_json(0)));
  published.publish(newest);
  for (int level = 1; level <= 60; ++level) {
    Sources next = sources(entities_json(level, 100 + level % 3));
    if (level % 10 == 0) next.policies.front().text += fmt::format("// {}", level);
    newest = build(next, newest.get(), static_cast<std::uint64_t>(level));
    published.publish(newest);
  }
  is_done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(denied, 0);
  EXPECT_GT(asked, 0);
}

// Policies may differ, and nothing that a question's meaning comes from.
TEST(SnapshotUpdate, QuestionsAreResolvedAlikeOnlyWhereAllThatTheyMeanIsShared) {
  const Sources first = sources(entities_json(1));
  const auto one = build(first);
  EXPECT_TRUE(resolve_alike(*one, *one));
  EXPECT_FALSE(resolve_alike(*one, *build(first))) << "equal, and not shared";

  Sources other_policies = first;
  other_policies.policies[0].text += "permit (principal, action, resource);";
  EXPECT_TRUE(resolve_alike(*one, *build(other_policies, one.get())));

  EXPECT_FALSE(resolve_alike(*one, *build(sources(entities_json(2)), one.get())));

  Sources other_schema = first;
  other_schema.schemas[0].text += "entity Bed;";
  EXPECT_FALSE(resolve_alike(*one, *build(other_schema, one.get())));

  Sources other_names = first;
  other_names.types = *TypeMapping::create({{"user", "User"}}, std::nullopt);
  EXPECT_FALSE(resolve_alike(*one, *build(other_names, one.get())));

  Sources fewer_principals = first;
  fewer_principals.types = *TypeMapping::create({}, std::vector<std::string>{"Chart"});
  EXPECT_FALSE(resolve_alike(*one, *build(fewer_principals, one.get())));

  const auto plain = build_snapshot(other_policies, {.mode = Mode::kCedar}, one.get());
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_FALSE(resolve_alike(*one, **plain));
}

}  // namespace
}  // namespace wardlock::pdp
