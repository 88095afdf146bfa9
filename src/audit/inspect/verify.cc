#include "audit/inspect/verify.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "audit/inspect/log_identity.h"
#include "audit/inspect/segments_check.h"
#include "audit/inspect/spool_check.h"
#include "audit/log/log_folder.h"
#include "merkle/note.h"

namespace wardlock::audit {
namespace {

/// What the log must be like after its own latest checkpoint and the one from outside.
std::vector<ExpectedHead> expected_heads(const VerifyOptions& options, const LogPaths& paths,
                                         const LogIdentity& identity,
                                         const std::optional<merkle::TreeHead>& outside) {
  std::vector<ExpectedHead> expected;
  if (identity.covered) {
    expected.push_back({.head = *identity.covered,
                        .file = paths.checkpoint(),
                        .what_if_short = "its end was removed",
                        .what_if_other = "was signed for other records than those that are there"});
  }
  if (identity.cosigned) {
    expected.push_back({.head = *identity.cosigned,
                        .file = paths.cosigned(),
                        .what_if_short = "its end was removed",
                        .what_if_other = "was cosigned by witnesses for other records than those "
                                         "that are there"});
  }
  if (outside) {
    expected.push_back({.head = *outside,
                        .file = options.outside_name,
                        .what_if_short = "the log was rolled back, or its end was removed",
                        .what_if_other = "was signed for other records than those that the log has "
                                         "in their place: the log is a fork"});
  }
  return expected;
}

/// The checkpoint from outside, where the log's key signed it.
Result<std::optional<merkle::TreeHead>> open_outside(const VerifyOptions& options,
                                                     const LogIdentity& identity,
                                                     Findings& findings) {
  if (options.outside_checkpoint.empty()) return std::nullopt;
  if (const auto note = merkle::parse_note(options.outside_checkpoint); !note) {
    return std::unexpected(note.error().in(fmt::format("`{}`", options.outside_name)));
  }
  const auto head = identity.open_checkpoint(options.outside_checkpoint);
  if (head) return *head;
  findings.add({.file = options.outside_name,
                .what = fmt::format("{}: it is another log's, or the log was signed anew with "
                                    "another key",
                                    head.error().message)});
  return std::nullopt;
}

/// The log goes as far as its last key, and its latest checkpoint is of that: one that was given up
/// may have been stolen.
void check_last_key(const std::optional<KeyChain>& chain, const LogPaths& paths,
                    const LogIdentity& identity, Verification& result) {
  if (!chain) return;
  result.keys = chain->keys();
  result.key = chain->current();
  if (chain->current() != chain->keys().back()) {
    result.findings.add({.file = paths.key_changes(),
                         .what = "tells of a later key, which has signed nothing of the log: its "
                                 "end was removed, or was signed with a key that was given up"});
  }
  if (!identity.covered) return;
  KeyChain rest(identity.origin, {chain->current()});
  if (rest.open(identity.checkpoint)) return;
  result.findings.add(
      {.file = paths.checkpoint(), .what = "is not signed with the key that the log has by then"});
}

}  // namespace

Result<Verification> verify_log(Files& files, const VerifyOptions& options,
                                const ReportProgress& report) {
  const LogPaths paths(options.folder);
  Verification result;
  // Before the checkpoint is read: one that was open then has at least the records that covers.
  result.is_open = TRY(files.is_locked(paths.lock()));
  const LogIdentity identity = TRY(read_identity(files, paths, options.key, result.findings));
  const auto outside = TRY(open_outside(options, identity, result.findings));
  result.origin = identity.origin;
  result.key = identity.key;
  result.is_key_from_outside = identity.is_key_from_outside;
  result.covered_head = identity.covered;
  result.covered = identity.covered ? identity.covered->size : 0;

  const auto limit = result.is_open ? std::optional(result.covered) : std::nullopt;
  SegmentsCheck segments(files, paths, identity, expected_heads(options, paths, identity, outside),
                         limit, result.findings);
  const std::uint64_t faults = result.findings.faults();
  TRY_VOID(segments.run(report));
  result.records = segments.size();
  if (segments.tree()) result.head = segments.tree()->head();
  result.segments = segments.segments();
  result.checkpoints = segments.checkpoints();
  result.bytes = segments.bytes();
  if (result.is_open) result.beyond = segments.beyond();
  check_last_key(segments.key_chain(), paths, identity, result);
  if (outside && result.findings.faults() == faults) result.confirmed = outside->size;
  if (identity.checkpoint.empty() && segments.checkpoints() > 0) {
    result.findings.add(
        {.file = paths.checkpoint(), .what = "is missing, although checkpoints were signed"});
  }
  result.spooled = check_spool(files, paths, identity, result.is_open, result.findings);
  return result;
}

}  // namespace wardlock::audit
