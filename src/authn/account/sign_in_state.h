#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/account/account_edit.h"
#include "authn/account/ceremonies.h"
#include "authn/account/sign_in.h"
#include "authn/rate_limit.h"

namespace wardlock::authn {

/// How far somebody is: what goes to the browser and back, sealed. Private to the room.
struct Progress {
  std::string tenant;
  std::string user_name;  ///< in its normal form, or as typed where it has none
  bool is_named = false;  ///< they gave a user name
  std::string person;     ///< empty: nobody, or not known yet
  std::string environment;
  std::string purpose;
  std::string address;
  std::int64_t begun_ms = 0;
  Proofs proofs;
  std::vector<std::string> authenticators;
  Assurance outside;                     ///< what another provider said
  std::optional<AssuranceLevel> wanted;  ///< of a step-up; else the policy is asked
  std::string challenge;                 ///< of a passkey
  std::string device_code;               ///< keyed hash of what was sent
  std::string device;                    ///< where to: the authenticator's id
  std::int64_t device_until_ms = 0;
  std::int64_t device_tries = 0;  ///< that were wrong
  bool is_without_database = false;
  bool did_counter_stall = false;
};
codec::Json to_json(const Progress& progress);
Progress read_progress(const codec::Json& json);

/// What a factor turned out to be.
struct Shown {
  bool is_right = false;
  Proofs proofs = {};
  std::string authenticator = {};
  std::string person = {};  ///< whose; where that was not known before
  std::string user_name = {};
  bool did_counter_stall = false;
  Assurance outside = {};
};

struct SignIn::State {
  explicit State(SignInParts the_parts) : parts(std::move(the_parts)) {}

  const AccountSurroundings& accounts() const { return parts.accounts; }
  std::int64_t now() const { return parts.accounts.directory.clock(); }

  /// From where an attempt comes, as the throttle and the count of failures see it.
  struct Origin {
    std::string source;
    Familiarity familiarity = Familiarity::kStranger;
  };
  Origin origin_of(const Progress& progress, const SignInSource& source) const;

  using Verify = std::function<Result<Shown>(const Progress&, Familiarity)>;
  /// One try: the handle is used up, the throttle asked, the factor verified, and what was found is
  /// kept under the next handle. `whose`: what the throttle counts beside the source.
  Result<SignInStep> attempt(const Secret& handle, Factor factor, const SignInSource& source,
                             const Verify& verify, std::string_view whose = {});
  /// What the throttle counts it under.
  static std::string counted_as(const Progress& progress, Factor factor, std::string_view whose);
  /// How long the source has to wait; nothing: it may try, and the try counts.
  std::optional<std::chrono::nanoseconds> begin_attempt(const Progress& progress, Factor factor,
                                                        const SignInSource& source,
                                                        std::string_view whose);
  Result<SignInStep> attempt_with(Progress progress, Factor factor, const SignInSource& source,
                                  const Verify& verify, std::string_view whose);

  Result<SignInStep> go_on(const Progress& progress, Factor factor, const SignInSource& source);
  Result<SignInStep> recognise(const Progress& progress, AssuranceLevel reached,
                               AssuranceLevel required, const SignInSource& source);
  Result<SignInStep> offer(const Progress& progress, std::vector<Factor> offered);
  Result<SignInStep> refuse(const Progress& progress, Factor factor, SignInRefusal refusal,
                            std::chrono::nanoseconds wait = {});
  Result<std::vector<Factor>> offered_to(const Progress& progress) const;
  Result<AssuranceLevel> required_of(const Progress& progress) const;
  Result<Available> available_to(const Progress& progress) const;

  Result<Shown> verify_password(const Progress& progress, const Secret& password, Familiarity who);
  Result<Shown> verify_code(const Progress& progress, const Secret& code, Familiarity who);
  Result<Shown> verify_recovery_code(const Progress& progress, const Secret& code, Familiarity who);
  Result<Shown> verify_passkey(const Progress& progress, std::string_view response);
  Result<Shown> verify_place(const Progress& progress, AuthenticatorKind kind,
                             std::string_view place);
  Result<Shown> verify_unlock(const Progress& progress, const Unlock& unlock, Familiarity who);

  Result<bool> draw_device_code(Progress& progress, Familiarity who) const;
  /// The device that the code was sent to, where it and the code still count.
  Result<std::optional<AuthenticatorRow>> find_sent_to(storage::Work& work,
                                                       const Progress& progress,
                                                       Familiarity who) const;

  // While the database is down.
  Result<Shown> verify_remembered_password(const Progress& progress, const Secret& password) const;
  Result<Shown> verify_remembered_code(const Progress& progress, const Secret& code) const;
  Result<Shown> verify_remembered_passkey(const Progress& progress,
                                          std::string_view response) const;
  /// Their ids.
  std::vector<std::string> remembered_passkeys(const Progress& progress) const;
  void remember(const Progress& progress, AssuranceLevel required) const;
  bool may_use_remembered() const;

  const SignInParts parts;
  Ceremonies ceremonies{parts.accounts};
};

/// Only who is at work can sign in. Nothing: nobody of the name is.
Result<std::optional<std::string>> find_person_named(storage::Work& work, std::string_view tenant,
                                                     std::string_view user_name);
/// The user name of a person who is at work.
Result<std::optional<std::string>> find_name_of(storage::Work& work, std::string_view tenant,
                                                std::string_view person);
/// A try that failed is written down, in as much time whether there is somebody or not.
Result<void> note_failures(storage::Work& work, const AccountSurroundings& accounts,
                           const std::vector<AuthenticatorRow>& rows, Familiarity who);
/// Of the kind, and good now.
std::vector<AuthenticatorRow> good_ones(std::vector<AuthenticatorRow> rows, AuthenticatorKind kind,
                                        std::int64_t now);
std::chrono::sys_seconds seconds_of(std::int64_t ms);
bool is_store_down(const Error& error);

}  // namespace wardlock::authn
