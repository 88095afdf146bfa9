// Enrolling what makes codes, and passkeys.
#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "authn/account/account_edit.h"
#include "authn/account/accounts.h"
#include "authn/account/ceremonies.h"
#include "authn/otp/enrolment.h"
#include "authn/otp/recovery_code.h"
#include "codec/base64url.h"
#include "webauthn/options.h"
#include "webauthn/response_json.h"

namespace wardlock::authn {
namespace {

constexpr std::int64_t kOfferMs = 10 * 60 * 1000;
constexpr std::size_t kLeastHotpBytes = 16;
constexpr std::size_t kChallengeBytes = 32;
constexpr std::string_view kPasskeyOffer = "passkey offer";

std::string text_in(const directory::Thing& person, std::string_view attribute) {
  const auto* value = person.document.json().if_contains(attribute);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::chrono::sys_seconds seconds_of(std::int64_t ms) {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms)));
}

/// No colon, which the address has a meaning for.
std::string without_colon(std::string text) {
  std::ranges::replace(text, ':', ' ');
  return text;
}

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

/// Codes that are counted begin with that of 0; others belong to a time.
Result<OtpOffer> offer_codes(const AccountSurroundings& surroundings, const AccountChange& change,
                             AuthenticatorKind kind) {
  const OneTimePasswordForm form;
  const Secret secret = new_otp_secret();
  std::optional<std::uint64_t> counter;
  if (kind == AuthenticatorKind::kHotp) counter = 0;
  std::optional<Authenticator> pending;
  std::string user_name;
  const auto written = write_account(surroundings, change, [&](AccountEdit& edit) -> Result<void> {
    user_name = text_in(TRY(edit.check_person()), "userName");
    auto row = TRY(edit.add(kind, AuthenticatorState::kPending, [&](AuthenticatorRow& made) {
      made.verifier = to_verifier(form);
      if (counter) made.counter = static_cast<std::int64_t>(*counter);
      made.shown.expires_ms = edit.now() + kOfferMs;
    }));
    TRY_VOID(edit.seal(row, secret.reveal()));
    pending = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  const std::string issuer = without_colon(surroundings.rules(change.mandate.tenant).party_name);
  const std::string account = without_colon(std::move(user_name));
  return OtpOffer{
      .authenticator = *std::move(pending),
      .typed = typed_secret(secret),
      .uri = otpauth_uri(secret,
                         {.issuer = issuer, .account = account, .form = form, .counter = counter})};
}

/// What its counter is after that code; nothing: it is none of the next ones.
Result<std::optional<std::uint64_t>> counter_after(const AuthenticatorRow& row,
                                                   const Secret& secret, std::string_view code,
                                                   std::int64_t now) {
  const auto form = TRY(read_otp_form(row.verifier));
  if (row.shown.kind == AuthenticatorKind::kTotp) {
    return verify_totp(secret, form, code, seconds_of(now), std::nullopt);
  }
  return verify_hotp(secret, form, code, static_cast<std::uint64_t>(row.counter));
}

}  // namespace

Result<OtpOffer> Accounts::offer_totp(const AccountChange& change) {
  return offer_codes(surroundings_, change, AuthenticatorKind::kTotp);
}

Result<OtpOffer> Accounts::offer_hotp(const AccountChange& change) {
  return offer_codes(surroundings_, change, AuthenticatorKind::kHotp);
}

Result<Authenticator> Accounts::confirm_app(const AccountChange& change, std::string_view id,
                                            std::string_view code) {
  std::optional<Authenticator> confirmed;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    TRY(edit.check_person());
    auto row = TRY(edit.find(id));
    const bool is_app =
        row.shown.kind == AuthenticatorKind::kTotp || row.shown.kind == AuthenticatorKind::kHotp;
    const bool is_offer = is_app && row.shown.state == AuthenticatorState::kPending &&
                          edit.now() < row.shown.expires_ms.value_or(0);
    if (!is_offer) {
      return fail(ErrorCode::kFailedPrecondition, "there is nothing to confirm; begin anew");
    }
    const Secret secret = TRY(edit.open(row));
    const auto counter = TRY(counter_after(row, secret, code, edit.now()));
    if (!counter) return invalid("the code is not right; look whether the clock of the device is");
    TRY(raise_counter(edit.work(), edit.tenant(), id, static_cast<std::int64_t>(*counter)));
    row.shown.expires_ms = change.expires_ms;
    TRY_VOID(edit.activate(row));
    confirmed = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  return *std::move(confirmed);
}

Result<Authenticator> Accounts::add_hotp(const AccountChange& change, const Secret& secret,
                                         const OneTimePasswordForm& form, std::uint64_t counter) {
  constexpr std::uint64_t kMostCounter = std::uint64_t{1} << 62;
  if (secret.size() < kLeastHotpBytes || secret.size() > 128 || form.digits < 6 ||
      form.digits > 8 || counter > kMostCounter) {
    return invalid("a token's secret has 16 to 128 bytes, and its codes 6 to 8 digits");
  }
  std::optional<Authenticator> kept;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    TRY(edit.check_person());
    auto row = TRY(edit.add(AuthenticatorKind::kHotp, AuthenticatorState::kActive,
                            [&](AuthenticatorRow& made) {
                              made.verifier = to_verifier(form);
                              made.counter = static_cast<std::int64_t>(counter);
                            }));
    TRY_VOID(edit.seal(row, secret.reveal()));
    kept = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  return *std::move(kept);
}

Result<RecoverySheet> Accounts::make_recovery_codes(const AccountChange& change) {
  RecoveryCodes codes = new_recovery_codes();
  std::optional<Authenticator> kept;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    TRY(edit.check_person());
    TRY_VOID(edit.end_all(AuthenticatorKind::kRecoveryCodes));
    auto row = TRY(edit.add(AuthenticatorKind::kRecoveryCodes, AuthenticatorState::kActive,
                            [](AuthenticatorRow&) {}));
    for (const std::string& hash : codes.hashes) {
      TRY_VOID(insert_recovery_code(edit.work(), edit.tenant(), row.shown.id, hash));
    }
    row.shown.codes_left = static_cast<std::uint32_t>(codes.hashes.size());
    kept = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  return RecoverySheet{.authenticator = *std::move(kept), .codes = std::move(codes.shown)};
}

Result<PasskeyOffer> Accounts::offer_passkey(const AccountChange& change) {
  const AccountRules& rules = surroundings_.rules(change.mandate.tenant);
  std::vector<std::string> known;
  std::string name;
  std::string display_name;
  const auto read = surroundings_.store.read([&](storage::Work& work) -> Result<void> {
    AccountEdit edit(work, surroundings_, change);
    const directory::Thing person = TRY(edit.check_person());
    name = text_in(person, "userName");
    display_name = text_in(person, "displayName");
    known.clear();
    for (const AuthenticatorRow& each : TRY(edit.find_active(AuthenticatorKind::kPasskey))) {
      known.push_back(codec::from_base64url(each.place.value_or("")).value_or(""));
    }
    return {};
  });
  TRY_VOID(read);
  const Secret challenge = random_text(surroundings_.directory, kChallengeBytes);
  Ceremonies ceremonies(surroundings_);
  Secret handle = TRY(ceremonies.keep(
      change.mandate.tenant, kPasskeyOffer,
      boost::json::object{{"person", change.person}, {"challenge", challenge.reveal()}}, kOfferMs));
  const std::string user = user_handle_of(change.mandate.tenant, change.person);
  return PasskeyOffer{.handle = std::move(handle),
                      .options = webauthn::creation_options_json(
                          {.party = rules.party,
                           .party_name = rules.party_name,
                           .user = {.handle = user,
                                    .name = name,
                                    .display_name = display_name.empty() ? name : display_name},
                           .challenge = challenge.reveal(),
                           .rules = rules.passkeys,
                           .known_ids = known})};
}

Result<Authenticator> Accounts::add_passkey(const AccountChange& change, const Secret& handle,
                                            std::string_view response) {
  Ceremonies ceremonies(surroundings_);
  const auto taken = TRY(ceremonies.take(kPasskeyOffer, handle));
  if (!taken || taken->tenant != change.mandate.tenant ||
      std::string_view(taken->body.at("person").as_string()) != change.person) {
    return unknown_handle();
  }
  const AccountRules& rules = surroundings_.rules(change.mandate.tenant);
  const auto refused = [](const webauthn::Failure& failure) {
    return invalid("the passkey was not taken (" + std::string(to_string(failure.step)) +
                   "): " + failure.message);
  };
  const auto answer = webauthn::read_registration_json(response);
  if (!answer) return refused(answer.error());
  const auto credential = webauthn::verify_registration(
      answer->response(), {.party = rules.party,
                           .challenge = taken->body.at("challenge").as_string(),
                           .rules = rules.passkeys,
                           .now = seconds_of(surroundings_.directory.clock())});
  if (!credential) return refused(credential.error());
  const std::string place = encoded(credential->id);
  std::optional<Authenticator> kept;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    TRY(edit.check_person());
    if (TRY(find_by_place(edit.work(), edit.tenant(), AuthenticatorKind::kPasskey, place))) {
      return fail(ErrorCode::kAlreadyExists, "this passkey is enrolled already");
    }
    auto row = TRY(edit.add(AuthenticatorKind::kPasskey, AuthenticatorState::kActive,
                            [&](AuthenticatorRow& made) {
                              made.place = place;
                              made.verifier = to_verifier(*credential);
                              made.counter = credential->sign_count;
                            }));
    kept = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  return *std::move(kept);
}

}  // namespace wardlock::authn
