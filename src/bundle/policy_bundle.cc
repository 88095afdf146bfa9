#include "bundle/policy_bundle.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace wardlock::bundle {

Result<BundleLayers> split_bundle(std::string_view bytes) {
  if (bytes.size() > kMaxBundleBytes) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("a policy bundle has {} bytes at most", kMaxBundleBytes));
  }
  const std::size_t end = bytes.substr(0, kMaxEnvelopeBytes + 1).find('\n');
  if (end == std::string_view::npos) {
    return invalid("this is no policy bundle: its first line does not end");
  }
  return BundleLayers{.envelope = bytes.substr(0, end), .content = bytes.substr(end + 1)};
}

Result<Content> parse_content(const Statement& statement, std::string_view bytes) {
  if (bytes.size() != statement.content_bytes) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("the bundle's content has {} bytes, and {} were signed; copy it again",
                            bytes.size(), statement.content_bytes));
  }
  if (crypto::sha256(bytes) != statement.content) {
    return fail(ErrorCode::kDataLoss,
                "the bundle's content is not the one that was signed: its hash is another");
  }
  return Content::parse(bytes);
}

Result<UnverifiedBundle> UnverifiedBundle::make(Statement statement, Content content) {
  statement.content = content.hash();
  statement.content_bytes = content.size();
  TRY_VOID(check_statement(statement));
  Envelope envelope{.statement = statement_text(statement)};
  return UnverifiedBundle(std::move(envelope), std::move(statement), std::move(content));
}

Result<UnverifiedBundle> UnverifiedBundle::parse(std::string_view bytes) {
  const BundleLayers layers = TRY(split_bundle(bytes));
  Envelope envelope = TRY(parse_envelope(layers.envelope));
  Statement statement = TRY(parse_statement(envelope.statement));
  Content content = TRY(parse_content(statement, layers.content));
  return UnverifiedBundle(std::move(envelope), std::move(statement), std::move(content));
}

bool UnverifiedBundle::is_signed_by(const crypto::PublicKey& key) const {
  const std::string id = key_id(key);
  return std::ranges::any_of(envelope_.signatures, [&](const BundleSignature& signature) {
    return signature.key_id == id && verifies(key, envelope_.statement, signature);
  });
}

Result<void> UnverifiedBundle::sign(const Signer& signer) {
  BundleSignature signature{.key_id = key_id(signer.key),
                            .bytes = TRY(signer.sign(signed_text(envelope_.statement)))};
  if (!verifies(signer.key, envelope_.statement, signature)) {
    return fail(ErrorCode::kInternal,
                "what came from the key is no signature of it; nothing was signed");
  }
  auto& all = envelope_.signatures;
  const auto at = std::ranges::lower_bound(all, signature.key_id, {}, &BundleSignature::key_id);
  if (at != all.end() && at->key_id == signature.key_id) {
    *at = std::move(signature);
    return {};
  }
  if (all.size() == kMaxSignatures) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("a bundle has {} signatures at most", kMaxSignatures));
  }
  all.insert(at, std::move(signature));
  return {};
}

std::string UnverifiedBundle::bytes() const {
  return envelope_text(envelope_) + "\n" + content_.bytes();
}

bool verifies(const crypto::PublicKey& key, std::string_view statement,
              const BundleSignature& signature) {
  const auto algorithm = algorithm_of(key);
  return algorithm && key.verify(*algorithm, signed_text(statement), signature.bytes);
}

}  // namespace wardlock::bundle
