#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

#include "audit/files/posix_files.h"
#include "audit/inspect/verify.h"
#include "audit/log/log.h"
#include "audit/log/log_folder.h"
#include "audit/log/segment.h"
#include "bench/audit/parts.h"
#include "crypto/random.h"
#include "event/draft.h"
#include "event/sealed_record.h"

// A log of decisions is verified in turns with hashing, from memory, its records as leaves and so
// many nodes as its tree has, by the function that is the quickest here: the least that verifying
// can take. The log's files are in the page cache for both.

namespace wardlock::audit {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRecords = 200'000;
constexpr std::size_t kKinds = 64;  // of different records
constexpr int kRounds = 7;
constexpr double kLeastRatio = 0.5;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A decision as there are most, sealed.
std::string make_record(std::size_t number) {
  static constexpr std::array<std::string_view, 2> kPolicies = {"ward-staff-views",
                                                                "care-relation"};
  const crypto::UuidText id = crypto::random_uuid();
  const std::string_view uuid(id.data(), id.size());
  const std::string principal = fmt::format("dr-grey-{}", number);
  const std::string patient = fmt::format("p-{}", 100'000 + number);
  const event::Event event{.id = uuid,
                           .time = 1'795'333'400'000,
                           .record_class = "care",
                           .tenant = "st-mary",
                           .node = "pdp-1",
                           .principal_type = "User",
                           .principal_id = principal,
                           .caller = "ward-gateway",
                           .source_address = "192.0.2.17",
                           .action = "view",
                           .purpose = "TREAT",
                           .resource_type = "LabReport",
                           .resource_id = patient,
                           .patient = patient,
                           .decision_id = uuid,
                           .allowed = true,
                           .cause = "permit",
                           .policies = kPolicies,
                           .policy_set = "sha256:4f2a9c11d08e7b63",
                           .revision = 42};
  std::string draft;
  std::string record;
  if (!event::write_draft(event, draft)) return record;
  const auto view = event::read_draft(draft);
  if (!view) return record;
  const std::vector<event::SubjectKey> keys(view->parts().size());
  event::RecordRandom random;
  crypto::fill_random(random);
  event::seal_record(*view, keys, random, record);
  return record;
}

LogOptions options(const std::string& folder) {
  LogOptions options(
      merkle::SignerKey::generate("wardlock.example/bench", merkle::SignatureType::kEd25519)
          .value());
  options.folder = folder;
  options.origin = "wardlock.example/bench";
  options.spool_bytes = 0;
  options.queue_bytes = 64UL * 1024 * 1024;
  options.protection = Protection::kReadOnly;
  options.seal = [](std::span<const std::string_view> drafts, Records& out) -> Result<void> {
    for (const std::string_view draft : drafts) TRY_VOID(out.add(draft));
    return {};
  };
  return options;
}

Result<void> fill(Files& files, const std::string& folder) {
  std::vector<std::string> records;
  for (std::size_t i = 0; i < kKinds; ++i) records.push_back(make_record(i));
  const auto log = TRY(Log::open(options(folder), files));
  Appender& appender = log->add_appender([] {});
  for (std::size_t i = 0; i < kRecords;) {
    const auto appended = appender.append(records[i % kKinds], WhenFailing::kRefuse);
    if (appended) {
      ++i;
    } else if (appended.error().code != ErrorCode::kResourceExhausted) {
      return std::unexpected(appended.error());
    }
  }
  log->close();
  return {};
}

/// All payloads, one after another.
Result<std::vector<std::string>> payloads(Files& files, const std::string& folder) {
  std::vector<std::string> all;
  const LogPaths paths(folder);
  for (const std::uint64_t first : TRY(list_segments(files, paths.segments()))) {
    SegmentReader reader = TRY(SegmentReader::open(files, paths.segment(first)));
    ReadFrame read;
    while (TRY(reader.next(read))) {
      if (read.frame.kind == FrameKind::kBatch) all.emplace_back(read.frame.payload);
    }
  }
  return all;
}

/// What verifying can't do without.
double time_hashing(const std::vector<Records>& batches) {
  const auto begin = Clock::now();
  merkle::Hash hash{};
  for (const Records& records : batches) {
    for (std::size_t i = 0; i < records.size(); ++i) {
      hash = merkle::node_hash(hash, merkle::leaf_hash(records[i]));
    }
  }
  const double seconds = seconds_since(begin);
  return hash == merkle::Hash{} ? 0 : seconds;  // so that it is not optimized away
}

Result<double> time_verifying(Files& files, const std::string& folder) {
  const auto begin = Clock::now();
  const Verification result = TRY(verify_log(files, {.folder = folder}, {}));
  const double seconds = seconds_since(begin);
  if (result.is_whole() && result.records == kRecords) return seconds;
  return fail(ErrorCode::kDataLoss, "the log of the benchmark is not whole");
}

}  // namespace

Result<bool> bench_verify(const std::string& folder) {
  PosixFiles files;
  const std::string log_folder = folder + "/log";
  TRY_VOID(fill(files, log_folder));
  std::vector<Records> batches;
  std::size_t bytes = 0;
  for (const std::string& payload : TRY(payloads(files, log_folder))) {
    TRY_VOID(batches.emplace_back().assign(payload));
    bytes += payload.size();
  }
  std::vector<double> ratios;
  double verify_seconds = 0;
  for (int round = 0; round < kRounds; ++round) {
    const double verifying = TRY(time_verifying(files, log_folder));
    ratios.push_back(time_hashing(batches) / verifying);
    verify_seconds += verifying / kRounds;
  }
  std::ranges::sort(ratios);
  const double ratio = ratios[ratios.size() / 2];
  fmt::print(
      "verify: {} records of {} bytes, {:.0f} records/s, {:.0f} MB/s; {:.2f} of the speed of bare "
      "SHA-256 over records and nodes (median of {}; quartiles {:.2f} and {:.2f}), at least "
      "{:.2f}\n",
      kRecords, bytes / kRecords, static_cast<double>(kRecords) / verify_seconds,
      static_cast<double>(bytes) / verify_seconds / 1e6, ratio, kRounds, ratios[ratios.size() / 4],
      ratios[ratios.size() * 3 / 4], kLeastRatio);
  return ratio >= kLeastRatio;
}

}  // namespace wardlock::audit
