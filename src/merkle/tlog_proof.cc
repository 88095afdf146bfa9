#include "merkle/tlog_proof.h"

#include <fmt/format.h>

#include "codec/base64.h"
#include "merkle/decimal.h"
#include "merkle/lines.h"
#include "merkle/note.h"
#include "merkle/proof_lines.h"

namespace wardlock::merkle {
namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

std::unexpected<Error> malformed(std::string_view why) {
  return invalid(fmt::format("this is not a proof of an entry: {}", why));
}

}  // namespace

Result<TlogProof> parse_tlog_proof(std::string_view text) {
  Lines lines(text);
  TlogProof proof;
  if (lines.next() != kHeader) return malformed(fmt::format("line 1 must be `{}`", kHeader));
  auto line = lines.next();
  if (line && line->starts_with(kExtra)) {
    proof.extra = codec::from_base64(line->substr(kExtra.size()));
    if (!proof.extra || proof.extra->empty()) {
      return malformed("`extra` must be followed by the base64 of data, or left out");
    }
    line = lines.next();
  }
  const auto index =
      line && line->starts_with(kIndex) ? decimal(line->substr(kIndex.size())) : std::nullopt;
  if (!index) {
    return malformed(fmt::format("line {} must be `index` and a number", lines.number()));
  }
  proof.index = *index;
  auto inclusion = read_proof_lines(lines);
  if (!inclusion) return malformed(inclusion.error().message);
  proof.inclusion = *std::move(inclusion);
  proof.checkpoint = lines.rest();
  const auto note = parse_note(proof.checkpoint);
  if (!note) return std::unexpected(note.error().in("the checkpoint of the proof"));
  return proof;
}

Result<std::string> format_tlog_proof(const TlogProof& proof) {
  std::string text = fmt::format("{}\n", kHeader);
  if (proof.extra) {
    text +=
        fmt::format("{}{}\n", kExtra,
                    codec::to_base64({reinterpret_cast<const std::uint8_t*>(proof.extra->data()),
                                      proof.extra->size()}));
  }
  text += fmt::format("{}{}\n{}{}", kIndex, proof.index, proof_lines(proof.inclusion),
                      proof.checkpoint);
  TRY_VOID(parse_tlog_proof(text));
  return text;
}

Result<VerifiedCheckpoint> verify_tlog_proof(const TlogProof& proof, const Hash& leaf,
                                             const CheckpointPolicy& policy) {
  VerifiedCheckpoint verified = TRY(open_checkpoint(proof.checkpoint, policy));
  TRY_VOID(verify_inclusion(leaf, proof.index, verified.head(), proof.inclusion));
  return verified;
}

}  // namespace wardlock::merkle
