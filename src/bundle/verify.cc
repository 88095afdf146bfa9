#include "bundle/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bundle/envelope.h"
#include "bundle/keys.h"
#include "bundle/policy_bundle.h"

namespace wardlock::bundle {
namespace {

std::unexpected<Error> untrusted(std::string message) {
  return fail(ErrorCode::kUnauthenticated, std::move(message));
}

const crypto::PublicKey* find_key(const std::vector<crypto::PublicKey>& keys, std::string_view id) {
  const auto it =
      std::ranges::find_if(keys, [&](const crypto::PublicKey& key) { return key_id(key) == id; });
  return it == keys.end() ? nullptr : &*it;
}

/// The keys that count and have signed.
Result<std::vector<std::string>> check_signatures(const Envelope& envelope, const Trust& trust) {
  if (envelope.signatures.empty()) {
    return untrusted("the bundle is not signed; `wardlock bundle sign` signs it");
  }
  std::vector<std::string> signers;
  std::string revoked;
  for (const BundleSignature& signature : envelope.signatures) {
    if (find_key(trust.revoked, signature.key_id) != nullptr) {
      revoked = signature.key_id;
      continue;
    }
    const crypto::PublicKey* key = find_key(trust.keys, signature.key_id);
    if (key == nullptr) continue;
    if (!verifies(*key, envelope.statement, signature)) {
      return untrusted(fmt::format(
          "the signature of the key {} is wrong: the bundle was changed after it was signed",
          signature.key_id));
    }
    signers.push_back(signature.key_id);
  }
  const std::size_t quorum = std::max<std::size_t>(trust.quorum, 1);
  if (signers.size() >= quorum) return signers;
  if (signers.empty() && !revoked.empty()) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("the bundle is signed with the key {}, which has been revoked; sign it "
                            "with another",
                            revoked));
  }
  if (signers.empty()) {
    return untrusted(
        fmt::format("no key that counts here has signed the bundle; it is signed with "
                    "{}",
                    envelope.signatures.front().key_id));
  }
  return untrusted(fmt::format("{} of the keys that count have signed the bundle; {} must",
                               signers.size(), quorum));
}

Result<void> check_place(const Statement& statement, const Expected& expected) {
  const auto check = [](std::string_view what, const std::string& found,
                        const std::optional<std::string>& wanted) -> Result<void> {
    if (!wanted || *wanted == found) return {};
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("the bundle is for the {} `{}`, not `{}`", what, found, *wanted));
  };
  TRY_VOID(check("tenant", statement.tenant, expected.tenant));
  TRY_VOID(check("environment", statement.environment, expected.environment));
  if (statement.part.has_value() == expected.is_canary) return {};
  return fail(ErrorCode::kPermissionDenied,
              expected.is_canary ? "the bundle is for all questions, and no canary"
                                 : "the bundle is a canary: it is for a part of the questions");
}

Result<void> check_time(const Statement& statement, const Expected& expected) {
  if (expected.now >= statement.expires) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the bundle expired at {}; build and sign it anew",
                            to_text(statement.expires)));
  }
  if (statement.created > expected.now + kClockSkew) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("the bundle was made at {}, and here it is {}: one of the clocks is "
                            "wrong",
                            to_text(statement.created), to_text(expected.now)));
  }
  return {};
}

Result<void> check_serial(const Statement& statement, const Expected& expected) {
  if (!expected.serial_above || statement.serial > *expected.serial_above) return {};
  return fail(ErrorCode::kAborted,
              fmt::format("the bundle's serial is {}, which is not above {}; to go back to older "
                          "policies, sign them anew under a higher serial",
                          statement.serial, *expected.serial_above));
}

}  // namespace

Result<VerifiedBundle> verify_bundle(std::string_view bytes, const Trust& trust,
                                     const Expected& expected) {
  const BundleLayers layers = TRY(split_bundle(bytes));
  const Envelope envelope = TRY(parse_envelope(layers.envelope));
  std::vector<std::string> signers = TRY(check_signatures(envelope, trust));
  Statement statement = TRY(parse_statement(envelope.statement));
  TRY_VOID(check_place(statement, expected));
  TRY_VOID(check_time(statement, expected));
  TRY_VOID(check_serial(statement, expected));
  Content content = TRY(parse_content(statement, layers.content));
  return VerifiedBundle(std::move(statement), std::move(content), std::move(signers));
}

}  // namespace wardlock::bundle
