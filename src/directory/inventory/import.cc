#include "directory/inventory/import.h"

#include <fmt/format.h>

#include <array>

#include "directory/inventory/entry_import.h"

namespace wardlock::directory {
namespace {

constexpr std::array<std::string_view, 5> kEffects = {"created", "changed", "same", "ended",
                                                      "refused"};

Result<void> check_size(const Batch& batch) {
  if (batch.entries.size() > kMaxBatchEntries || batch.before.size() > 2 * kMaxBefore) {
    return invalid(
        fmt::format("a batch has {} entries and {} before them; at most {} are imported "
                    "together, and {} before them",
                    batch.entries.size(), batch.before.size(), kMaxBatchEntries, 2 * kMaxBefore));
  }
  if (batch.before.empty() || batch.is_dry_run) return {};
  return invalid("what comes before a batch is for a dry run");
}

/// What is done in one transaction. It may run more than once.
Result<BatchOutcome> take_all(Edit& edit, ImportGate& gate, const Batch& batch) {
  BatchOutcome done;
  EntryImport import(edit, gate);
  for (const Checked<Entry>& entry : batch.before) TRY_VOID(import.take(entry));
  for (const Checked<Entry>& entry : batch.entries) {
    done.outcomes.push_back(TRY(import.take(entry)));
    if (done.outcomes.back().effect == Effect::kRefused) done.is_refused = true;
  }
  return done;
}

}  // namespace

std::string_view to_string(Effect effect) { return kEffects[static_cast<std::size_t>(effect)]; }

std::optional<Effect> find_effect(std::string_view name) {
  for (std::size_t i = 0; i < kEffects.size(); ++i) {
    if (kEffects[i] == name) return static_cast<Effect>(i);
  }
  return std::nullopt;
}

Result<BatchOutcome> import_batch(Registry& registry, const Mandate& mandate, ImportGate& gate,
                                  const Batch& batch) {
  TRY_VOID(check_size(batch));
  std::optional<BatchOutcome> done;
  const auto take = [&](Edit& edit) -> Result<void> {
    done.reset();
    auto outcome = TRY(take_all(edit, gate, batch));
    if (edit.revision() != 0) outcome.revision = edit.revision();
    done = std::move(outcome);
    if (!done->is_refused) return {};
    return fail(ErrorCode::kCancelled, "is undone");
  };
  Result<void> written;
  if (batch.is_dry_run) {
    written = registry.rehearse(mandate, take);
  } else if (const auto revision = registry.write(mandate, take); !revision) {
    written = std::unexpected(revision.error());
  }
  if (!done) return std::unexpected(written.error());
  if (done->is_refused || batch.is_dry_run) {
    done->revision.reset();
    return std::move(*done);
  }
  if (!written) return std::unexpected(written.error());
  return std::move(*done);
}

}  // namespace wardlock::directory
