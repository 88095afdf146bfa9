#include "directory/registry/registry.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "bench/directory/bare_directory.h"
#include "bench/directory/parts.h"
#include "crypto/random.h"
#include "directory/registry/tables.h"

// People are entered through the registry; then what it wrote is read back, and written again
// through SQLite's own interface: the same rows, as many in each transaction. Lists are asked of
// one file, both ways.

namespace wardlock::directory {
namespace {

constexpr int kPeople = 100'000;
constexpr int kPeopleInRound = 10'000;
constexpr int kPeopleAtOnce = 100;
constexpr int kQuestions = 300;
constexpr int kPageSize = 100;
constexpr std::string_view kTenant = "st-mary";

std::int64_t now_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

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
      .tenant = std::string(kTenant), .actor_type = "Service", .actor_id = "scim"};
  for (int first = begin; first < begin + kPeopleInRound; first += kPeopleAtOnce) {
    CHECK(registry.write(mandate, [first](Edit& edit) -> Result<void> {
      for (int i = first; i < first + kPeopleAtOnce; ++i) {
        TRY_VOID(edit.create(Kind::kPerson, person(i), "active"));
      }
      return {};
    }));
  }
}

/// In turns, so that the disk is as quick for one as for the other.
bool compare_writing(Registry& registry, const std::string& path, const std::string& again) {
  std::vector<Table> tables = {{"thing"}, {"identifier"}, {"attribute"}, {"outbox"}, {"change"}};
  Bare written(path), bare(again);
  for (const storage::Migration& migration : migrations()) {
    bare.run(storage::sql_for_sqlite(migration));
  }
  std::vector<double> ours, theirs;
  for (int first = 0; first < kPeople; first += kPeopleInRound) {
    ours.push_back(seconds_of([&] { enter_people(registry, first); }));
    for (Table& table : tables) read_new_rows(written, table);
    theirs.push_back(
        seconds_of([&] { write_again(bare, tables, kPeopleInRound / kPeopleAtOnce); }));
  }
  for (Table& table : tables) forget(table);
  const double a = median(ours), b = median(theirs);
  return report("registry", "enter 100,000 people by 100", kPeopleInRound / a, kPeopleInRound / b,
                "/s", b / a, 0.5, false);
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

bool compare_lists(const Registry& registry, const std::string& path) {
  Bare bare(path);
  bool is_good = true;
  for (const Question& question : questions()) {
    std::vector<double> ours, theirs;
    for (int i = 0; i < kQuestions; ++i) {
      std::size_t found = 0, expected = 0;
      ours.push_back(seconds_of([&] {
        const auto page = registry.list(kTenant, Kind::kPerson, question.query);
        CHECK(page);
        found = page->things.size();
      }));
      theirs.push_back(seconds_of([&] { expected = ask(bare, question.sql).size(); }));
      CHECK(found == expected && found != 0);
    }
    const double a = median(ours), b = median(theirs);
    is_good = report("registry", question.name, a * 1e6, b * 1e6, "us", a / b, 2, true) && is_good;
  }
  return is_good;
}

}  // namespace

Result<bool> bench_registry(const std::string& folder) {
  const std::string path = folder + "/registry.db";
  const auto store = TRY(storage::Store::open({.url = "sqlite:" + path}, migrations()));
  Registry registry(*store,
                    {.clock = now_ms, .fill_random = crypto::fill_random, .node = "node-1"});
  const bool writes = compare_writing(registry, path, folder + "/bare.db");
  const bool lists = compare_lists(registry, path);
  return writes && lists;
}

}  // namespace wardlock::directory
