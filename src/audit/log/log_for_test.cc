#include "audit/log/log_for_test.h"

#include <fmt/format.h>

#include "audit/log/log_folder.h"
#include "audit/log/segment.h"
#include "merkle/checkpoint.h"
#include "merkle/proof.h"

namespace wardlock::audit {
namespace {

merkle::SignerKey test_key() {
  constexpr std::array<std::uint8_t, 32> kSeed{1, 2, 3};
  return merkle::SignerKey::from_seed(kTestOrigin, merkle::SignatureType::kEd25519, kSeed).value();
}

std::unexpected<Error> wrong(std::string message) {
  return fail(ErrorCode::kDataLoss, std::move(message));
}

Result<void> check_checkpoint(const Frame& frame, const merkle::TreeHead& head) {
  const merkle::CheckpointPolicy policy{
      .origin = kTestOrigin, .log_keys = {test_key().verifier()}, .witnesses = {}, .quorum = 0};
  const auto checkpoint = TRY(merkle::open_checkpoint(frame.payload, policy));
  if (checkpoint.head() != head) return wrong("a checkpoint is of another tree");
  return {};
}

Result<void> read_segment(Files& files, const std::string& path, WholeLog& log) {
  SegmentReader reader = TRY(SegmentReader::open(files, path));
  if (reader.header().before != log.tree) return wrong(path + " does not continue the log");
  ReadFrame read;
  while (TRY(reader.next(read))) {
    if (read.frame.first != log.tree.size()) return wrong(path + ": a frame is out of order");
    Records records;
    if (read.frame.kind == FrameKind::kBatch) TRY_VOID(records.assign(read.frame.payload));
    if (records.size() != read.leaves.size()) return wrong(path + ": leaves are missing");
    for (std::size_t i = 0; i < records.size(); ++i) {
      log.records.emplace_back(records[i]);
      log.tree.append(merkle::leaf_hash(records[i]));
    }
    if (read.frame.root_after != log.tree.root()) return wrong(path + ": a root is wrong");
    if (read.frame.kind == FrameKind::kCheckpoint) {
      TRY_VOID(check_checkpoint(read.frame, log.tree.head()));
      log.checkpoints.emplace_back(read.frame.payload);
    }
  }
  if (TRY(reader.first_non_zero(reader.offset())))
    return wrong(path + ": something follows its end");
  return {};
}

/// The root out of the tiles, and each record by its place.
Result<void> check_derived(Files& files, const std::string& folder, const WholeLog& log) {
  if (log.records.empty()) return {};
  TileFiles tiles(files, folder);
  merkle::TileReader nodes(tiles, log.tree.size());
  if (TRY(merkle::root_at(log.tree.size(), nodes)) != log.tree.root()) {
    return wrong("the tiles have another root");
  }
  for (std::uint64_t i = 0; i < log.records.size(); ++i) {
    if (TRY(nodes.node({.height = 0, .index = i})) != merkle::leaf_hash(log.records[i])) {
      return wrong(fmt::format("the tiles have another leaf {}", i));
    }
  }
  RecordReader reader(files, folder);
  Records records;
  TRY_VOID(reader.read(0, static_cast<std::uint32_t>(log.records.size()), records));
  for (std::size_t i = 0; i < log.records.size(); ++i) {
    if (records[i] != log.records[i]) return wrong(fmt::format("record {} is elsewhere", i));
  }
  return {};
}

}  // namespace

LogOptions test_options(const std::string& folder) {
  LogOptions options(test_key());
  options.folder = folder;
  options.origin = kTestOrigin;
  options.segment_bytes = kMinSegmentBytes;
  options.spool_bytes = kMinSegmentBytes;
  options.protection = Protection::kReadOnly;
  options.seal = [](std::span<const std::string_view> drafts, Records& out) -> Result<void> {
    for (const std::string_view draft : drafts) TRY_VOID(out.add(std::string(draft) + "!"));
    return {};
  };
  return options;
}

Records make_records(const std::vector<std::string>& texts) {
  Records records;
  for (const std::string& text : texts) static_cast<void>(records.add(text).value());
  return records;
}

Result<WholeLog> read_whole_log(Files& files, const std::string& folder) {
  const LogPaths paths(folder);
  WholeLog log;
  for (const std::uint64_t first : TRY(list_segments(files, paths.segments()))) {
    if (first != log.tree.size()) return wrong(fmt::format("a segment begins with {}", first));
    TRY_VOID(read_segment(files, paths.segment(first), log));
  }
  TRY_VOID(check_derived(files, folder, log));
  return log;
}

}  // namespace wardlock::audit
