#include "directory/feed/feed.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <malloc.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"
#include "bench/directory/bare_directory.h"
#include "bench/directory/parts.h"
#include "crypto/random.h"
#include "directory/identifier/uuid7.h"
#include "directory/registry/registry.h"
#include "directory/registry/tables.h"
#include "storage/postgresql_for_test.h"

// A hospital group with a million people and five million relations is read as a node reads it when
// it starts, beside the database reading the same rows; then people leave their teams, and it is
// measured when that is seen: on the node where it is done, and on another that shares a
// PostgreSQL.

namespace wardlock::directory {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostPeople = 1'000'000;
constexpr std::size_t kPeopleOfAPatient = 10;
constexpr std::size_t kWards = 500;
constexpr std::size_t kHospitals = 20;
constexpr std::size_t kRoles = 100;
constexpr std::size_t kTeams = 1'000;
constexpr std::size_t kRowsAtOnce = 20'000;
constexpr std::int64_t kMostRows = 10'000'000;
constexpr int kChanges = 200;
constexpr double kMostMs = 50;
constexpr double kMostElsewhereMs = 500;

constexpr std::string_view kSchema = R"(
entity Hospital = { name: String };
entity Ward in [Hospital] = { name: String };
entity Role in [Role];
entity Team in [Role];
entity User in [Role, Ward, Hospital, Team] = {
  name: String, userName: String, hospital?: Hospital, ward?: Ward, mayDose?: Bool,
};
entity Patient in [Ward] = { recordNumber: String, careTeam: Set<User>, isConfidential: Bool };
action view appliesTo { principal: User, resource: Patient };
)";

/// How many people there are: fewer where somebody wants to see soon whether it works.
std::size_t people_count() {
  const char* const said = std::getenv("WARDLOCK_BENCH_PEOPLE");  // NOLINT(concurrency-mt-unsafe)
  return said == nullptr ? kMostPeople
                         : std::clamp<std::size_t>(std::stoul(said), 10'000, kMostPeople);
}

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1 << 20);
}

template <typename T>
T must(Result<T> result) {
  if (!result) fmt::print(stderr, "{}\n", result.error().message);
  CHECK(result);
  return *std::move(result);
}
void must(const Result<void>& result) {
  if (!result) fmt::print(stderr, "{}\n", result.error().message);
  CHECK(result);
}

/// Writes rows as a registry would have left them, without its checks.
class Census {
 public:
  explicit Census(storage::Store& store) : store_(store) {}

  std::vector<std::string> enter(Kind kind, std::string_view state, std::size_t count,
                                 const std::function<std::string(std::size_t)>& document) {
    std::vector<std::string> ids(count);
    in_batches(count, [&](storage::Work& work, std::size_t i) -> Result<void> {
      ids[i] = new_id();
      TRY_VOID(
          work.run("INSERT INTO thing (id, tenant, kind, state, version, created_ms, "
                   "changed_ms, document) VALUES ($1, $2, $3, $4, 1, $5, $5, $6)",
                   ids[i], kBenchTenant, to_string(kind), state, now_, document(i)));
      return {};
    });
    rows_ += count;
    return ids;
  }

  void relate(Relation relation, const std::vector<std::string>& subjects,
              const std::function<const std::string&(std::size_t)>& object,
              const std::function<const std::string*(std::size_t)>& scope = nullptr,
              std::string_view attributes = "{}") {
    in_batches(subjects.size(), [&](storage::Work& work, std::size_t i) -> Result<void> {
      std::optional<std::string_view> place;
      if (scope) place = *scope(i);
      TRY_VOID(
          work.run("INSERT INTO relation (id, tenant, kind, subject, object, scope, "
                   "valid_from_ms, valid_until_ms, made_by_type, made_by_id, reason, "
                   "document) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, 'User', 'a', '', $8)",
                   new_id(), kBenchTenant, to_string(relation), subjects[i], object(i), place, now_,
                   attributes));
      return {};
    });
    rows_ += subjects.size();
  }

  std::size_t rows() const { return rows_; }

 private:
  /// As if one was entered after the other, a millisecond each.
  std::string new_id() {
    UuidEntropy entropy;
    crypto::fill_random(entropy);
    return make_uuid7(now_ - kMostRows + ids_++, entropy);
  }

  void in_batches(std::size_t count,
                  const std::function<Result<void>(storage::Work&, std::size_t)>& write) {
    for (std::size_t first = 0; first < count; first += kRowsAtOnce) {
      must(store_.write([&](storage::Work& work) -> Result<void> {
        for (std::size_t i = first; i < std::min(count, first + kRowsAtOnce); ++i) {
          TRY_VOID(write(work, i));
        }
        return {};
      }));
    }
  }

  storage::Store& store_;
  std::int64_t now_ = now_ms();
  std::int64_t ids_ = 0;
  std::size_t rows_ = 0;
};

struct Hospitals {
  std::vector<std::string> people;
  std::size_t rows = 0;
};

Hospitals enter_all(storage::Store& store) {
  Census census(store);
  const auto hospitals = census.enter(Kind::kOrganisation, "active", kHospitals, [](auto i) {
    return fmt::format(R"({{"code":"h{}","displayName":"H","entityType":"Hospital",)"
                       R"("organisationType":"hospital"}})",
                       i);
  });
  const auto wards = census.enter(Kind::kLocation, "active", kWards, [&](auto i) {
    return fmt::format(R"({{"code":"w{}","displayName":"W","locationType":"ward",)"
                       R"("organisation":"{}"}})",
                       i, hospitals[i % kHospitals]);
  });
  const auto roles = census.enter(Kind::kRole, "active", kRoles, [](auto i) {
    return fmt::format(R"({{"displayName":"Role{}"}})", i);
  });
  const auto teams = census.enter(Kind::kGroup, "active", kTeams, [](auto i) {
    return fmt::format(R"({{"displayName":"T","entityId":"team{}","entityType":"Team"}})", i);
  });
  const std::size_t count = people_count();
  const auto patients =
      census.enter(Kind::kPatient, "registered", count / kPeopleOfAPatient, [](auto i) {
        return fmt::format(R"({{"isConfidential":false,"recordNumber":"MR-{}"}})", i);
      });
  auto people = census.enter(Kind::kPerson, "active", count, [](auto i) {
    return fmt::format(R"({{"displayName":"Dr. Person {0}","facts":[{{"boolean":true,)"
                       R"("name":"mayDose"}}],"userName":"user-{0}"}})",
                       i);
  });
  using Id = const std::string&;
  census.relate(Relation::kRoleAssignment, people, [&](auto i) -> Id { return roles[i % kRoles]; });
  census.relate(Relation::kRoleAssignment, people,
                [&](auto i) -> Id { return roles[(i / 7 + 1 + i) % kRoles]; });
  census.relate(
      Relation::kEmployment, people, [&](auto i) -> Id { return hospitals[i % kHospitals]; },
      [&](auto i) { return &wards[i % kWards]; }, R"({"employmentType":"employee"})");
  census.relate(Relation::kMembership, people, [&](auto i) -> Id { return teams[i % kTeams]; });
  census.relate(
      Relation::kCare, people, [&](auto i) -> Id { return patients[i % patients.size()]; }, nullptr,
      R"({"careType":"treating"})");
  return {.people = std::move(people), .rows = census.rows()};
}

constexpr const char* kBareReads[] = {
    "SELECT id, kind, state, document FROM thing ORDER BY id",
    "SELECT kind, subject, object, scope, valid_from_ms, valid_until_ms, document FROM relation "
    "ORDER BY subject"};

/// All rows, once, through SQLite's own interface.
void read_rows(const std::string& path) {
  sqlite3* database = nullptr;
  CHECK(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  for (const char* sql : kBareReads) {
    sqlite3_stmt* statement = nullptr;
    CHECK(sqlite3_prepare_v2(database, sql, -1, &statement, nullptr) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        static_cast<void>(sqlite3_column_text(statement, i));
      }
    }
    sqlite3_finalize(statement);
  }
  sqlite3_close(database);
}

/// The same through PostgreSQL's own, a row at a time.
void read_rows_of_postgresql(const std::string& url) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()),
                                                                &PQfinish);
  CHECK(PQstatus(connection.get()) == CONNECTION_OK);
  for (const char* sql : kBareReads) {
    CHECK(PQsendQuery(connection.get(), sql) == 1);
    CHECK(PQsetSingleRowMode(connection.get()) == 1);
    while (PGresult* const result = PQgetResult(connection.get())) {
      const ExecStatusType status = PQresultStatus(result);
      CHECK(status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK);
      PQclear(result);
    }
  }
}

/// Follows on its own thread's time: `heard` is called by the database.
class Follower {
 public:
  Follower(const storage::Store& store, Feed& feed) : feed_(feed) {
    listening_ = must(store.listen(std::string(kChangeChannel), [this] {
      const std::scoped_lock lock(mutex_);
      must(feed_.follow(now_ms()));
      seen_ = feed_.revision();
      seen_at_ = Clock::now();
      changed_.notify_all();
    }));
  }

  /// When it was seen.
  Clock::time_point wait_for(std::uint64_t revision) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return seen_ >= revision; });
    return seen_at_;
  }

 private:
  Feed& feed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t seen_ = 0;
  Clock::time_point seen_at_;
  std::unique_ptr<storage::Listening> listening_;
};

/// Milliseconds from the moment when a change was made until decisions would see it, on each of the
/// nodes; each node's in order.
std::vector<std::vector<double>> measure_changes(storage::Store& store,
                                                 const std::vector<Follower*>& nodes,
                                                 const Hospitals& all) {
  Registry registry(store, {.clock = &now_ms, .fill_random = &crypto::fill_random});
  const Mandate mandate{
      .tenant = std::string(kBenchTenant), .actor_type = "User", .actor_id = "admin"};
  std::vector<std::vector<double>> waits(nodes.size());
  for (int i = 0; i < kChanges; ++i) {
    const std::string& person = all.people[static_cast<std::size_t>(i) * 4999 % all.people.size()];
    const auto revision = must(registry.write(mandate, [&](Edit& edit) -> Result<void> {
      const auto open = TRY(edit.relations({.relation = Relation::kMembership, .subject = person}));
      if (open.empty()) return invalid("somebody is in no team");
      return edit.end(open.front().id);
    }));
    const auto committed = Clock::now();
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      const auto seen = nodes[node]->wait_for(revision);
      const std::chrono::duration<double, std::milli> took = std::max(seen, committed) - committed;
      waits[node].push_back(took.count());
    }
  }
  for (std::vector<double>& each : waits) std::ranges::sort(each);
  return waits;
}

bool report_waits(std::string_view where, const std::vector<double>& waits, double most) {
  const double usual = waits[waits.size() / 2], rare = waits[waits.size() * 99 / 100];
  const bool is_soon = rare <= most;
  fmt::print("feed: a change is seen {} after {:.1f} ms (99 %: {:.1f}, at most {:.0f}){}\n", where,
             usual, rare, most, is_soon ? "" : "  TOO SLOW");
  return is_soon;
}

/// A start, beside the bare reading of the same rows.
std::unique_ptr<Feed> measure_start(const storage::Store& store, std::string_view database,
                                    const Hospitals& all, const std::function<void()>& read_bare) {
  auto schema = cedar::parse_schema(kSchema);
  CHECK(schema);
  const FeedOptions options{.tenant = std::string(kBenchTenant),
                            .schema = std::make_shared<const cedar::Schema>(*std::move(schema))};
  read_bare();  // so that both find what they read in memory
  const double bare = seconds_of(read_bare);
  ::malloc_trim(0);
  const double before = resident_mib();
  std::unique_ptr<Feed> feed;
  const double took =
      seconds_of([&] { feed = must(Feed::load(store, options, cedar::EntityStore(), now_ms())); });
  CHECK(feed->hidden_count() == 0);
  const double peak = resident_mib() - before;
  ::malloc_trim(0);
  const double kept = resident_mib() - before;
  const auto rows = static_cast<double>(all.rows);
  fmt::print("feed: {} rows read in {:.1f} s: {:.0f} rows/s; {} itself {:.0f}: {:.2f}\n", all.rows,
             took, rows / took, database, rows / bare, bare / took);
  fmt::print("feed: {:.0f} MiB kept, {:.0f} bytes a row ({:.0f} MiB at the end of reading)\n", kept,
             kept * (1 << 20) / rows, peak);
  return feed;
}

}  // namespace

Result<bool> bench_feed(const std::string& folder) {
  const std::string path = folder + "/directory.db";
  const auto store = TRY(storage::Store::open({.url = "sqlite:" + path}, migrations()));
  const Hospitals all = enter_all(*store);
  const auto feed = measure_start(*store, "SQLite", all, [&] { read_rows(path); });
  Follower follower(*store, *feed);
  return report_waits("on its node", measure_changes(*store, {&follower}, all).front(), kMostMs);
}

Result<bool> bench_nodes(const std::string& /*folder*/) {
  const storage::PostgresqlForTest server;
  const std::string url = server.url("postgres");
  const auto store = TRY(storage::Store::open({.url = url}, migrations()));
  const auto other_store = TRY(storage::Store::open({.url = url}, migrations()));
  const Hospitals all = enter_all(*store);
  const auto feed = measure_start(*store, "PostgreSQL", all, [&] { read_rows_of_postgresql(url); });
  const auto other_feed =
      measure_start(*other_store, "PostgreSQL", all, [&] { read_rows_of_postgresql(url); });
  Follower here(*store, *feed), elsewhere(*other_store, *other_feed);
  const auto waits = measure_changes(*store, {&here, &elsewhere}, all);
  const bool is_soon = report_waits("on its node", waits[0], kMostMs);
  return report_waits("on another node", waits[1], kMostElsewhereMs) && is_soon;
}

}  // namespace wardlock::directory
