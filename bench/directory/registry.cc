#include "directory/registry/registry.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "bench/directory/bare_directory.h"
#include "bench/directory/parts.h"
#include "crypto/random.h"
#include "directory/registry/tables.h"

// The registry, beside SQLite's own interface.

namespace wardlock::directory {
namespace {

constexpr int kPageSize = 100;

codec::Json person(int number) {
  return boost::json::object{
      {"userName", fmt::format("user-{}", number)},
      {"displayName", fmt::format("Dr. Person {}", number)},
      {"name", {{"familyName", fmt::format("Family {}", number % 1000)}, {"givenName", "Person"}}},
      {"title", number % 7 == 0 ? "Chief physician" : "Nurse"},
      {"emails", {{{"value", fmt::format("user-{}@st-mary.example", number)}, {"type", "work"}}}}};
}

void enter_people(Registry& registry, int begin) {
  const Mandate mandate{
      .tenant = std::string(kBenchTenant), .actor_type = "Service", .actor_id = "scim"};
  for (int first = begin; first < begin + kPeopleInRound; first += kPeopleAtOnce) {
    CHECK(registry.write(mandate, [first](Edit& edit) -> Result<void> {
      for (int i = first; i < first + kPeopleAtOnce; ++i) {
        TRY_VOID(edit.create(Kind::kPerson, person(i), "active"));
      }
      return {};
    }));
  }
}

/// A question, as the registry is asked it and as one would ask SQLite.
struct Question {
  std::string_view name;
  Query query;
  std::string sql;
};

std::vector<Question> questions() {
  const auto where = [](std::string_view path, Comparison comparison, std::string_view value) {
    return Filter{.parts = {Condition{std::string(path), comparison, std::string(value)}}};
  };
  constexpr std::string_view kSelect =
      "SELECT t.id, t.kind, t.state, t.version, t.created_ms, t.changed_ms, t.document FROM "
      "attribute a "
      "JOIN thing t ON t.id = a.thing WHERE a.tenant = 'st-mary' AND a.kind = 'person' AND ";
  return {
      {"100 people by family name",
       {.filter = where("name.familyName", Comparison::kEqual, "Family 7"), .count = kPageSize},
       fmt::format("{} a.name = 'name.familyName' AND a.value = 'family 7' ORDER BY t.id LIMIT 100",
                   kSelect)},
      {"10 people by the start of a name",
       {.filter = where("userName", Comparison::kStartsWith, "user-4242"), .count = kPageSize},
       fmt::format("{} a.name = 'userName' AND a.value >= 'user-4242' AND a.value < 'user-4243' "
                   "ORDER BY t.id LIMIT 100",
                   kSelect)},
      {"the first 100 people by family name",
       {.sort_by = "name.familyName", .count = kPageSize},
       fmt::format(
           "{} a.name = 'name.familyName' AND a.value IS NOT NULL ORDER BY a.value, a.thing "
           "LIMIT 100",
           kSelect)},
  };
}

std::vector<BothWays> both_ways(const Registry& registry, Bare& bare) {
  std::vector<BothWays> all;
  for (const Question& question : questions()) {
    all.push_back({.name = question.name,
                   .ours =
                       [&registry, query = question.query] {
                         const auto page = registry.list(kBenchTenant, Kind::kPerson, query);
                         CHECK(page);
                         return page->things.size();
                       },
                   .theirs = [&bare, sql = question.sql] { return ask(bare, sql).size(); }});
  }
  return all;
}

}  // namespace

Result<bool> bench_registry(const std::string& folder) {
  const std::string path = folder + "/registry.db";
  const auto store = TRY(storage::Store::open({.url = "sqlite:" + path}, migrations()));
  Registry registry(*store,
                    {.clock = now_ms, .fill_random = crypto::fill_random, .node = "node-1"});
  const bool writes = compare_entering(
      "registry", "enter 100,000 people by 100", path, folder + "/bare.db",
      [&](int first) { return [&registry, first] { enter_people(registry, first); }; });
  Bare bare(path);
  return compare_asking("registry", both_ways(registry, bare)) && writes;
}

}  // namespace wardlock::directory
