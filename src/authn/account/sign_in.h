#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authn/account/factor.h"
#include "authn/account/surroundings.h"
#include "authn/attempt_throttle.h"
#include "authn/familiar_device.h"
#include "base/error.h"
#include "base/secret.h"
#include "event/event.h"

namespace wardlock::authn {

/// From where somebody tries.
struct SignInSource {
  std::string address;  ///< of the client
  std::string mark;     ///< the cookie that `Recognised::mark` was, or empty
};

struct SignInStart {
  std::string tenant;
  std::string user_name;  ///< as typed; empty: a passkey says who it is
  SignInSource source;
  std::string environment;
  std::string purpose = {};  ///< what it is for, e.g. `administration`; for the policy
  /// Of somebody who has a session and is to show so much anew; nothing: what the policy says.
  std::optional<AssuranceLevel> wanted = {};
};

/// What the policy is asked: how surely somebody must be recognised.
struct AssuranceQuestion {
  std::string_view tenant;
  std::string_view person;
  std::string_view environment;
  std::string_view purpose;
  std::string_view address;
};

/// Who was recognised, and how surely. The caller opens a session for them.
struct Recognised {
  std::string tenant;
  std::string person;
  Assurance assurance;
  std::vector<std::string> authenticators;  ///< ids
  std::string mark;         ///< to be kept by the browser: from there they are no stranger any more
  std::string workstation;  ///< what the mark calls the device
  bool is_without_database = false;  ///< by what was remembered of them
  /// A passkey's counter did not go up: it may be a copy. To be put on record.
  bool did_counter_stall = false;
};

/// Why somebody was not let on. For the log; a page says no more than `kWrong` and `kWait`.
enum class SignInRefusal : std::uint8_t {
  kWrong,      ///< the password, code or key was not right, or there is no such person
  kWait,       ///< too many tries from there
  kExpired,    ///< the sign-in took too long, is over, or was never begun
  kNotEnough,  ///< what the person has cannot reach what is required
  kBusy,       ///< the database is down, and they are not remembered
};
std::string_view to_string(SignInRefusal refusal);

/// Where a sign-in stands.
struct SignInStep {
  Secret handle;                ///< to be sent with the next step; changes with each
  std::vector<Factor> offered;  ///< what may be shown next; empty where it is over
  std::optional<SignInRefusal> refusal;
  std::chrono::nanoseconds wait = {};    ///< before another try, with `kWait`
  std::optional<Recognised> recognised;  ///< it is done
  /// For the audit log: who it was about. Empty: nobody's name was shown, or nobody has it.
  std::string person;
  std::optional<Factor> shown;  ///< what this step was about
};

/// Whose password is asked for elsewhere.
struct OutsideQuestion {
  std::string_view tenant;
  std::string_view user_name;
  std::string_view person;  ///< empty: nobody's, or one that is kept here
};

struct SignInParts {
  AccountSurroundings accounts;
  AttemptThrottle& throttle;
  const FamiliarDevice& devices;
  /// Errors are the caller's; nobody gets in by them.
  std::function<Result<AssuranceLevel>(const AssuranceQuestion&)> required;
  std::function<Ticks()> ticks;  ///< a clock that never goes back
  /// Where a person's password is kept elsewhere (LDAP): nothing, it is not; else whether it is
  /// right. It counts of those alone who have none here. Asked of everybody whose password is not
  /// right here, also where there is no such person: it is to take as long.
  std::function<std::optional<bool>(const OutsideQuestion& question, const Secret& password)>
      outside_password = {};
};

/// The way from a user name to a person who was recognised, step by step. What a step needs of the
/// next is kept under its handle, for five minutes; a handle is good for one step. What is offered
/// first, the words of a refusal and the time it takes are the same whether there is such a person
/// or not. Each try is throttled before anything is verified. Nothing is put on record here: the
/// caller does so before it answers (`event_of`). Thread-safe; steps with a password or PIN take
/// the time of its hash.
/// Whether it was made for the tenant, as far as it says: asked where tenants have places of their
/// own, before a step is taken with it.
bool is_handle_of(const Secret& handle, std::string_view tenant);

class SignIn {
 public:
  explicit SignIn(SignInParts parts);
  ~SignIn();
  SignIn(const SignIn&) = delete;
  SignIn& operator=(const SignIn&) = delete;

  /// Errors of all steps: kInvalidArgument, the user name is none; those of the store.
  Result<SignInStep> begin(const SignInStart& start);
  /// The level at which somebody may change how they sign in: two proofs where they have two, as
  /// else one of them would be enough to take the other away, and never less than they came with.
  Result<AssuranceLevel> level_of_changes(const Session& session) const;
  /// For somebody who has signed in, and is to show more: their session's proofs count.
  Result<SignInStep> begin_step_up(const SignInStart& start, const Session& session,
                                   AssuranceLevel wanted);

  Result<SignInStep> show_password(const Secret& handle, const Secret& password,
                                   const SignInSource& source);
  /// A code of an app, a token, or a registered device.
  Result<SignInStep> show_code(const Secret& handle, const Secret& code,
                               const SignInSource& source);
  Result<SignInStep> show_recovery_code(const Secret& handle, const Secret& code,
                                        const SignInSource& source);
  /// Draws a code and has it sent to the device that the person registered last, in one
  /// transaction. It is good for five minutes, five tries, and this sign-in alone. `kWait`: so many
  /// were sent lately that none is for a while; one that was sent before is good as it was.
  Result<SignInStep> send_device_code(const Secret& handle, const SignInSource& source);

  /// `PublicKeyCredentialRequestOptionsJSON`, with a challenge that is good once. The step's handle
  /// changes.
  struct PasskeyStep {
    SignInStep step;
    std::string options;
  };
  Result<PasskeyStep> ask_passkey(const Secret& handle);
  /// `response`: what `PublicKeyCredential.toJSON()` gave.
  Result<SignInStep> show_passkey(const Secret& handle, std::string_view response,
                                  const SignInSource& source);

  /// A client certificate that was verified, with its path and revocation. `place`: as it was
  /// mapped. More than one place of a certificate is tried by the caller, in its order.
  Result<SignInStep> show_certificate(const SignInStart& start, std::string_view place);
  /// Another identity provider says who it is, and how surely.
  Result<SignInStep> show_linked_account(const SignInStart& start, std::string_view issuer,
                                         std::string_view subject, const Assurance& assurance);

  /// Badge or PIN at a workstation where the person's session is locked. Only tells whether they
  /// are right: `Sessions::unlock` opens it. Counts tries with `Sessions::note_failed_unlock`.
  struct Unlock {
    std::string tenant;
    std::string user_name;  ///< empty: the badge says who it is
    Secret badge;           ///< or empty
    Secret pin;             ///< or empty
    SignInSource source;
  };
  Result<SignInStep> show_unlock(const Unlock& unlock);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The texts of a step's audit event, which borrows them.
struct SignInRecord {
  event::Event event;
  std::vector<std::string_view> methods;
};
/// `login`, or `login_failed` with its cause; nothing while it goes on. Who records it fills in id,
/// time, node and session. Borrows from both.
std::optional<SignInRecord> record_of(const SignInStep& step, const SignInStart& start);

}  // namespace wardlock::authn
