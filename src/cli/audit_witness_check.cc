#include "cli/audit_witness_check.h"

#include <fmt/format.h>

#include "audit/log/log_folder.h"
#include "audit/witness/confirm_log.h"
#include "base/wall_clock.h"
#include "cli/audit_inputs.h"

namespace wardlock::cli {
namespace {

/// What the log's latest checkpoint says, which was verified.
Result<merkle::TreeHead> verified_head(const audit::Verification& result) {
  if (result.key && result.covered_head) return *result.covered_head;
  return fail(ErrorCode::kFailedPrecondition,
              "there is nothing to ask a witness about: the log has no signed checkpoint yet");
}

}  // namespace

Result<std::optional<merkle::VerifierKey>> read_witness_key(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const merkle::VerifierKey key = TRY(read_verifier_key(text, "--witness-key"));
  return audit::parse_witness_key(key.text());
}

Result<void> ask_witness(const std::string& url, const std::string& key, const std::string& folder,
                         audit::Files& files, audit::Verification& result) {
  const merkle::TreeHead head = TRY(verified_head(result));
  audit::Witness witness{.name = url, .url = url};
  witness.key = TRY(read_witness_key(key));
  const net::Interruption never;
  const audit::Post post = TRY(audit::connect_to(witness, never));
  audit::WitnessClient client(witness, post);
  const auto now = static_cast<std::uint64_t>(wall_clock_ms() / 1000);
  const auto said = audit::contradiction(files, folder, *result.key, head, client, now);
  if (!said) {
    return std::unexpected(
        said.error().in("the log is whole in itself, but a rollback is not "
                        "excluded"));
  }
  if (*said) {
    result.findings.add({.file = url, .what = fmt::format("the witness {}", **said)});
    return {};
  }
  result.confirmed = head.size;
  result.witness = audit::AskedWitness{.url = url, .is_verified = witness.key.has_value()};
  return {};
}

}  // namespace wardlock::cli
