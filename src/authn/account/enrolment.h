#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/account/surroundings.h"
#include "base/error.h"
#include "base/secret.h"
#include "directory/registry/thing.h"

namespace wardlock::authn {

/// Why somebody who cannot sign in may enrol authenticators.
enum class EnrolmentPurpose : std::uint8_t {
  kFirst,       ///< `wardlock init`
  kInvitation,  ///< an administrator invited them
  kRecovery,    ///< the help desk, two people
};
std::string_view to_string(EnrolmentPurpose purpose);

/// An enrolment that is under way.
struct Enrolment {
  std::string tenant;
  std::string person;
  EnrolmentPurpose purpose = EnrolmentPurpose::kInvitation;
  std::int64_t until_ms = 0;
};

struct EnrolmentToken {
  Secret token;  ///< shown once
  std::int64_t until_ms = 0;
};
struct BegunEnrolment {
  Enrolment enrolment;
  Secret handle;
};

/// Tokens with which people who have no authenticator yet, or none any more, enrol some. A token is
/// 256 random bits, kept as its hash, and good until what it was for is done, which is once.
/// Whoever can sign in with what they have gets none and uses none, but for a recovery: it would be
/// a way round what they have to show. That is asked at each step, since it may come to be in
/// between. Thread-safe.
///
/// Errors besides the store's: kUnauthenticated, token or handle stand for nothing (any more), in
/// the same words whatever the cause; kNotFound and kFailedPrecondition, there is no such person,
/// or they are not in force; kAlreadyExists, they can sign in.
class Enrolments {
 public:
  explicit Enrolments(AccountSurroundings surroundings) : surroundings_(std::move(surroundings)) {}

  /// Tokens from before for the same person count no more. `purpose` is not a recovery: that is
  /// RecoveryDesk's.
  Result<EnrolmentToken> invite(const directory::Mandate& mandate, std::string_view person,
                                EnrolmentPurpose purpose, std::int64_t until_ms);
  Result<bool> withdraw(const directory::Mandate& mandate, std::string_view person);

  /// With a token of ours, or the one of `wardlock init` where its owner has no authenticator that
  /// counts. A token that is begun with anew ends what was begun with it before. A handle is good
  /// for half an hour.
  Result<BegunEnrolment> begin(std::string_view tenant, const Secret& token);
  Result<Enrolment> find(std::string_view tenant, const Secret& handle) const;
  /// Token and handle count no more; after a recovery, neither do authenticators that were there
  /// before it. Error kFailedPrecondition: nothing was enrolled yet.
  Result<Enrolment> finish(const directory::Mandate& mandate, const Secret& handle);

 private:
  AccountSurroundings surroundings_;
};

/// That somebody at the help desk asked to let a person enrol anew.
struct RecoveryRequest {
  std::string id;
  std::string tenant;
  std::string person;
  std::string asked_by;
  std::string reason;
  std::int64_t asked_ms = 0;
  std::int64_t until_ms = 0;
  std::string approved_by = {};  ///< empty: nobody has yet
};

/// Recovery by two people: one asks, another approves, and neither is who it is for. Who has asked,
/// and has the person before them, then collects the token: the one who approves never sees it, and
/// the one who sees it could not get it alone. Each step is on record. Thread-safe. Errors as of
/// Enrolments; besides: kPermissionDenied, whoever asks, approves or collects is no person, is the
/// one it is for, or did both; kNotFound, no such recovery waits.
class RecoveryDesk {
 public:
  explicit RecoveryDesk(AccountSurroundings surroundings)
      : surroundings_(std::move(surroundings)) {}

  /// The mandate has a reason: how the person was recognised. Good for an hour.
  Result<RecoveryRequest> ask(const directory::Mandate& mandate, std::string_view person);
  /// Those that wait, the earliest first.
  Result<std::vector<RecoveryRequest>> waiting(std::string_view tenant) const;
  Result<RecoveryRequest> find(std::string_view tenant, std::string_view id) const;
  /// To be collected within a quarter of an hour.
  Result<RecoveryRequest> approve(const directory::Mandate& mandate, std::string_view id);
  /// Once. The token is good for a quarter of an hour. Error kFailedPrecondition: nobody has
  /// approved it yet.
  Result<EnrolmentToken> collect(const directory::Mandate& mandate, std::string_view id);
  Result<void> refuse(const directory::Mandate& mandate, std::string_view id);

 private:
  AccountSurroundings surroundings_;
};

}  // namespace wardlock::authn
