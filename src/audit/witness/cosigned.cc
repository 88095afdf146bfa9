#include "audit/witness/cosigned.h"

#include <utility>

#include "audit/log/log_folder.h"
#include "merkle/note.h"

namespace wardlock::audit {

std::optional<CosignedCheckpoint> read_cosigned(Files& files, const std::string& folder,
                                                const merkle::CheckpointPolicy& policy) {
  constexpr std::size_t kMaxBytes = 64UL * 1024;
  auto note = read_file(files, LogPaths(folder).cosigned(), kMaxBytes);
  if (!note) return std::nullopt;
  const auto opened = merkle::open_checkpoint(*note, policy);
  if (!opened) return std::nullopt;
  return CosignedCheckpoint{.note = *std::move(note), .checkpoint = opened->checkpoint()};
}

std::string with_cosignatures(std::string latest,
                              const std::optional<CosignedCheckpoint>& cosigned) {
  if (!cosigned) return latest;
  const auto ours = merkle::parse_note(latest);
  const auto theirs = merkle::parse_note(cosigned->note);
  if (!ours || !theirs || ours->text != theirs->text) return latest;
  auto both = merkle::add_signatures(latest, theirs->signatures);
  return both ? *std::move(both) : latest;
}

}  // namespace wardlock::audit
