#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "merkle/note_key.h"

namespace wardlock::audit {

/// One key of a log hands over to the next: a signed note (C2SP signed-note) that names both,
/// signed by both. So whoever trusts either knows the other, and nobody else can say so.
struct KeyChange {
  merkle::VerifierKey before;
  merkle::VerifierKey after;
  std::string note;  ///< verbatim

  bool operator==(const KeyChange&) const = default;
};

/// The same keys give the same note. Requires keys of one name, which is the log's origin.
Result<KeyChange> make_key_change(const merkle::SignerKey& before, const merkle::SignerKey& after);

/// Errors: invalid_argument, it is no such note, or its keys are one, or of two logs;
/// unauthenticated, one of them has not signed it.
Result<KeyChange> read_key_change(std::string_view note);

/// Those of a log, oldest first, as a file has them: one after another. Errors: as above;
/// invalid_argument where one does not go on from the one before.
Result<std::vector<KeyChange>> read_key_changes(std::string_view text);

/// No file of them is longer.
inline constexpr std::size_t kMaxKeyChangesBytes = std::size_t{1} << 20;

}  // namespace wardlock::audit
