// A search for the resources that somebody may view, beside deciding all of them one by one.
//
// usage: wardlock_search_bench
//
// 100,000 charts of which 50 may be viewed: by the care team, by the ward, by their owner; forbids
// besides. Both ways find the same, in one process, or the run fails; so it does where searching
// takes more than a hundredth.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "pdp/access.h"
#include "search/search.h"

namespace {

using namespace wardlock;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int kCharts = 100'000;
constexpr std::size_t kMatching = 50;
constexpr double kLeastRatio = 100;
constexpr int kSearches = 101;
constexpr std::int64_t kNow = 1'800'000'000'000;

constexpr char kSchema[] = R"(
  entity Ward;
  entity User in [Ward] = { wards: Set<Ward> };
  entity Chart in [Ward] = { owner: User, team: Set<User>, sealed: Bool, consult?: { by: User } };
  action view, edit appliesTo { principal: User, resource: Chart, context: { now: datetime } };
)";

constexpr char kPolicies[] = R"(
  @id("team") permit (principal is User, action == Action::"view", resource is Chart)
  when { resource.team.contains(principal) };
  @id("ward") permit (principal, action == Action::"view", resource) when { resource in principal.wards };
  @id("owner") permit (principal, action, resource) when { resource.owner == principal };
  @id("consult") permit (principal, action == Action::"view", resource)
  when { resource has consult && resource.consult.by == principal };
  @id("director") permit (principal in Ward::"all", action == Action::"view", resource);
  @id("sealed") forbid (principal, action, resource) when { resource.sealed && resource.owner != principal };
  @id("later") forbid (principal, action, resource) unless { context.now > datetime("2020-01-01") };
)";

std::string uid(std::string_view type, std::string_view id) {
  return fmt::format(R"({{"type":"{}","id":"{}"}})", type, id);
}

/// Chart `i` is of ward `i / 10`, and its people are far from dr-0, but for some.
std::string chart(int i) {
  const std::string other = fmt::format("dr-{}", 1 + i % 5000);
  const bool is_owned = i % 10'000 == 17;   // ten
  const bool is_cared = i % 4'000 == 23;    // twenty-five
  const bool is_sealed = i % 20'000 == 23;  // five of these
  return fmt::format(
      R"({{"uid":{},"parents":[{}],"attrs":{{"owner":{{"__entity":{}}},"sealed":{},"team":[{{"__entity":{}}}]}}}})",
      uid("Chart", fmt::format("c-{}", i)), uid("Ward", fmt::format("w-{}", i / 10)),
      uid("User", is_owned ? "dr-0" : other), is_sealed, uid("User", is_cared ? "dr-0" : other));
}

std::string entities() {
  // Two wards with ten charts each.
  std::string text = fmt::format(
      R"([{{"uid":{},"parents":[],"attrs":{{"wards":[{{"__entity":{}}},{{"__entity":{}}}]}}}})",
      uid("User", "dr-0"), uid("Ward", "w-77"), uid("Ward", "w-5000"));
  for (int i = 0; i < kCharts; ++i) text += "," + chart(i);
  return text + "]";
}

struct Asked {
  const pdp::Snapshot& snapshot;
  pdp::AccessRequest access;
};

std::vector<std::string> decide_all(Asked asked) {
  std::vector<std::string> found;
  for (const cedar::Entity* entity : asked.snapshot.entities.entities()) {
    if (entity->uid()->type != "Chart") continue;
    asked.access.resource.id = entity->uid()->id;
    if (pdp::is_allowed(asked.snapshot, asked.access, kNow).value_or(false)) {
      found.emplace_back(entity->uid()->id);
    }
  }
  std::ranges::sort(found);
  return found;
}

search::Found find(const Asked& asked) {
  auto found = search::search(asked.snapshot, {search::Sought::kResource, asked.access}, {}, kNow);
  if (found) return *std::move(found);
  fmt::print(stderr, "{}\n", found.error().message);
  std::exit(1);
}

/// Of this process alone, whatever else the machine does.
Milliseconds processor_time() {
  return std::chrono::duration<double>(static_cast<double>(std::clock()) / CLOCKS_PER_SEC);
}

template <typename Work>
Milliseconds time(Work work) {
  const auto begin = Clock::now();
  work();
  return Clock::now() - begin;
}

std::shared_ptr<const pdp::Snapshot> build() {
  const pdp::Sources sources{.policies = {{"bench.cedar", kPolicies}},
                             .schemas = {{"bench.cedarschema", kSchema}},
                             .entities = pdp::Source{"entities.json", entities()}};
  auto snapshot = pdp::build_snapshot(sources, pdp::Mode::kStrict);
  if (snapshot) return *snapshot;
  fmt::print(stderr, "{}\n", snapshot.error().message);
  std::exit(1);
}

}  // namespace

int main() {
  const auto snapshot = build();
  const pdp::Caller caller = pdp::Caller::unrestricted("bench");
  Asked asked{.snapshot = *snapshot, .access = {}};
  asked.access.principal = {"User", "dr-0"};
  asked.access.action = "view";
  asked.access.resource = {"Chart", ""};
  asked.access.caller = &caller;

  search::Found found;
  const Milliseconds before = processor_time();
  found = find(asked);
  const Milliseconds first = processor_time() - before;
  std::vector<std::string> decided;
  std::vector<Milliseconds> all, searches;
  for (int i = 0; i < 3; ++i) all.push_back(time([&] { decided = decide_all(asked); }));
  for (int i = 0; i < kSearches; ++i) searches.push_back(time([&] { found = find(asked); }));
  std::ranges::sort(searches);
  const Milliseconds one_by_one = std::ranges::min(all), search = searches[kSearches / 2];
  const double ratio = one_by_one / search;
  fmt::print("{} charts, {} found by {} decisions\n", kCharts, found.ids.size(), found.decisions);
  fmt::print("deciding all      {:>10.3f} ms (best of 3)\n", one_by_one.count());
  fmt::print("search            {:>10.3f} ms (median of {}; longest {:.3f})\n", search.count(),
             kSearches, searches.back().count());
  fmt::print("the first search  {:>10.3f} ms of processor time, with making its index\n",
             first.count());
  fmt::print("ratio             {:>10.0f}x, at least {:.0f}x is demanded\n", ratio, kLeastRatio);
  const bool is_right = found.ids == decided && decided.size() == kMatching && !found.rest;
  if (!is_right) fmt::print("the two ways differ: {} were decided\n", decided.size());
  return is_right && ratio >= kLeastRatio ? 0 : 1;
}
