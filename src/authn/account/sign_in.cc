#include "authn/account/sign_in.h"

#include <algorithm>
#include <array>
#include <utility>

#include "authn/account/cached_authenticators.h"
#include "authn/account/device_code.h"
#include "authn/account/sign_in_state.h"
#include "authn/account/way_in.h"
#include "authn/network.h"
#include "directory/identifier/user_name.h"
#include "directory/registry/read_from.h"

namespace wardlock::authn {
namespace {

using storage::Work;

constexpr std::int64_t kStepMs = 5 * 60 * 1000;
/// Whatever is done meanwhile.
constexpr std::int64_t kWholeMs = 15 * 60 * 1000;
constexpr std::string_view kSignIn = "sign-in";

/// How a name that cannot be one is called: it is nobody's, as any other that nobody has.
std::string normal_name(std::string_view typed) {
  const auto normal = directory::normalise_user_name(typed);
  return normal ? *normal : handle_hash(typed);
}

Progress progress_of(const SignInStart& start, std::int64_t now) {
  Progress progress;
  progress.begun_ms = now;
  progress.tenant = start.tenant;
  progress.is_named = !start.user_name.empty();
  if (progress.is_named) progress.user_name = normal_name(start.user_name);
  progress.environment = start.environment;
  progress.purpose = start.purpose;
  progress.wanted = start.wanted;
  progress.address = start.source.address;
  return progress;
}

/// What is left of what somebody has while the database is down.
Available remembered_of(const CachedAuthenticators::Person& person) {
  Available available;
  for (const RememberedAuthenticator& each : person.authenticators) {
    available.password |= each.password_hash.has_value();
    available.code |= each.otp_secret.has_value();
    if (!each.passkey) continue;
    available.passkey = true;
    available.verifying_passkey |= each.passkey->was_user_verified;
    available.hardware_passkey |=
        !each.passkey->is_backup_eligible && each.passkey->is_attestation_trusted;
  }
  return available;
}

/// A mark is for a person on a device.
std::string mark_key(const Progress& progress) {
  return progress.tenant + "/" + progress.user_name;
}

}  // namespace

std::string_view to_string(SignInRefusal refusal) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"wrong", "wait", "expired", "not_enough", "busy"});
  return kNames.at(static_cast<std::size_t>(refusal));
}

SignIn::SignIn(SignInParts parts) : state_(std::make_unique<State>(std::move(parts))) {}
SignIn::~SignIn() = default;

SignIn::State::Origin SignIn::State::origin_of(const Progress& progress,
                                               const SignInSource& source) const {
  if (!progress.user_name.empty()) {
    if (auto device = parts.devices.source_of(source.mark, mark_key(progress))) {
      return {.source = *std::move(device), .familiarity = Familiarity::kFamiliar};
    }
  }
  return {.source = std::string(network_of(source.address)), .familiarity = Familiarity::kStranger};
}

Result<SignInStep> SignIn::State::offer(const Progress& progress, std::vector<Factor> offered) {
  SignInStep step;
  const std::int64_t left = std::min(kStepMs, progress.begun_ms + kWholeMs - now());
  step.handle = TRY(ceremonies.keep(progress.tenant, kSignIn, to_json(progress), left));
  step.offered = std::move(offered);
  step.person = progress.person;
  return step;
}

Result<std::vector<Factor>> SignIn::State::offered_to(const Progress& progress) const {
  const bool is_first = progress.proofs.empty() && !progress.wanted &&
                        progress.outside.level == AssuranceLevel::kNone;
  if (is_first) return first_offer(progress.is_named);
  if (progress.is_without_database) return std::vector{Factor::kPasskey, Factor::kCode};
  const Available available = TRY(available_to(progress));
  const Course course = course_of(progress.proofs, available, TRY(required_of(progress)));
  const auto* on = std::get_if<GoOn>(&course);
  std::vector<Factor> offered = on == nullptr ? std::vector<Factor>() : on->offered;
  // Another question would take the place of the code that is on its way.
  if (!progress.device_code.empty() && now() < progress.device_until_ms) {
    std::erase(offered, Factor::kPasskey);
    if (std::ranges::find(offered, Factor::kCode) == offered.end()) {
      offered.insert(offered.begin(), Factor::kCode);
    }
  }
  return offered;
}

Result<SignInStep> SignIn::State::refuse(const Progress& progress, Factor factor,
                                         SignInRefusal refusal, std::chrono::nanoseconds wait) {
  const bool may_go_on = refusal == SignInRefusal::kWrong || refusal == SignInRefusal::kWait;
  SignInStep step;
  if (may_go_on) step = TRY(offer(progress, offered_to(progress).value_or(std::vector<Factor>())));
  step.refusal = refusal;
  step.wait = wait;
  step.shown = factor;
  step.person = progress.person;
  return step;
}

Result<AssuranceLevel> SignIn::State::required_of(const Progress& progress) const {
  if (progress.wanted) return *progress.wanted;
  return parts.required({.tenant = progress.tenant,
                         .person = progress.person,
                         .environment = progress.environment,
                         .purpose = progress.purpose,
                         .address = progress.address});
}

Result<Available> SignIn::State::available_to(const Progress& progress) const {
  const std::int64_t at = now();
  return directory::read_from<Available>(accounts().store, [&](Work& work) -> Result<Available> {
    const auto rows = TRY(find_authenticators(work, progress.tenant, progress.person));
    Available available = TRY(available_of(rows, at));
    available.device_code &= sends_codes(accounts());
    return available;
  });
}

Result<SignInStep> SignIn::State::recognise(const Progress& progress, AssuranceLevel reached,
                                            AssuranceLevel required, const SignInSource& source) {
  Recognised recognised{
      .tenant = progress.tenant,
      .person = progress.person,
      .assurance = stepped_up(progress.outside, assurance_of(progress.proofs, now())),
      .authenticators = progress.authenticators,
      .mark = source.mark,
      .workstation = {},
      .is_without_database = progress.is_without_database,
      .did_counter_stall = progress.did_counter_stall};
  recognised.assurance.level = std::max(recognised.assurance.level, reached);
  auto device = parts.devices.source_of(source.mark, mark_key(progress));
  if (!device) {
    recognised.mark = parts.devices.new_mark(mark_key(progress));
    device = parts.devices.source_of(recognised.mark, mark_key(progress));
  }
  recognised.workstation = device.value_or("");
  if (!progress.is_without_database) remember(progress, required);
  SignInStep step;
  step.person = progress.person;
  step.recognised = std::move(recognised);
  return step;
}

Result<SignInStep> SignIn::State::go_on(const Progress& progress, Factor factor,
                                        const SignInSource& source) {
  const AssuranceLevel reached = std::max(level_of(progress.proofs), progress.outside.level);
  AssuranceLevel required = AssuranceLevel::kAal3;
  Available available;
  if (progress.is_without_database) {
    // What the policy said last, of what is remembered.
    const auto known = accounts().cached->find(progress.tenant, progress.user_name, now());
    if (!known) return refuse(progress, factor, SignInRefusal::kBusy);
    required = known->required;
    available = remembered_of(*known);
  } else {
    required = TRY(required_of(progress));
    available = TRY(available_to(progress));
  }
  SignInStep step;
  if (reached != AssuranceLevel::kNone && reached >= required) {
    step = TRY(recognise(progress, reached, required, source));
  } else {
    const Course course = course_of(progress.proofs, available, required);
    const auto* on = std::get_if<GoOn>(&course);
    if (on == nullptr) return refuse(progress, factor, SignInRefusal::kNotEnough);
    step = TRY(offer(progress, on->offered));
  }
  step.shown = factor;
  return step;
}

Result<SignInStep> SignIn::State::attempt(const Secret& handle, Factor factor,
                                          const SignInSource& source, const Verify& verify,
                                          std::string_view whose) {
  const auto taken = TRY(ceremonies.take(kSignIn, handle));
  if (!taken) {
    SignInStep step;
    step.refusal = SignInRefusal::kExpired;
    step.shown = factor;
    return step;
  }
  Progress progress = read_progress(taken->body);
  auto offered = offered_to(progress);
  if (!offered) {
    if (!is_store_down(offered.error())) return std::unexpected(offered.error());
    if (!may_use_remembered()) return refuse(progress, factor, SignInRefusal::kBusy);
    progress.is_without_database = true;
    offered = offered_to(progress);
  }
  if (std::ranges::find(*offered, factor) == offered->end()) {
    if (const auto wait = begin_attempt(progress, factor, source, whose)) {
      return refuse(progress, factor, SignInRefusal::kWait, *wait);
    }
    return refuse(progress, factor, SignInRefusal::kWrong);
  }
  return attempt_with(std::move(progress), factor, source, verify, whose);
}

std::string SignIn::State::counted_as(const Progress& progress, Factor factor,
                                      std::string_view whose) {
  // Each factor by itself: who knows one has no more tries at the next for that.
  std::string counted(to_string(factor));
  counted += '\n';
  counted += progress.tenant;
  counted += '\n';
  counted += whose.empty() ? std::string_view(progress.user_name) : whose;
  return counted;
}

std::optional<std::chrono::nanoseconds> SignIn::State::begin_attempt(const Progress& progress,
                                                                     Factor factor,
                                                                     const SignInSource& source,
                                                                     std::string_view whose) {
  return parts.throttle.begin(origin_of(progress, source).source,
                              counted_as(progress, factor, whose), parts.ticks());
}

Result<SignInStep> SignIn::State::attempt_with(Progress progress, Factor factor,
                                               const SignInSource& source, const Verify& verify,
                                               std::string_view whose) {
  const Origin origin = origin_of(progress, source);
  const std::string counted = counted_as(progress, factor, whose);
  if (const auto wait = begin_attempt(progress, factor, source, whose)) {
    return refuse(progress, factor, SignInRefusal::kWait, *wait);
  }
  auto shown = verify(progress, origin.familiarity);
  if (!shown && is_store_down(shown.error()) && !progress.is_without_database &&
      may_use_remembered()) {
    progress.is_without_database = true;
    shown = verify(progress, origin.familiarity);
  }
  if (!shown) {
    if (!is_store_down(shown.error())) return std::unexpected(shown.error());
    return refuse(progress, factor, SignInRefusal::kBusy);
  }
  if (!shown->is_right) {
    const bool was_sent = factor == Factor::kCode && !progress.device_code.empty();
    if (was_sent && ++progress.device_tries >= kDeviceCodeTries) progress.device_code.clear();
    return refuse(progress, factor, SignInRefusal::kWrong);
  }
  parts.throttle.succeed(origin.source, counted, parts.ticks());
  progress.proofs = progress.proofs | shown->proofs;
  if (!shown->person.empty()) progress.person = shown->person;
  if (!shown->user_name.empty()) progress.user_name = shown->user_name;
  if (!shown->authenticator.empty() &&
      std::ranges::find(progress.authenticators, shown->authenticator) ==
          progress.authenticators.end()) {
    progress.authenticators.push_back(shown->authenticator);
  }
  if (shown->outside.level != AssuranceLevel::kNone) progress.outside = shown->outside;
  progress.did_counter_stall |= shown->did_counter_stall;
  progress.challenge.clear();
  progress.device_code.clear();
  if (factor != Factor::kUnlock) return go_on(progress, factor, source);
  SignInStep step = TRY(recognise(progress, AssuranceLevel::kNone, AssuranceLevel::kAal3, source));
  step.shown = factor;
  return step;
}

Result<SignInStep> SignIn::begin(const SignInStart& start) {
  Progress progress = progress_of(start, state_->now());
  const auto read = state_->accounts().store.read([&](Work& work) -> Result<void> {
    auto person = TRY(find_person_named(work, progress.tenant, progress.user_name));
    progress.person = person.value_or("");
    return {};
  });
  if (!read) {
    if (!is_store_down(read.error())) return std::unexpected(read.error());
    if (!state_->may_use_remembered()) {
      SignInStep step;
      step.refusal = SignInRefusal::kBusy;
      return step;
    }
    progress.is_without_database = true;
  }
  auto step = state_->offer(progress, first_offer(progress.is_named));
  // Who the name is, nobody has shown yet.
  if (step) step->person.clear();
  return step;
}

Result<AssuranceLevel> SignIn::level_of_changes(const Session& session) const {
  Progress progress;
  progress.tenant = session.tenant;
  progress.person = session.person;
  Available available = TRY(state_->available_to(progress));
  available.recovery_code = false;  // for who has lost the others
  const Course course = course_of({}, available, AssuranceLevel::kAal2);
  const bool has_two = !std::holds_alternative<NotEnough>(course);
  return std::max(has_two ? AssuranceLevel::kAal2 : AssuranceLevel::kAal1, session.assurance.level);
}

Result<SignInStep> SignIn::begin_step_up(const SignInStart& start, const Session& session,
                                         AssuranceLevel wanted) {
  Progress progress = progress_of(start, state_->now());
  progress.tenant = session.tenant;
  progress.person = session.person;
  progress.wanted = wanted;
  progress.is_named = true;
  // Who has reached the level is to show it anew.
  if (session.assurance.level < wanted) progress.proofs = session.assurance.proofs;
  const auto read = state_->accounts().store.read([&](Work& work) -> Result<void> {
    progress.user_name = TRY(find_name_of(work, session.tenant, session.person)).value_or("");
    return {};
  });
  TRY_VOID(read);
  if (progress.user_name.empty()) {
    return state_->refuse(progress, Factor::kPassword, SignInRefusal::kExpired);
  }
  const Course course = course_of(progress.proofs, TRY(state_->available_to(progress)), wanted);
  const auto* on = std::get_if<GoOn>(&course);
  if (on == nullptr) {
    return state_->refuse(progress, Factor::kPassword, SignInRefusal::kNotEnough);
  }
  return state_->offer(progress, on->offered);
}

Result<SignInStep> SignIn::show_password(const Secret& handle, const Secret& password,
                                         const SignInSource& source) {
  return state_->attempt(
      handle, Factor::kPassword, source, [&](const Progress& progress, Familiarity who) {
        return progress.is_without_database ? state_->verify_remembered_password(progress, password)
                                            : state_->verify_password(progress, password, who);
      });
}

Result<SignInStep> SignIn::show_code(const Secret& handle, const Secret& code,
                                     const SignInSource& source) {
  return state_->attempt(
      handle, Factor::kCode, source, [&](const Progress& progress, Familiarity who) {
        return progress.is_without_database ? state_->verify_remembered_code(progress, code)
                                            : state_->verify_code(progress, code, who);
      });
}

Result<SignInStep> SignIn::show_recovery_code(const Secret& handle, const Secret& code,
                                              const SignInSource& source) {
  return state_->attempt(handle, Factor::kRecoveryCode, source,
                         [&](const Progress& progress, Familiarity who) {
                           return state_->verify_recovery_code(progress, code, who);
                         });
}

Result<SignInStep> SignIn::show_certificate(const SignInStart& start, std::string_view place) {
  return state_->attempt_with(
      progress_of(start, state_->now()), Factor::kCertificate, start.source,
      [&](const Progress& progress, Familiarity) {
        return state_->verify_place(progress, AuthenticatorKind::kCertificate, place);
      },
      place);
}

Result<SignInStep> SignIn::show_linked_account(const SignInStart& start, std::string_view issuer,
                                               std::string_view subject,
                                               const Assurance& assurance) {
  const std::string place = linked_place(issuer, subject);
  return state_->attempt_with(
      progress_of(start, state_->now()), Factor::kLinkedAccount, start.source,
      [&](const Progress& progress, Familiarity) -> Result<Shown> {
        Shown shown = TRY(state_->verify_place(progress, AuthenticatorKind::kLinkedAccount, place));
        if (assurance.level == AssuranceLevel::kNone) shown.is_right = false;
        shown.outside = assurance;
        shown.outside.proofs = {};
        return shown;
      },
      place);
}

Result<SignInStep> SignIn::show_unlock(const Unlock& unlock) {
  const SignInStart start{.tenant = unlock.tenant,
                          .user_name = unlock.user_name,
                          .source = unlock.source,
                          .environment = {}};
  const std::string whose =
      unlock.user_name.empty() ? handle_hash(unlock.badge.reveal()) : normal_name(unlock.user_name);
  return state_->attempt_with(
      progress_of(start, state_->now()), Factor::kUnlock, unlock.source,
      [&](const Progress& progress, Familiarity who) {
        return state_->verify_unlock(progress, unlock, who);
      },
      whose);
}

}  // namespace wardlock::authn
