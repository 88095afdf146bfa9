#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codec/json.h"
#include "directory/inventory/entry.h"
#include "directory/registry/registry.h"

namespace wardlock::directory {

/// What an import does to a thing or a relation.
enum class Act : std::uint8_t { kCreate, kChange, kMerge, kRelate, kEndRelation };

/// Asked about each act, within its transaction; a refusal is returned, and all of the batch is
/// undone. Acts on a thing name it as it was before.
class ImportGate {
 public:
  virtual ~ImportGate() = default;

  virtual Result<void> check(Act act, Kind kind) = 0;           ///< kCreate
  virtual Result<void> check(Act act, const Thing& thing) = 0;  ///< kChange, kMerge
  virtual Result<void> check_state(const Thing& thing, std::string_view next) = 0;
  virtual Result<void> check(Act act, Relation relation, const Thing& subject,
                             const Thing& object) = 0;
};

/// What became of an entry, or would become.
enum class Effect : std::uint8_t { kCreated, kChanged, kSame, kEnded, kRefused };

/// Its name, e.g. `created`.
std::string_view to_string(Effect effect);
std::optional<Effect> find_effect(std::string_view name);

/// One value before and since; null where there is none. What is sensitive is not shown before.
struct Difference {
  std::string path;
  codec::Json before;
  codec::Json after;
};

struct Outcome {
  Effect effect = Effect::kSame;
  std::string id = {};  ///< of the thing or relation; empty where it was refused or never made
  std::vector<Difference> differences = {};
  Faults faults = {};  ///< why it was refused
};

/// So many entries are imported together: all or none.
inline constexpr std::size_t kMaxBatchEntries = 500;
inline constexpr std::size_t kMaxBefore = 2000;

/// A part of a file, in the order in which it is to be imported.
struct Batch {
  /// What the entries speak of and the file enters before them: for a dry run, which leaves
  /// nothing behind for the batch that follows.
  std::vector<Checked<Entry>> before = {};
  std::vector<Checked<Entry>> entries = {};
  bool is_dry_run = false;  ///< everything is done, and undone
};

struct BatchOutcome {
  std::vector<Outcome> outcomes = {};  ///< of the entries
  bool is_refused = false;             ///< at least one; nothing was changed
  /// From which on the changes are seen; nothing: there are none.
  std::optional<std::uint64_t> revision = {};
};

/// Imports a batch in one transaction. All that is wrong with its entries is in the outcome.
/// Errors: kInvalidArgument, it is too large; what `gate` refused; those of the store.
Result<BatchOutcome> import_batch(Registry& registry, const Mandate& mandate, ImportGate& gate,
                                  const Batch& batch);

}  // namespace wardlock::directory
