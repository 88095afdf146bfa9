// How long a query plan takes for the hospital's policies, beside one decision by the same rule.
//
// usage: wardlock_plan_bench POLICIES ENTITIES MAPPING

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "plan/sql_statement.h"
#include "server/policy_files.h"

namespace wardlock::plan {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSamples = 300;
constexpr int kCallsASample = 20;
/// What a plan, which speaks of all patients, may cost in decisions about one.
constexpr double kMostDecisions = 40;
constexpr double kMostMicros = 50;

/// The median over samples, in microseconds a call.
template <typename Call>
double time(Call call) {
  std::vector<double> micros;
  for (int i = 0; i < kSamples; ++i) {
    const auto begin = Clock::now();
    for (int j = 0; j < kCallsASample; ++j) call();
    micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count() /
                     kCallsASample);
  }
  std::ranges::nth_element(micros, micros.begin() + kSamples / 2);
  return micros[kSamples / 2];
}

struct Files {
  const char* policies;
  const char* entities;
  const char* mapping;
};

Result<bool> run(const Files& files) {
  pdp::Sources sources = TRY(server::read_policies(files.policies));
  sources.entities = TRY(server::read_source(files.entities));
  const auto snapshot = TRY(pdp::build_snapshot(sources, pdp::Mode::kStrict));
  const cedar::Schema& schema = *snapshot->schema();
  const pdp::Source text = TRY(server::read_source(files.mapping));
  const auto parsed = parse_mapping(text.text, schema);
  if (!parsed) return std::unexpected(to_error(parsed.error(), text.text, text.name));
  const Mapping& mapping = *parsed;

  Arena lasting;
  std::array<cedar::Field, 2> authentication = {
      {{"level", cedar::Value::integer(1)}, {"methods", cedar::Value::set({})}}};
  std::array<cedar::Field, 2> fields = {{{"authentication", make_record(lasting, authentication)},
                                         {"now", cedar::Value::datetime(1'700'000'000'000)}}};
  const cedar::Value context = make_record(lasting, fields);
  const cedar::EntityUid* principal = cedar::make_uid(lasting, "User", "dr-haddad");
  const cedar::EntityUid* action = cedar::make_uid(lasting, "Action", "view");
  const cedar::EntityUid* resource = cedar::make_uid(lasting, "Patient", "p-100");
  const pdp::Partition& policies = snapshot->policies_for(*action);

  std::vector<std::string_view> open;
  for (const auto& [type, table] : mapping.types) open.push_back(type);
  const cedar::PartialEntities entities{snapshot->entities,
                                        cedar::PartialEntities::Others::kOfOpenTypes, open};
  const cedar::PartialRequest partial{{"User", principal}, action, {"Patient"}, context};
  const std::vector<std::string_view> supported = {"redact-psychiatric-notes"};
  const PlanQuestion question{
      .request = partial, .entities = entities, .supported_obligations = supported};

  Arena arena(std::size_t{1} << 18);
  const auto plan = TRY(make_plan(schema, policies, question, arena));
  const auto statement = TRY(to_sql(plan, schema, question,
                                    {mapping, SqlDialect::kPostgresql, snapshot->entities}, arena));
  fmt::print("{} policies, {} of them about the action; {} bytes of SQL, {} parameters\n",
             snapshot->policies().policies().size(),
             policies.permits.size() + policies.forbids.size() + policies.waivables.size() +
                 policies.obligations.size() + policies.overrides.size(),
             statement.text.size(), statement.parameters.size());

  const cedar::Request request{principal, action, resource, context};
  const cedar::EntityView view(snapshot->entities);
  const double decision = time([&] {
    arena.reset();
    pdp::decide(policies,
                {.request = request, .entities = view, .supported_obligations = supported}, arena);
  });
  const double planned = time([&] {
    arena.reset();
    CHECK(make_plan(schema, policies, question, arena).has_value());
  });
  const double with_sql = time([&] {
    arena.reset();
    const auto again = make_plan(schema, policies, question, arena);
    CHECK(to_sql(*again, schema, question, {mapping, SqlDialect::kPostgresql, snapshot->entities},
                 arena)
              .has_value());
  });
  fmt::print("a decision about one patient   {:8.2f} µs\n", decision);
  fmt::print("a plan for all of them         {:8.2f} µs, {:.1f} decisions\n", planned,
             planned / decision);
  fmt::print("the plan and its SQL           {:8.2f} µs, {:.1f} decisions\n", with_sql,
             with_sql / decision);
  const bool holds = planned / decision <= kMostDecisions;
  fmt::print("a plan costs at most {} decisions: {}\n", kMostDecisions, holds ? "yes" : "NO");
  fmt::print("a plan takes less than {} µs here: {}\n", kMostMicros,
             planned < kMostMicros ? "yes" : "no");
  return holds;
}

}  // namespace
}  // namespace wardlock::plan

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: wardlock_plan_bench POLICIES ENTITIES MAPPING\n");
    return 1;
  }
  const auto holds = wardlock::plan::run({argv[1], argv[2], argv[3]});
  if (!holds) fmt::print(stderr, "{}\n", holds.error().message);
  return holds && *holds ? 0 : 1;
}
