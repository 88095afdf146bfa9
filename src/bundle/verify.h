#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bundle/content.h"
#include "bundle/statement.h"
#include "crypto/public_key.h"

namespace wardlock::bundle {

/// Whose signatures count.
struct Trust {
  std::vector<crypto::PublicKey> keys;
  /// Keys that counted once: their signatures are as if they were not there, also where the key is
  /// among `keys`.
  std::vector<crypto::PublicKey> revoked = {};
  /// How many of the keys must have signed; at least one.
  std::size_t quorum = 1;
};

/// What a bundle must be for, where it is to be used.
struct Expected {
  std::chrono::sys_seconds now;                 ///< never before a time that was known to have been
  std::optional<std::string> tenant = {};       ///< nothing: any
  std::optional<std::string> environment = {};  ///< nothing: any
  std::optional<std::uint64_t> serial_above = {};  ///< nothing: any
  bool is_canary = false;  ///< for a part of the questions, and for nothing else
};

/// A bundle made by a clock that is so far ahead of ours is not from the future. Its end has no
/// such grace.
inline constexpr std::chrono::seconds kClockSkew{300};

/// A bundle that may be used here and now. Only `verify_bundle` makes it.
class VerifiedBundle {
 public:
  const Statement& statement() const { return statement_; }
  const Content& content() const { return content_; }
  /// The ids of the keys that have signed it and count, sorted.
  const std::vector<std::string>& signers() const { return signers_; }

 private:
  friend Result<VerifiedBundle> verify_bundle(std::string_view, const Trust&, const Expected&);
  VerifiedBundle(Statement statement, Content content, std::vector<std::string> signers)
      : statement_(std::move(statement)),
        content_(std::move(content)),
        signers_(std::move(signers)) {}

  Statement statement_;
  Content content_;
  std::vector<std::string> signers_;
};

/// Reads a bundle and checks all there is to check without looking into its policies. Any input may
/// be hostile. Nothing but its signatures is judged before they are found good. Errors:
/// - kInvalidArgument, kResourceExhausted, kUnimplemented: it has not the form of a bundle;
/// - kUnauthenticated: unsigned, or no signature (or too few) of a key that counts, or one that
/// says
///   to be of such a key and is not;
/// - kPermissionDenied: signed with revoked keys alone, for another tenant or environment, or for a
/// part
///   of the questions where all are meant, or the other way round;
/// - kFailedPrecondition: expired, or from the future;
/// - kAborted: its serial is not above the last one;
/// - kDataLoss: its content is not the one that was signed.
///
/// Pure; thread-safe.
Result<VerifiedBundle> verify_bundle(std::string_view bytes, const Trust& trust,
                                     const Expected& expected);

}  // namespace wardlock::bundle
