// What it takes to find out what a decision stands on besides rights.

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "bench/access/parts.h"
#include "bench/access/world.h"
#include "pdp/approved.h"
#include "pdp/consented.h"
#include "pdp/delegated.h"
#include "pdp/override.h"
#include "pdp/resolve.h"
#include "server/policy_files.h"
#include "suite/run.h"

namespace wardlock::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kRounds = 15;
constexpr double kMostRatio = 1.5;
/// So that a round of a few questions takes some milliseconds.
constexpr std::size_t kDecisionsARound = 20'000;
/// Of each: as many as a hospital has.
constexpr std::size_t kThere = 1'000;

/// Of this process alone, whatever else the machine does.
double processor_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Two things done in turns: microseconds each of so many, and the ratio of what they took, each
/// the median of the rounds'.
struct Beside {
  double one = 0;
  double other = 0;
  double ratio = 0;
};

Beside measure(std::size_t count, const std::function<void()>& one,
               const std::function<void()>& other) {
  std::vector<double> ones, others, ratios;
  const std::size_t times = std::max<std::size_t>(kDecisionsARound / count, 1);
  const auto micros = [&](const std::function<void()>& work) {
    const double begin = processor_seconds();
    for (std::size_t i = 0; i < times; ++i) work();
    return (processor_seconds() - begin) * 1e6 / static_cast<double>(count * times);
  };
  for (int round = 0; round < kRounds; ++round) {
    ones.push_back(micros(one));
    others.push_back(micros(other));
    ratios.push_back(others.back() / ones.back());
  }
  return {.one = median(ones), .other = median(others), .ratio = median(ratios)};
}

/// One file of the hospital's policy tests, with what it says there is and without what accesses
/// stand on.
struct TestedWorld {
  suite::SuiteFile file;
  std::shared_ptr<const pdp::Snapshot> with;
  std::shared_ptr<const pdp::Snapshot> without;
  std::vector<const suite::Test*> asked = {};  ///< what can be asked of both
};

Result<TestedWorld> read_tests(const std::string& path, const pdp::Sources& folder) {
  const pdp::Source source = TRY(server::read_source(path));
  auto suite = suite::read_suite(source.text);
  if (!suite) return std::unexpected(to_error(suite.error(), source.text, source.name));
  TestedWorld world{.file = {.name = source.name, .text = source.text, .suite = *std::move(suite)},
                    .with = nullptr,
                    .without = nullptr};
  const pdp::Sources sources = suite::sources_for(world.file, folder);
  world.with = TRY(pdp::build_snapshot(sources, pdp::Mode::kStrict));
  const pdp::Sources bare = TRY(without_access(sources));
  world.without = TRY(pdp::build_snapshot(bare, pdp::Mode::kStrict));
  return world;
}

Result<std::vector<std::unique_ptr<TestedWorld>>> read_all_tests(const std::string& policies) {
  pdp::Sources folder = TRY(server::read_policies(policies));
  folder.entities = TRY(server::read_source(policies + "/entities.json"));
  std::vector<std::string> paths;
  for (const auto& each : fs::directory_iterator(policies + "/tests")) {
    if (each.path().string().ends_with(".test.yaml")) paths.push_back(each.path().string());
  }
  std::ranges::sort(paths);
  std::vector<std::unique_ptr<TestedWorld>> worlds;
  for (const std::string& path : paths) {
    worlds.push_back(std::make_unique<TestedWorld>(TRY(read_tests(path, folder))));
  }
  return worlds;
}

/// What all is decided by: who asks, and memory that is used again.
struct Desk {
  pdp::Caller caller = pdp::Caller::unrestricted("bench");
  std::vector<std::byte> memory = std::vector<std::byte>(std::size_t{64} << 10);
  std::size_t allowed = 0;

  void decide(const pdp::Snapshot& snapshot, const pdp::AccessRequest& access, std::int64_t at) {
    Arena arena{std::span(memory)};
    const auto decided = pdp::decide(snapshot, access, at, arena);
    allowed += decided && decided->is_allowed ? 1 : 0;
  }
};

bool say(std::string_view what, const Beside& found) {
  const bool holds = found.ratio <= kMostRatio;
  fmt::print("  {:<22} {:>6.2f} us without, {:>6.2f} us with   {:.2f} x, at most {} x{}\n", what,
             found.one, found.other, found.ratio, kMostRatio, holds ? "" : "   NOT MET");
  return holds;
}

/// All questions of the hospital's policy tests, where what they may stand on is there and where it
/// is not.
Result<bool> measure_tests(const std::string& policies) {
  const auto worlds = TRY(read_all_tests(policies));
  Desk desk;
  desk.caller.may_explain = false;
  Arena lasting;
  struct Asked {
    const TestedWorld* world;
    pdp::AccessRequest access;
    std::int64_t at;
  };
  std::vector<Asked> questions;
  for (const auto& world : worlds) {
    for (const suite::Test& test : world->file.suite.tests) {
      const Asked asked{.world = world.get(),
                        .access = suite::to_request(test.asked, desk.caller, lasting),
                        .at = test.asked.at};
      Arena arena;
      if (pdp::decide(*world->with, asked.access, asked.at, arena)) questions.push_back(asked);
    }
  }
  const Beside found = measure(
      questions.size(),
      [&] {
        for (const Asked& each : questions) desk.decide(*each.world->without, each.access, each.at);
      },
      [&] {
        for (const Asked& each : questions) desk.decide(*each.world->with, each.access, each.at);
      });
  fmt::print("context: {} questions of the hospital's policy tests\n", questions.size());
  return say("all of them", found);
}

/// A question as it stands before its context is found.
struct Prepared {
  AccessQuestion asked;
  cedar::Request request;
};

/// What `pdp::decide` does to find what this question stands on, and nothing else: no rule is
/// applied.
void find_context(const pdp::Snapshot& snapshot, const Prepared& prepared, Arena& arena) {
  const cedar::EntityView entities(snapshot.entities);
  cedar::Request request = prepared.request;
  request.context = pdp::with_consent(snapshot, request, entities, kAskedAt, arena).context;
  const pdp::Approval* const approval = pdp::find_approval(snapshot, request, kAskedAt);
  if (approval != nullptr) request.context = pdp::with_approval(request.context, *approval, arena);
  const pdp::Question question{.request = request, .entities = entities, .now = kAskedAt};
  const pdp::Grant* const grant = pdp::find_grant(snapshot, prepared.asked.grant);
  if (grant != nullptr && pdp::covers(*grant, question)) {
    static_cast<void>(pdp::with_override(request, *grant, arena));
  }
  if (prepared.asked.standing != Standing::kDelegation) return;
  for (const pdp::Delegation& each :
       pdp::delegations_to(snapshot.delegations, *request.principal)) {
    if (!pdp::covers(each, question)) continue;
    cedar::Request delegates = request;
    delegates.context = pdp::with_delegation(request.context, each, arena);
    static_cast<void>(pdp::with_consent(snapshot, delegates, entities, kAskedAt, arena));
    cedar::Request delegators = request;
    delegators.principal = &each.delegator;
    static_cast<void>(pdp::with_consent(snapshot, delegators, entities, kAskedAt, arena));
    return;
  }
}

/// Decisions that stand on one thing, and what of them is to find it. The first figure is what a
/// decision takes without that.
Result<bool> measure_standing(const AccessWorld& world, const pdp::Snapshot& there,
                              Standing standing) {
  Desk desk;
  desk.caller.may_explain = false;
  Arena lasting;
  std::vector<Prepared> prepared;
  for (AccessQuestion& asked : world.questions(standing)) {
    Prepared& each = prepared.emplace_back(Prepared{.asked = std::move(asked), .request = {}});
    pdp::AccessRequest access = request_of(each.asked, desk.caller);
    each.request = TRY(pdp::resolve(world.bare(), access, kAskedAt, lasting)).request;
    // The texts of the uids are the question's, which moves as more are added.
    const auto keep = [&](const cedar::EntityUid* uid) {
      return cedar::make_uid(lasting, lasting.copy(uid->type), lasting.copy(uid->id));
    };
    each.request.principal = keep(each.request.principal);
    each.request.resource = keep(each.request.resource);
  }
  Beside found = measure(
      prepared.size(),
      [&] {
        for (const Prepared& each : prepared) {
          Arena arena{std::span(desk.memory)};
          find_context(there, each, arena);
        }
      },
      [&] {
        for (const Prepared& each : prepared) {
          desk.decide(there, request_of(each.asked, desk.caller), kAskedAt);
        }
      });
  found.ratio = 1 / (1 - 1 / found.ratio);
  found.one = found.other / found.ratio;
  return say(to_string(standing), found);
}

}  // namespace

Result<bool> bench_context(const std::string& policies) {
  bool holds = TRY(measure_tests(policies));
  const AccessWorld world = TRY(AccessWorld::read(policies));
  const auto there = TRY(world.with(kThere));
  fmt::print("context: decisions that stand on one thing, among {} of each\n", kThere);
  for (const Standing standing : kStandings) {
    const bool is_good = TRY(measure_standing(world, *there, standing));
    holds = holds && is_good;
  }
  return holds;
}

}  // namespace wardlock::bench
