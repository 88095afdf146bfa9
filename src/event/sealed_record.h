#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/error.h"
#include "crypto/committing_aead.h"
#include "crypto/symmetric_key.h"
#include "event/draft.h"
#include "event/event.h"

namespace wardlock::event {

// What the log keeps, and what a leaf of its tree is the hash of (docs/formats/audit-event.md):
//
//   version (1) || salt (16) || length (2) || clear JSON
//   for each sealed part, in order: part (1) || key id (16) || length (2) || sealed
//
// Numbers are big-endian. A part is sealed by crypto/committing_aead.h and bound to its number,
// its key id and all that stands before the first part: in another record it does not open. The
// salt also keeps the record from being guessed from its hash. Each part has a key of its own, made
// from the subject's key and what the part is bound to: it can be shown as proof of what the part
// says, and opens nothing else.

using KeyId = std::array<std::uint8_t, 16>;
using RecordSalt = std::array<std::uint8_t, 16>;

/// A subject's key. Its id stands in records: it is random and says nothing of the subject.
struct SubjectKey {
  KeyId id = {};
  crypto::SymmetricKey key = {};
};

/// Fresh random bytes, for one record.
using RecordRandom =
    std::array<std::uint8_t, sizeof(RecordSalt) + kSealedParts.size() * crypto::kAeadNonceBytes>;

/// The longest record there is: an event of 60 KB and what sealing adds.
inline constexpr std::size_t kMaxRecordBytes = 65535;

/// Appends the record. `keys[i]` belongs to the subject of `draft.parts()[i]`; there are as many.
/// What `out` has room for takes no memory. Pure: random bytes that were used before break it.
void seal_record(const DraftView& draft, std::span<const SubjectKey> keys,
                 const RecordRandom& random, std::string& out);

struct SealedPart {
  Part part = Part::kPerson;
  KeyId key_id = {};
  std::string_view sealed = {};
};

/// A record as far as it can be read without keys. Borrows from it.
struct RecordView {
  std::string_view salt = {};
  std::string_view clear_json = {};
  std::span<const SealedPart> parts() const& { return {parts_.data(), count_}; }
  void parts() const&& = delete;  // they are in the record itself

  void add(const SealedPart& part) { parts_[count_++] = part; }

 private:
  std::array<SealedPart, kSealedParts.size()> parts_ = {};
  std::size_t count_ = 0;
};

/// Takes the record apart, strictly. Error: kDataLoss, it is damaged; kUnimplemented, it is of a
/// version that this program does not know.
Result<RecordView> parse_record(std::string_view record);

/// Where the keys are.
class KeyLookup {
 public:
  enum class Answer : std::uint8_t {
    kFound,
    kErased,   ///< it was erased; nobody has it
    kMissing,  ///< not here; somebody may have it
  };
  virtual ~KeyLookup() = default;
  /// Writes the key where it is found. Error: it could not be looked for.
  virtual Result<Answer> find(const KeyId& id, crypto::SymmetricKey& key) = 0;
};

/// For those who read without keys: all that is sealed stays locked.
class NoKeys final : public KeyLookup {
 public:
  Result<Answer> find(const KeyId&, crypto::SymmetricKey&) override { return Answer::kMissing; }
};

/// The event, with the names of parts that could not be read in `erased_parts` and `locked_parts`.
/// Borrows from the record and the arena. Errors: kDataLoss, the record is damaged, or a part does
/// not open with its key; kUnimplemented, as with `parse_record`; those of the lookup.
Result<Event> open_record(std::string_view record, KeyLookup& keys, Arena& arena);

/// The keys of parts of one record. Whoever has them reads these parts and can check that they say
/// nothing else; of the subjects' keys, or any other record, they reveal nothing.
class PartKeys {
 public:
  void set(Part part, const crypto::SymmetricKey& key) { keys_[index_of(part)] = key; }
  /// Null: it has none for that part.
  const crypto::SymmetricKey* find(Part part) const {
    const auto& key = keys_[index_of(part)];
    return key ? &*key : nullptr;
  }

 private:
  static std::size_t index_of(Part part) { return static_cast<std::size_t>(part); }

  std::array<std::optional<crypto::SymmetricKey>, kParts> keys_ = {};
};

/// The keys of those of its parts that the lookup can open. Errors: as `parse_record`; the
/// lookup's.
Result<PartKeys> part_keys(std::string_view record, KeyLookup& keys);

/// The same as above for who has nothing but these; parts without a key are `locked_parts`. Error:
/// kDataLoss also where a key is another part's or record's.
Result<Event> open_record(std::string_view record, const PartKeys& keys, Arena& arena);

}  // namespace wardlock::event
