#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "directory/registry/thing.h"
#include "secrets/secret_table.h"
#include "storage/work.h"

namespace wardlock::directory {

/// How long the answer to a change is kept, for whoever asks the same again.
inline constexpr std::int64_t kAnswersAreKeptMs = std::int64_t{24} * 3'600'000;

/// What was answered to a change that somebody may ask for again, not knowing whether it was done.
struct KeptAnswer {
  std::string key;          ///< chosen by who asked; each has keys of its own
  std::string fingerprint;  ///< of the request
  std::string answer;       ///< as its protocol writes it
  std::string thing;        ///< of whom it tells: goes with what is known of it; may be empty
  /// What of it nobody may read in the database; empty: nothing, or it was not kept. It is kept
  /// sealed, where the directory keeps secrets, and nowhere else.
  std::string secret = {};
};

// Answers as rows. All within the transaction of `work`. `secrets` is null where none are kept.

/// The one that whoever has the mandate got, unless it is too old by `now`; or nothing.
Result<std::optional<KeptAnswer>> find_answer(storage::Work& work, const Mandate& mandate,
                                              std::string_view key, std::int64_t now,
                                              const secrets::SecretTable* secrets);
/// Keeps it, and drops those that are too old by `now`. Requires that none is kept for the key.
Result<void> insert_answer(storage::Work& work, const Mandate& mandate, const KeptAnswer& answer,
                           std::int64_t now, secrets::SecretTable* secrets);
/// The secrets in those that tell of the thing: they are kept without.
Result<void> drop_secrets(storage::Work& work, std::string_view tenant, std::string_view thing,
                          secrets::SecretTable* secrets);
/// Those that tell of the thing.
Result<void> drop_answers(storage::Work& work, std::string_view tenant, std::string_view thing,
                          secrets::SecretTable* secrets);

}  // namespace wardlock::directory
