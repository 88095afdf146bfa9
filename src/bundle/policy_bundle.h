#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"
#include "bundle/envelope.h"
#include "bundle/keys.h"
#include "bundle/statement.h"

namespace wardlock::bundle {

/// The largest file that can be a bundle.
inline constexpr std::size_t kMaxBundleBytes = kMaxEnvelopeBytes + 1 + kMaxContentBytes;

/// A bundle's bytes in its two parts. Borrows them.
struct BundleLayers {
  std::string_view envelope;
  std::string_view content;
};

/// Error kInvalidArgument: no line ends where the first one must; kResourceExhausted: it is larger
/// than a bundle.
Result<BundleLayers> split_bundle(std::string_view bytes);

/// Reads the content that the statement names. Errors: kDataLoss, it is another: its size or its
/// hash is; those of `Content::parse`.
Result<Content> parse_content(const Statement& statement, std::string_view bytes);

/// A bundle whose form and hash are right, and whose signatures nobody has looked at: for who makes
/// and shows bundles, never for who uses their policies. A value.
class UnverifiedBundle {
 public:
  /// Without signatures. Of the statement `content` and `content_bytes` are filled in. Errors:
  /// those of `check_statement`.
  static Result<UnverifiedBundle> make(Statement statement, Content content);

  /// Reads what `bytes` writes and nothing else. Errors: those of the parts.
  static Result<UnverifiedBundle> parse(std::string_view bytes);

  const Statement& statement() const { return statement_; }
  const Content& content() const { return content_; }
  const std::vector<BundleSignature>& signatures() const { return envelope_.signatures; }

  /// Whether that key has signed it, and rightly.
  bool is_signed_by(const crypto::PublicKey& key) const;

  /// Adds the signature of the signer; in the place of one that says to be of the same key. Errors:
  /// kResourceExhausted, there is no room for another; kInternal, what the signer gave is no
  /// signature of its key; those of the signer.
  Result<void> sign(const Signer& signer);

  /// The one form of this bundle: its file.
  std::string bytes() const;

 private:
  UnverifiedBundle(Envelope envelope, Statement statement, Content content)
      : envelope_(std::move(envelope)),
        statement_(std::move(statement)),
        content_(std::move(content)) {}

  Envelope envelope_;
  Statement statement_;
  Content content_;
};

/// Whether the signature is that key's over the statement.
bool verifies(const crypto::PublicKey& key, std::string_view statement,
              const BundleSignature& signature);

}  // namespace wardlock::bundle
