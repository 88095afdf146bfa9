#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "audit/index/index.h"
#include "audit/keys/subject_keys.h"
#include "bench/audit/parts.h"

// An index of ten million records, in which a hundred patients have some hundred records each,
// spread over the whole log, and is asked for all records of one of them after the other. Its
// entries are made directly: opening records is not the index's work.

namespace wardlock::audit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kRecords = 10'000'000;
constexpr std::uint64_t kBatch = 10'000;
constexpr std::size_t kPatients = 100;
constexpr std::uint64_t kRecordsOfEach = 100;
constexpr double kMostMilliseconds = 50;
constexpr std::string_view kTenant = "bench";

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

std::string patient_id(std::size_t number) { return fmt::format("p-{}", number); }

/// The tenant's and the patients' terms.
struct KnownTerms {
  std::uint64_t tenant = 0;
  std::vector<std::uint64_t> patients;
};

Result<KnownTerms> make_terms(SubjectKeys& keys) {
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kPatients; ++i) ids.push_back(patient_id(i));
  std::vector<event::Subject> subjects = {{.tenant = kTenant}};
  for (const std::string& id : ids) subjects.push_back({kTenant, event::kPatientType, id});
  std::vector<event::SubjectKey> made;
  TRY_VOID(keys.find_or_create(subjects, made));
  KnownTerms terms{.tenant = index_term(made.front().key, to_string(Role::kTenant)),
                   .patients = {}};
  for (std::size_t i = 0; i < kPatients; ++i) {
    terms.patients.push_back(index_term(made[i + 1].key, to_string(Role::kPatient)));
  }
  return terms;
}

/// Most of it is of other patients, persons and devices, as many as a large hospital has.
IndexEntry draw_entry(std::uint64_t number, const KnownTerms& known, std::mt19937_64& random) {
  constexpr std::uint64_t kOtherPatients = 200'000, kPeople = 5'000, kDevices = 20'000;
  const auto any_of = [&](std::uint64_t count) {
    return (random() % count + 1) * 0x9E3779B97F4A7C15U;  // spread as terms are
  };
  IndexEntry entry{.time = static_cast<std::int64_t>(number * 10 + random() % 50)};
  const std::uint64_t patient = random() % (kRecords / kRecordsOfEach);
  entry.terms[Role::kTenant] = known.tenant;
  entry.terms[Role::kPatient] =
      patient < kPatients ? known.patients[patient] : any_of(kOtherPatients);
  entry.terms[Role::kPrincipal] = any_of(kPeople);
  entry.terms[Role::kDevice] = any_of(kDevices);
  entry.terms[Role::kCaller] = any_of(20);
  entry.terms[Role::kDecision] = random();
  return entry;
}

Result<void> fill(Index& index, const KnownTerms& known) {
  std::mt19937_64 random(1);
  std::vector<std::optional<IndexEntry>> entries(kBatch);
  for (std::uint64_t first = 0; first < kRecords; first += kBatch) {
    for (std::uint64_t i = 0; i < kBatch; ++i) entries[i] = draw_entry(first + i, known, random);
    TRY_VOID(index.add(first, entries));
  }
  return {};
}

}  // namespace

Result<bool> bench_query(const std::string& folder) {
  const auto keys =
      TRY(SubjectKeys::open({.path = folder + "/subjects.db"}, crypto::SymmetricKey::random()));
  const KnownTerms known = TRY(make_terms(*keys));
  Index index = TRY(Index::open({.path = folder + "/index.db", .origin = "bench"}));
  const auto begin = Clock::now();
  TRY_VOID(fill(index, known));
  fmt::print("an index of {} records was made in {:.0f} s, {:.0f} records a second\n", kRecords,
             seconds_since(begin), kRecords / seconds_since(begin));
  std::vector<double> times;
  std::size_t found = 0;
  for (std::size_t i = 0; i < kPatients; ++i) {
    const auto asked = Clock::now();
    const Page page = TRY(index.find(
        {.tenant = std::string(kTenant), .patient = patient_id(i), .limit = 1'000}, *keys));
    times.push_back(1e3 * seconds_since(asked));
    found += page.sequences.size();
  }
  std::ranges::sort(times);
  const double median = times[times.size() / 2];
  fmt::print(
      "a query by patient among them: {:.1f} ms (the slowest of {}: {:.1f} ms), {} records each; "
      "at "
      "most {:.0f} ms\n",
      median, times.size(), times.back(), found / kPatients, kMostMilliseconds);
  return median <= kMostMilliseconds;
}

}  // namespace wardlock::audit
