// Passkeys: what is asked first, and then shown.
#include <algorithm>
#include <array>
#include <utility>

#include "authn/account/cached_authenticators.h"
#include "authn/account/sign_in_state.h"
#include "codec/base64url.h"
#include "webauthn/options.h"
#include "webauthn/response_json.h"

namespace wardlock::authn {
namespace {

using storage::Work;

constexpr std::string_view kSignIn = "sign-in";
constexpr std::size_t kChallengeBytes = 32;

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

SignInStep expired(Factor factor) {
  SignInStep step;
  step.refusal = SignInRefusal::kExpired;
  step.shown = factor;
  return step;
}

Proof proof_of(const webauthn::Credential& credential, bool user_verified) {
  const bool is_hardware = !credential.is_backup_eligible && credential.is_attestation_trusted;
  if (is_hardware) return user_verified ? Proof::kVerifiedHardwareKey : Proof::kHardwareKey;
  return user_verified ? Proof::kVerifiedKey : Proof::kKey;
}

}  // namespace

std::vector<std::string> SignIn::State::remembered_passkeys(const Progress& progress) const {
  std::vector<std::string> ids;
  const auto known = accounts().cached->find(progress.tenant, progress.user_name, now());
  if (!known) return ids;
  for (const RememberedAuthenticator& each : known->authenticators) {
    if (each.passkey) ids.push_back(each.passkey->id);
  }
  return ids;
}

Result<SignIn::PasskeyStep> SignIn::ask_passkey(const Secret& handle) {
  const auto taken = TRY(state_->ceremonies.peek(kSignIn, handle));
  if (!taken) return PasskeyStep{.step = expired(Factor::kPasskey), .options = {}};
  Progress progress = read_progress(taken->body);
  progress.challenge =
      std::string(random_text(state_->accounts().directory, kChallengeBytes).reveal());
  progress.device_code.clear();
  std::vector<std::string> ids;
  // Before somebody has shown anything, whose keys there are is told to nobody.
  const bool is_first = progress.proofs.empty() && !progress.wanted;
  if (!is_first && progress.is_without_database) {
    ids = state_->remembered_passkeys(progress);
  } else if (!is_first) {
    const auto read = state_->accounts().store.read([&](Work& work) -> Result<void> {
      ids.clear();
      auto rows = TRY(find_authenticators(work, progress.tenant, progress.person));
      for (const auto& each :
           good_ones(std::move(rows), AuthenticatorKind::kPasskey, state_->now())) {
        ids.push_back(codec::from_base64url(each.place.value_or("")).value_or(""));
      }
      return {};
    });
    TRY_VOID(read);
  }
  const auto offered = TRY(state_->offered_to(progress));
  SignInStep step = TRY(state_->offer(progress, offered));
  if (is_first) step.person.clear();
  return PasskeyStep{.step = std::move(step),
                     .options = webauthn::request_options_json(
                         {.party = state_->accounts().rules(progress.tenant).party,
                          .challenge = progress.challenge,
                          .ids = ids,
                          .demands_user_verification = progress.proofs.empty()})};
}

Result<Shown> SignIn::State::verify_passkey(const Progress& progress, std::string_view response) {
  const auto answer = webauthn::read_assertion_json(response);
  if (!answer || progress.challenge.empty()) return Shown{};
  const AccountRules& rules = accounts().rules(progress.tenant);
  Shown shown;
  const auto written = accounts().store.write([&](Work& work) -> Result<void> {
    shown = {};
    const auto row = TRY(find_by_place(work, progress.tenant, AuthenticatorKind::kPasskey,
                                       encoded(answer->credential_id)));
    if (!row || !row->shown.is_good_at(now())) return note_failures(work, accounts(), {}, {});
    // Who gave a name signs in as nobody else, and as nobody where the name is nobody's.
    const bool is_known = progress.is_named;
    if (is_known && row->shown.person != progress.person) {
      return note_failures(work, accounts(), {}, {});
    }
    const auto name = TRY(find_name_of(work, progress.tenant, row->shown.person));
    const webauthn::Credential credential = TRY(read_passkey(*row));
    const std::string handle = user_handle_of(progress.tenant, row->shown.person);
    const auto outcome =
        webauthn::verify_assertion(answer->response(), credential,
                                   {.party = rules.party,
                                    .challenge = progress.challenge,
                                    .user_handle = handle,
                                    .is_user_known = is_known,
                                    .demands_user_verification = progress.proofs.empty(),
                                    .counter_rule = rules.counter_rule});
    if (!name || !outcome) return note_failures(work, accounts(), {}, {});
    const webauthn::Credential after = outcome->applied_to(credential);
    TRY_VOID(set_verifier(work, progress.tenant, row->shown.id, to_verifier(after)));
    TRY(raise_counter(work, progress.tenant, row->shown.id, after.sign_count));
    shown = {.is_right = true,
             .proofs = {proof_of(credential, outcome->user_verified)},
             .authenticator = row->shown.id,
             .person = row->shown.person,
             .user_name = *name,
             .did_counter_stall = outcome->did_counter_stall};
    return note_used(work, *row, now());
  });
  TRY_VOID(written);
  return shown;
}

Result<Shown> SignIn::State::verify_remembered_passkey(const Progress& progress,
                                                       std::string_view response) const {
  const auto answer = webauthn::read_assertion_json(response);
  if (!answer || progress.challenge.empty() || accounts().cached == nullptr) return Shown{};
  const auto found = accounts().cached->find_passkey(progress.tenant, answer->credential_id, now());
  if (!found) return Shown{};
  const bool is_known = progress.is_named;
  if (is_known && found->user_name != progress.user_name) return Shown{};
  const AccountRules& rules = accounts().rules(progress.tenant);
  const std::string handle = user_handle_of(progress.tenant, found->person);
  const auto outcome =
      webauthn::verify_assertion(answer->response(), found->credential,
                                 {.party = rules.party,
                                  .challenge = progress.challenge,
                                  .user_handle = handle,
                                  .is_user_known = is_known,
                                  .demands_user_verification = progress.proofs.empty(),
                                  .counter_rule = rules.counter_rule});
  if (!outcome) return Shown{};
  const webauthn::Credential after = outcome->applied_to(found->credential);
  if (!accounts().cached->take_passkey(*found, progress.tenant, after)) return Shown{};
  return Shown{.is_right = true,
               .proofs = {proof_of(found->credential, outcome->user_verified)},
               .authenticator = found->authenticator,
               .person = found->person,
               .user_name = found->user_name,
               .did_counter_stall = outcome->did_counter_stall};
}

Result<SignInStep> SignIn::show_passkey(const Secret& handle, std::string_view response,
                                        const SignInSource& source) {
  return state_->attempt(
      handle, Factor::kPasskey, source, [&](const Progress& progress, Familiarity) {
        return progress.is_without_database ? state_->verify_remembered_passkey(progress, response)
                                            : state_->verify_passkey(progress, response);
      });
}

}  // namespace wardlock::authn
