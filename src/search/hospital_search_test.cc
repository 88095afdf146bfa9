// A search finds what deciding one by one allows, over the worked example.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "search/search.h"

namespace wardlock::search {
namespace {

constexpr std::int64_t kNow = 1'798'000'000'000;  // 2026-12-23
constexpr std::array<std::string_view, 2> kMethods = {"otp", "hwk"};
constexpr int kQuestions = 500;

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<const pdp::Snapshot> hospital() {
  const std::filesystem::path folder = WARDLOCK_SOURCE_DIR "/policies/hospital";
  pdp::Sources sources{.entities = pdp::Source{"entities.json", read(folder / "entities.json")}};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.ends_with(".cedar")) sources.policies.push_back({name, read(entry)});
    if (name.ends_with(".cedarschema")) sources.schemas.push_back({name, read(entry)});
  }
  auto snapshot = pdp::build_snapshot(sources, pdp::Mode::kStrict);
  if (snapshot) return *snapshot;
  ADD_FAILURE() << snapshot.error().message;
  std::abort();
}

class HospitalSearch : public testing::Test {
 protected:
  template <typename List>
  const auto& pick(const List& list) {
    return list[std::uniform_int_distribution<std::size_t>(0, list.size() - 1)(rng_)];
  }

  /// One whom the action is for, or none where there is none.
  const cedar::EntityUid* pick_of(std::span<const std::string_view> types) {
    std::vector<const cedar::EntityUid*> uids;
    for (const cedar::Entity* entity : snapshot_->entities.entities()) {
      if (std::ranges::find(types, entity->uid()->type) != types.end())
        uids.push_back(entity->uid());
    }
    return uids.empty() ? nullptr : pick(uids);
  }

  std::vector<std::string> decide_all(const Query& query, std::string_view type) {
    std::vector<std::string> allowed;
    for (const cedar::Entity* entity : snapshot_->entities.entities()) {
      if (entity->uid()->type != type) continue;
      Query one = query;
      (query.sought == Sought::kPrincipal ? one.access.principal : one.access.resource).id =
          entity->uid()->id;
      Arena arena;
      const auto decision = pdp::decide(*snapshot_, one.access, kNow, arena);
      if (decision && decision->is_allowed) allowed.emplace_back(entity->uid()->id);
    }
    std::ranges::sort(allowed);
    return allowed;
  }

  std::vector<std::string> find(const Query& query) {
    const auto found = search(*snapshot_, query, {}, kNow);
    if (!found) return {};  // nobody is allowed what cannot be asked
    decisions_ += found->decisions;
    EXPECT_FALSE(found->rest);
    return found->ids;
  }

  std::mt19937_64 rng_{7};
  std::shared_ptr<const pdp::Snapshot> snapshot_ = hospital();
  pdp::Caller caller_ = pdp::Caller::unrestricted("test");
  std::size_t decisions_ = 0;
};

TEST_F(HospitalSearch, FindsWhatDecidingOneByOneAllows) {
  std::size_t found = 0, possible = 0;
  for (int i = 0; i < kQuestions; ++i) {
    const cedar::ActionType& action = pick(snapshot_->schema()->actions());
    const cedar::EntityUid* principal = pick_of(action.principals);
    const cedar::EntityUid* resource = pick_of(action.resources);
    if (principal == nullptr || resource == nullptr) continue;
    Query query;
    query.access.principal = {principal->type, principal->id};
    query.access.action = action.uid->id;
    query.access.resource = {resource->type, resource->id};
    query.access.caller = &caller_;
    query.access.authentication = pdp::Authentication{.level = 3, .methods = kMethods};
    if (!snapshot_->grants.empty()) query.access.grant = pick(snapshot_->grants).id;
    for (const Sought sought : {Sought::kPrincipal, Sought::kResource}) {
      query.sought = sought;
      const std::string_view type = sought == Sought::kPrincipal ? principal->type : resource->type;
      const auto expected = decide_all(query, type);
      EXPECT_EQ(find(query), expected) << query.access.action << " " << principal->id << " "
                                       << resource->type << " " << resource->id;
      found += expected.size();
      possible += snapshot_->index.find_type(type)->entities().size();
    }
  }
  EXPECT_GT(found, 100U);
  EXPECT_LT(decisions_, possible / 2) << "of " << possible;
  RecordProperty("decisions", static_cast<int>(decisions_));
}

}  // namespace
}  // namespace wardlock::search
