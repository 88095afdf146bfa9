#include "audit/log/key_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "merkle/lines.h"
#include "merkle/note.h"

namespace wardlock::audit {
namespace {

/// No checkpoint's text begins like that: its second line would have to be a number.
constexpr std::string_view kTitle = "wardlock audit log key change 1\n";

std::unexpected<Error> malformed(std::string_view why) {
  return invalid(fmt::format("this is no change of a log's key: {}", why));
}

}  // namespace

Result<KeyChange> make_key_change(const merkle::SignerKey& before, const merkle::SignerKey& after) {
  merkle::UnverifiedNote note{
      .text = fmt::format("{}{}\n{}\n", kTitle, before.verifier().text(), after.verifier().text()),
      .signatures = {}};
  note.signatures = {before.sign(note.text, 0), after.sign(note.text, 0)};
  return read_key_change(TRY(merkle::format_note(note)));
}

Result<KeyChange> read_key_change(std::string_view note) {
  const merkle::UnverifiedNote unverified = TRY(merkle::parse_note(note));
  if (!unverified.text.starts_with(kTitle)) return malformed("its first line says something else");
  merkle::Lines lines(std::string_view(unverified.text).substr(kTitle.size()));
  const auto first = lines.next(), second = lines.next();
  if (!second || lines.next() || !lines.rest().empty()) {
    return malformed("two lines with the keys must follow");
  }
  KeyChange change{.before = TRY(merkle::VerifierKey::parse(*first)),
                   .after = TRY(merkle::VerifierKey::parse(*second)),
                   .note = std::string(note)};
  if (change.before == change.after) return malformed("its keys are one");
  if (change.before.name() != change.after.name()) return malformed("its keys are of two logs");
  const std::array keys = {change.before, change.after};
  const auto verified = TRY(merkle::verify_note(unverified, keys));
  if (verified.signatures().size() == keys.size()) return change;
  return fail(ErrorCode::kUnauthenticated, "not both keys have signed that one follows the other");
}

Result<std::vector<KeyChange>> read_key_changes(std::string_view text) {
  std::vector<KeyChange> changes;
  while (!text.empty()) {
    const std::size_t next = text.find(kTitle, 1);
    KeyChange change = TRY(read_key_change(text.substr(0, next)));
    if (!changes.empty() && changes.back().after != change.before) {
      return malformed("it does not go on from the one before it");
    }
    changes.push_back(std::move(change));
    text.remove_prefix(std::min(next, text.size()));
  }
  return changes;
}

}  // namespace wardlock::audit
