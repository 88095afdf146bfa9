// Two sets of policies compared, beside deciding the same questions by both in process.
//
// usage: wardlock_compare_bench POLICIES [--folder FOLDER]
//
// The questions are of the hospital's people about its patients' data. First they come out of
// memory: what the comparison itself costs. Then out of a log on disk, whose records are opened
// with their keys. The draft is the set in force, so that nothing is found, or the set without a
// rule, so that something is. In processor time, in turns.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <random>
#include <regex>

#include "audit/files/posix_files.h"
#include "audit/inspect/event_reader.h"
#include "audit/log/log.h"
#include "compare/decisions/decision_diff.h"
#include "compare/decisions/suite_questions.h"
#include "compare/replay/log_questions.h"
#include "crypto/random.h"
#include "event/draft.h"
#include "event/sealed_record.h"
#include "merkle/note_key.h"
#include "server/policy_files.h"

namespace {

using namespace wardlock;

constexpr std::size_t kQuestions = 200'000;
constexpr int kRounds = 7;
constexpr double kMostRatio = 1.5;
constexpr std::int64_t kNow = 1'795'333'400'000;

struct Drawn {
  const cedar::EntityUid* principal;
  std::string_view action;
  const cedar::EntityUid* resource;
};

/// What people ask for most.
std::vector<Drawn> draw(const pdp::Snapshot& snapshot) {
  std::mt19937_64 random(20261123);
  const auto users = snapshot.entities.entities("User");
  std::vector<const cedar::Entity*> things;
  for (const char* type : {"Patient", "LabReport", "MedicationPlan", "ImagingStudy"}) {
    const auto more = snapshot.entities.entities(type);
    things.insert(things.end(), more.begin(), more.end());
  }
  std::vector<Drawn> out(kQuestions);
  for (Drawn& each : out) {
    each = {users[random() % users.size()]->uid(), random() % 4 == 0 ? "edit" : "view",
            things[random() % things.size()]->uid()};
  }
  return out;
}

pdp::AccessRequest request_of(const Drawn& drawn, const pdp::Caller& caller) {
  pdp::AccessRequest access;
  access.principal = {drawn.principal->type, drawn.principal->id};
  access.action = drawn.action;
  access.resource = {drawn.resource->type, drawn.resource->id};
  access.caller = &caller;
  access.authentication = pdp::Authentication{.level = 2};
  return access;
}

/// Of this process alone, whatever else the machine does.
double processor_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

template <typename Work>
double time_of(Work work) {
  const double begin = processor_seconds();
  work();
  return processor_seconds() - begin;
}

template <typename T>
T sound(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "{}\n", result.error().message);
  std::exit(1);
}

/// Both sets and the questions.
struct Bench {
  std::shared_ptr<const pdp::Snapshot> before;
  std::shared_ptr<const pdp::Snapshot> after;
  std::vector<Drawn> questions;
  pdp::Caller caller = compare::comparing_caller("bench");
};

/// Deciding them all by both, and nothing else.
double time_deciding(const Bench& bench, std::size_t& allowed) {
  std::vector<std::byte> memory(std::size_t{64} << 10);
  return time_of([&] {
    for (const Drawn& drawn : bench.questions) {
      const pdp::AccessRequest access = request_of(drawn, bench.caller);
      for (const auto* snapshot : {bench.before.get(), bench.after.get()}) {
        Arena arena{std::span(memory)};
        const auto decided = pdp::decide(*snapshot, access, kNow, arena);
        allowed += decided && decided->is_allowed ? 1 : 0;
      }
    }
  });
}

double time_comparing(const Bench& bench, compare::DecisionTable& table) {
  return time_of([&] {
    compare::DecisionDiff diff(*bench.before, *bench.after);
    for (const Drawn& drawn : bench.questions) {
      diff.take({.access = request_of(drawn, bench.caller), .at = kNow, .name = "drawn"});
    }
    table = std::move(diff).finish();
  });
}

/// A key for everything: what finding keys costs is the key store's, and is not measured here.
class OneKey final : public event::KeyLookup {
 public:
  Result<Answer> find(const event::KeyId&, crypto::SymmetricKey& key) override {
    key = crypto::SymmetricKey();
    return Answer::kFound;
  }
};

Result<void> append_record(const Bench& bench, const Drawn& drawn, bool is_allowed,
                           std::string& out) {
  const crypto::UuidText id = crypto::random_uuid();
  const std::string_view uuid(id.data(), id.size());
  const event::Event event{.id = uuid,
                           .time = kNow,
                           .tenant = "st-mary",
                           .node = "pdp-1",
                           .principal_type = drawn.principal->type,
                           .principal_id = drawn.principal->id,
                           .caller = "ward-gateway",
                           .authentication_level = 2,
                           .action = drawn.action,
                           .resource_type = drawn.resource->type,
                           .resource_id = drawn.resource->id,
                           .patient = drawn.resource->id,
                           .decision_id = uuid,
                           .allowed = is_allowed,
                           .cause = is_allowed ? "permit" : "no_permit",
                           .policy_set = bench.before->policy_set()};
  std::string draft;
  TRY_VOID(event::write_draft(event, draft));
  const event::DraftView view = TRY(event::read_draft(draft));
  const std::vector<event::SubjectKey> keys(view.parts().size());
  event::RecordRandom random;
  crypto::fill_random(random);
  event::seal_record(view, keys, random, out);
  return {};
}

audit::LogOptions log_options(const std::string& folder) {
  audit::LogOptions options(sound(
      merkle::SignerKey::generate("wardlock.example/bench", merkle::SignatureType::kEd25519)));
  options.folder = folder;
  options.origin = "wardlock.example/bench";
  options.spool_bytes = 0;
  options.queue_bytes = 64UL * 1024 * 1024;
  options.protection = audit::Protection::kReadOnly;
  options.seal = [](std::span<const std::string_view> drafts, audit::Records& out) -> Result<void> {
    for (const std::string_view draft : drafts) TRY_VOID(out.add(draft));
    return {};
  };
  return options;
}

Result<void> fill_log(const Bench& bench, audit::Files& files, const std::string& folder) {
  const auto log = TRY(audit::Log::open(log_options(folder), files));
  audit::Appender& appender = log->add_appender([] {});
  for (const Drawn& drawn : bench.questions) {
    Arena arena;
    const auto decided =
        TRY(pdp::decide(*bench.before, request_of(drawn, bench.caller), kNow, arena));
    std::string record;
    TRY_VOID(append_record(bench, drawn, decided.is_allowed, record));
    while (true) {
      const auto appended = appender.append(record, audit::WhenFailing::kRefuse);
      if (appended) break;
      if (appended.error().code != ErrorCode::kResourceExhausted) {
        return std::unexpected(appended.error());
      }
    }
  }
  log->close();
  return {};
}

double time_replaying(const Bench& bench, audit::Files& files, const std::string& folder,
                      compare::DecisionTable& table) {
  OneKey keys;
  return time_of([&] {
    audit::EventReader events(files, folder, keys);
    compare::DecisionDiff diff(*bench.before, *bench.after);
    compare::LogQuestions questions(events, {.tenant = "st-mary"}, nullptr);
    if (const auto given = questions.give(diff); !given) {
      fmt::print(stderr, "{}\n", given.error().message);
      std::exit(1);
    }
    table = std::move(diff).finish();
  });
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

bool is_whole(const compare::DecisionTable& table) {
  const bool is_whole = table.compared == kQuestions && table.all_left_out() == 0;
  if (!is_whole) fmt::print("only {} of {} were compared\n", table.compared, kQuestions);
  return is_whole;
}

bool measure(const Bench& bench, std::string_view name, const std::string& above) {
  const std::string folder = above + "/" + std::string(name);
  audit::PosixFiles files;
  if (const auto filled = fill_log(bench, files, folder); !filled) {
    fmt::print(stderr, "{}\n", filled.error().message);
    return false;
  }
  std::vector<double> decided, compared, replayed;
  std::size_t allowed = 0;
  compare::DecisionTable table, from_log;
  for (int round = 0; round < kRounds; ++round) {
    decided.push_back(time_deciding(bench, allowed));
    compared.push_back(time_comparing(bench, table));
    replayed.push_back(time_replaying(bench, files, folder, from_log));
  }
  const auto micros = [](double seconds) { return seconds * 1e6 / kQuestions; };
  const double comparing = median(compared) / median(decided);
  const double replaying = median(replayed) / median(decided);
  fmt::print("{}: {} questions, {} answered differently\n", name, kQuestions, table.changed);
  fmt::print("  deciding by both     {:>7.2f} us each\n", micros(median(decided)));
  fmt::print("  comparing            {:>7.2f} us each   {:.2f} x, at most {} x is demanded\n",
             micros(median(compared)), comparing, kMostRatio);
  fmt::print(
      "  out of a log         {:>7.2f} us each   {:.2f} x, with opening its records; ten million "
      "in {:.0f} s\n",
      micros(median(replayed)), replaying, 10 * micros(median(replayed)));
  return is_whole(table) && is_whole(from_log) && table.changed == from_log.changed &&
         comparing <= kMostRatio;
}

Bench make_bench(const std::string& policies, bool is_changed) {
  pdp::Sources sources = sound(server::read_policies(policies));
  sources.entities = sound(server::read_source(policies + "/entities.json"));
  Bench bench;
  bench.before = sound(pdp::build_snapshot(sources, pdp::Mode::kStrict));
  for (pdp::Source& source : sources.policies) {
    static const std::regex rule(R"(@id\("physician-views-assigned-lab-report"\)[^;]*;)");
    if (is_changed) source.text = std::regex_replace(source.text, rule, "");
  }
  bench.after =
      sound(pdp::build_snapshot(sources, {.mode = pdp::Mode::kStrict}, bench.before.get()));
  bench.questions = draw(*bench.before);
  return bench;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    fmt::print(stderr, "usage: wardlock_compare_bench POLICIES [--folder FOLDER]\n");
    return 2;
  }
  const bool has_folder = arguments.size() == 3 && arguments[1] == "--folder";
  std::string folder = (has_folder ? arguments[2] : ".") + "/bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    fmt::print(stderr, "cannot create a folder\n");
    return 1;
  }
  bool is_good = measure(make_bench(arguments[0], false), "no difference", folder);
  is_good = measure(make_bench(arguments[0], true), "a rule less", folder) && is_good;
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  return is_good ? 0 : 1;
}
