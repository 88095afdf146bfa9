#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "directory/registry/journal.h"
#include "directory/told/told_rows.h"
#include "directory/told/told_value.h"
#include "storage/store.h"

namespace wardlock::directory {

/// So much may be told at once.
inline constexpr std::size_t kMostToldAtOnce = 500;
/// What one value may have, in bytes of JSON.
inline constexpr std::size_t kMostToldBytes = 4096;

/// Error kInvalidArgument: it is too long, or was observed in the future or before 1970.
Result<void> check_told_value(const ToldValue& value, std::int64_t now_ms);

/// What became of what was told at once.
struct Told {
  std::vector<bool> are_kept;  ///< of each; false: what is there was observed later
  std::uint64_t revision = 0;  ///< from then on decisions see it; 0: nothing was kept
};

/// Where sources tell, and where what they told is looked up. Thread-safe; waits for the database.
/// Whether the schema has the source tell the attribute, and who is that source, was asked before.
/// Errors besides those of storage::Store: kInvalidArgument, nothing or too much is told, or one of
/// it is too long or was observed in the future.
class ToldDesk {
 public:
  /// They outlive it.
  ToldDesk(storage::Store& store, const Surroundings& surroundings)
      : store_(store), surroundings_(surroundings) {}

  /// Takes over all of it together. Of each `source` and `told_ms` are filled in here; one that was
  /// observed a little ahead of this clock was observed now.
  Result<Told> tell(const Mandate& mandate, std::string_view source, std::vector<ToldValue> values);

  /// What was told of a thing.
  Result<std::vector<ToldValue>> told_of(std::string_view tenant, std::string_view thing) const;
  /// What the source told.
  Result<std::vector<ToldValue>> told_by(std::string_view tenant, std::string_view source) const;
  /// See `count_told`.
  Result<ToldCount> count(std::string_view tenant, std::string_view source,
                          std::string_view attribute, std::int64_t fresh_after_ms) const;

  /// See `erase_told`. Decisions do not wait for it: what is so old is none for them already.
  Result<std::size_t> erase(std::string_view tenant, std::string_view source,
                            std::string_view attribute, std::int64_t until_ms);

 private:
  Result<Told> tell_in(storage::Work& work, const Mandate& mandate,
                       const std::vector<ToldValue>& values) const;

  storage::Store& store_;
  const Surroundings& surroundings_;
};

}  // namespace wardlock::directory
