// Passwords, codes and places: whether what was shown is right.
#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "authn/account/cached_authenticators.h"
#include "authn/account/sign_in_state.h"
#include "authn/otp/recovery_code.h"
#include "crypto/digest.h"
#include "directory/model/schema.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/read_from.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::authn {
namespace {

using storage::Work;

constexpr std::int64_t kMarkMs = 60 * 1000;
constexpr std::size_t kMarkBytes = 16;
/// So often an owner mistypes a password.
constexpr std::uint32_t kManyFailures = 10;
/// Who comes to a second proof knows the first.
constexpr std::uint32_t kManySecondFailures = 3;
constexpr std::int64_t kQuietMs = std::int64_t{24} * 3600 * 1000;

bool are_many(AuthenticatorKind kind, std::uint32_t failures) {
  return failures >= (kind == AuthenticatorKind::kPassword ? kManyFailures : kManySecondFailures);
}

/// Whose authenticator strangers try again and again hears of it, once a day.
Result<void> tell_of_attempts(Work& work, const AccountSurroundings& accounts,
                              const Authenticator& shown) {
  if (accounts.messages == nullptr || !are_many(shown.kind, shown.failures.strange + 1)) return {};
  const std::int64_t now = accounts.directory.clock();
  const MessageDetails details{.authenticators = {std::string(to_string(shown.kind))},
                               .happened_ms = now};
  return accounts.messages->tell_once(work, shown.tenant, shown.person, About::kAttempts, details,
                                      shown.id, now + kQuietMs);
}

/// It was used right, by somebody who may have guessed.
Result<void> note_right(Work& work, const AccountSurroundings& accounts,
                        const AuthenticatorRow& row, Familiarity who) {
  const std::int64_t now = accounts.directory.clock();
  const Authenticator& shown = row.shown;
  const bool is_told = accounts.messages != nullptr && who == Familiarity::kStranger &&
                       are_many(shown.kind, shown.failures.strange);
  if (is_told) {
    TRY_VOID(accounts.messages->tell(
        work, shown.tenant, shown.person, About::kSignInAfterAttempts,
        {.authenticators = {std::string(to_string(shown.kind))}, .happened_ms = now}));
  }
  return note_used(work, row, now);
}

std::string code_digits(const Secret& code) {
  std::string digits;
  for (const char c : code.reveal()) {
    if (c != ' ' && c != '-') digits += c;
  }
  return digits;
}

/// The counter to keep, where the code is right.
Result<std::optional<std::int64_t>> match_code(const AuthenticatorRow& row, const Secret& secret,
                                               std::string_view code, std::int64_t now) {
  const auto form = TRY(read_otp_form(row.verifier));
  if (row.shown.kind == AuthenticatorKind::kTotp) {
    std::optional<std::uint64_t> last;
    if (row.counter >= 0) last = static_cast<std::uint64_t>(row.counter);
    const auto step = verify_totp(secret, form, code, seconds_of(now), last);
    if (!step) return std::nullopt;
    return static_cast<std::int64_t>(*step);
  }
  const auto next = verify_hotp(secret, form, code, static_cast<std::uint64_t>(row.counter));
  if (!next) return std::nullopt;
  return static_cast<std::int64_t>(*next);
}

}  // namespace

std::chrono::sys_seconds seconds_of(std::int64_t ms) {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms)));
}

bool is_store_down(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kUnknown;
}

Result<std::optional<std::string>> find_person_named(Work& work, std::string_view tenant,
                                                     std::string_view user_name) {
  const auto person = TRY(directory::find_named(work, tenant, "userName", user_name));
  const bool may =
      person && person->kind == directory::Kind::kPerson && directory::is_in_force(*person);
  if (!may) return std::nullopt;
  return person->id;
}

Result<std::optional<std::string>> find_name_of(Work& work, std::string_view tenant,
                                                std::string_view person) {
  const auto thing = TRY(directory::find_thing(work, tenant, person));
  if (!thing || thing->kind != directory::Kind::kPerson || !directory::is_in_force(*thing)) {
    return std::nullopt;
  }
  const auto* name = thing->document.json().if_contains("userName");
  if (name == nullptr || !name->is_string()) return std::nullopt;
  return std::string(name->get_string());
}

Result<void> note_failures(Work& work, const AccountSurroundings& accounts,
                           const std::vector<AuthenticatorRow>& rows, Familiarity who) {
  for (const AuthenticatorRow& each : rows) {
    TRY_VOID(note_failure(work, each.shown, who));
    if (who == Familiarity::kStranger) TRY_VOID(tell_of_attempts(work, accounts, each.shown));
  }
  // Something is written in any case: else the disk would tell who is known.
  const Secret mark = random_text(accounts.directory, kMarkBytes);
  TRY(work.run("INSERT INTO used_handle (handle, until_ms) VALUES ($1, $2)",
               handle_hash(mark.reveal()), accounts.directory.clock() + kMarkMs));
  return {};
}

std::vector<AuthenticatorRow> good_ones(std::vector<AuthenticatorRow> rows, AuthenticatorKind kind,
                                        std::int64_t now) {
  std::erase_if(rows, [&](const AuthenticatorRow& each) {
    return each.shown.kind != kind || !each.shown.is_good_at(now);
  });
  return rows;
}

Result<Shown> SignIn::State::verify_password(const Progress& progress, const Secret& password,
                                             Familiarity who) {
  const auto rows =
      TRY(directory::read_from<std::vector<AuthenticatorRow>>(accounts().store, [&](Work& work) {
        return find_authenticators(work, progress.tenant, progress.person);
      }));
  auto passwords = good_ones(rows, AuthenticatorKind::kPassword, now());
  const AuthenticatorRow* row = passwords.empty() ? nullptr : &passwords.front();
  std::optional<std::string_view> hash;
  if (row != nullptr && row->shown.failures.may_try(who)) hash = row->verifier;
  const auto& rules = accounts().rules(progress.tenant).passwords;
  const auto prepared = prepare_password(password, rules);
  const std::optional<PreparedPassword> typed = prepared ? std::optional(*prepared) : std::nullopt;
  // One hash is computed in any case.
  const auto verdict = accounts().passwords.verify(hash, typed);
  // Whether one is asked for elsewhere shows by how long it takes; so it is for nobody, too.
  if (!verdict.is_right && parts.outside_password) {
    const bool has_one_here = row != nullptr;
    const auto elsewhere = parts.outside_password(
        {.tenant = progress.tenant,
         .user_name = progress.user_name,
         .person = has_one_here ? std::string_view() : std::string_view(progress.person)},
        password);
    const bool counts = !has_one_here && !progress.person.empty();
    if (counts && elsewhere.value_or(false)) {
      return Shown{.is_right = true, .proofs = {Proof::kPassword}};
    }
  }
  std::optional<std::string> anew;
  if (verdict.is_right && verdict.is_due_for_rehash) anew = accounts().passwords.hash(*typed);
  bool is_right = verdict.is_right;
  const auto note = [&](Work& work) -> Result<void> {
    is_right = verdict.is_right;
    if (!is_right) return note_failures(work, accounts(), passwords, who);
    // It may have been revoked or replaced while it was verified.
    const auto still = TRY(find_authenticator(work, progress.tenant, row->shown.id));
    const auto name = TRY(find_name_of(work, progress.tenant, progress.person));
    is_right = name && still && still->shown.is_good_at(now()) &&
               still->verifier == row->verifier && still->shown.failures.may_try(who);
    if (!is_right) return {};
    if (anew) TRY_VOID(set_verifier(work, progress.tenant, row->shown.id, *anew));
    return note_right(work, accounts(), *still, who);
  };
  // Failures count even after a power cut; a success is on disk with the session that it leads to.
  const auto durability = is_right ? storage::Durability::kNormal : storage::Durability::kFull;
  TRY_VOID(accounts().store.write(note, durability));
  if (!is_right) return Shown{};
  return Shown{.is_right = true, .proofs = {Proof::kPassword}, .authenticator = row->shown.id};
}

Result<Shown> SignIn::State::verify_code(const Progress& progress, const Secret& code,
                                         Familiarity who) {
  const std::string digits = code_digits(code);
  Shown shown;
  const auto written = accounts().store.write([&](Work& work) -> Result<void> {
    shown = {};
    std::vector<AuthenticatorRow> tried;
    if (auto device = TRY(find_sent_to(work, progress, who))) {
      const std::string typed =
          TRY(keyed_place(work, accounts(), progress.tenant, "device code", Secret(digits)));
      if (crypto::equal_in_constant_time(typed, progress.device_code)) {
        shown = {
            .is_right = true, .proofs = {Proof::kDeviceCode}, .authenticator = device->shown.id};
        return note_right(work, accounts(), *device, who);
      }
      tried.push_back(*std::move(device));
    }
    auto rows = TRY(find_authenticators(work, progress.tenant, progress.person));
    for (AuthenticatorRow& each : rows) {
      const bool makes_codes = each.shown.kind == AuthenticatorKind::kTotp ||
                               each.shown.kind == AuthenticatorKind::kHotp;
      if (!makes_codes || !each.shown.is_good_at(now())) continue;
      if (!each.shown.failures.may_try(who)) continue;
      const Secret secret = TRY(open_secret(work, accounts(), each));
      const auto counter = TRY(match_code(each, secret, digits, now()));
      // Raised in the transaction that accepts the code: none is taken twice.
      if (counter && TRY(raise_counter(work, progress.tenant, each.shown.id, *counter))) {
        shown = {.is_right = true, .proofs = {Proof::kOneTimeCode}, .authenticator = each.shown.id};
        return note_right(work, accounts(), each, who);
      }
      tried.push_back(std::move(each));
    }
    return note_failures(work, accounts(), tried, who);
  });
  TRY_VOID(written);
  return shown;
}

Result<Shown> SignIn::State::verify_recovery_code(const Progress& progress, const Secret& code,
                                                  Familiarity who) {
  Shown shown;
  const auto written = accounts().store.write([&](Work& work) -> Result<void> {
    shown = {};
    const auto all = TRY(find_authenticators(work, progress.tenant, progress.person));
    auto sheets = good_ones(all, AuthenticatorKind::kRecoveryCodes, now());
    for (const AuthenticatorRow& each : sheets) {
      if (!each.shown.failures.may_try(who)) continue;
      const auto hashes = TRY(find_recovery_codes(work, progress.tenant, each.shown.id));
      const auto found = find_recovery_code(hashes, code);
      if (!found) continue;
      if (!TRY(take_recovery_code(work, progress.tenant, each.shown.id, hashes.at(*found)))) {
        continue;
      }
      shown = {.is_right = true, .proofs = {Proof::kRecoveryCode}, .authenticator = each.shown.id};
      return note_right(work, accounts(), each, who);
    }
    return note_failures(work, accounts(), sheets, who);
  });
  TRY_VOID(written);
  return shown;
}

Result<Shown> SignIn::State::verify_place(const Progress& progress, AuthenticatorKind kind,
                                          std::string_view place) {
  Shown shown;
  const auto written = accounts().store.write([&](Work& work) -> Result<void> {
    shown = {};
    const auto row = TRY(find_by_place(work, progress.tenant, kind, place));
    if (!row || !row->shown.is_good_at(now())) return note_failures(work, accounts(), {}, {});
    const auto name = TRY(find_name_of(work, progress.tenant, row->shown.person));
    // Who says another name than their certificate's is not let in as either.
    if (!name || (progress.is_named && *name != progress.user_name)) {
      return note_failures(work, accounts(), {}, {});
    }
    shown = {.is_right = true,
             .authenticator = row->shown.id,
             .person = row->shown.person,
             .user_name = *name};
    if (kind == AuthenticatorKind::kCertificate) {
      shown.proofs = {is_smartcard(*row) ? Proof::kSmartcard : Proof::kCertificate};
    }
    return note_used(work, *row, now());
  });
  TRY_VOID(written);
  return shown;
}

Result<Shown> SignIn::State::verify_unlock(const Progress& progress, const Unlock& unlock,
                                           Familiarity who) {
  const bool has_badge = !unlock.badge.empty();
  const bool has_pin = !unlock.pin.empty();
  if (!has_badge && !has_pin) return Shown{};
  Shown shown;
  std::vector<AuthenticatorRow> pins;
  const auto read = accounts().store.write([&](Work& work) -> Result<void> {
    shown = {};
    std::string person;
    if (has_badge) {
      const std::string place =
          TRY(keyed_place(work, accounts(), progress.tenant, "badge", unlock.badge));
      const auto badge =
          TRY(find_by_place(work, progress.tenant, AuthenticatorKind::kBadge, place));
      if (badge && badge->shown.is_good_at(now())) {
        person = badge->shown.person;
        shown.authenticator = badge->shown.id;
        TRY_VOID(note_used(work, *badge, now()));
      }
    } else {
      person = TRY(find_person_named(work, progress.tenant, progress.user_name)).value_or("");
    }
    const auto name = TRY(find_name_of(work, progress.tenant, person));
    const bool is_who = name && (!progress.is_named || *name == progress.user_name);
    if (!is_who) return {};
    shown.person = person;
    shown.user_name = *name;
    pins = good_ones(TRY(find_authenticators(work, progress.tenant, person)),
                     AuthenticatorKind::kPin, now());
    return {};
  });
  TRY_VOID(read);
  shown.is_right = has_badge && !shown.person.empty();
  if (shown.is_right) shown.proofs.add(Proof::kBadge);
  if (!has_pin) return shown;
  std::optional<std::string_view> hash;
  if (!pins.empty() && pins.front().shown.failures.may_try(who)) hash = pins.front().verifier;
  const auto prepared = prepare_password(unlock.pin, {});
  const auto verdict =
      accounts().passwords.verify(hash, prepared ? std::optional(*prepared) : std::nullopt);
  const auto written = accounts().store.write([&](Work& work) -> Result<void> {
    if (!verdict.is_right) return note_failures(work, accounts(), pins, who);
    return note_used(work, pins.front(), now());
  });
  TRY_VOID(written);
  shown.is_right = verdict.is_right;
  if (verdict.is_right) {
    shown.proofs.add(Proof::kPin);
    shown.authenticator = pins.front().shown.id;
  }
  return shown;
}

bool SignIn::State::may_use_remembered() const {
  return accounts().cached != nullptr && accounts().cached->may_be_used(now());
}

Result<Shown> SignIn::State::verify_remembered_password(const Progress& progress,
                                                        const Secret& password) const {
  std::optional<CachedAuthenticators::Person> known;
  if (accounts().cached != nullptr) {
    known = accounts().cached->find(progress.tenant, progress.user_name, now());
  }
  std::optional<std::string_view> hash;
  std::string id;
  if (known) {
    for (const RememberedAuthenticator& each : known->authenticators) {
      if (!each.password_hash) continue;
      hash = *each.password_hash;
      id = each.id;
    }
  }
  const auto prepared = prepare_password(password, accounts().rules(progress.tenant).passwords);
  const auto verdict =
      accounts().passwords.verify(hash, prepared ? std::optional(*prepared) : std::nullopt);
  if (!verdict.is_right) return Shown{};
  return Shown{
      .is_right = true, .proofs = {Proof::kPassword}, .authenticator = id, .person = known->id};
}

Result<Shown> SignIn::State::verify_remembered_code(const Progress& progress,
                                                    const Secret& code) const {
  if (accounts().cached == nullptr) return Shown{};
  const auto known = accounts().cached->find(progress.tenant, progress.user_name, now());
  if (!known || known->id != progress.person) return Shown{};
  for (const RememberedAuthenticator& each : known->authenticators) {
    if (!each.otp_secret) continue;
    const auto step = verify_totp(*each.otp_secret, each.otp_form, code_digits(code),
                                  seconds_of(now()), each.otp_last_step);
    if (!step ||
        !accounts().cached->take_step(progress.tenant, progress.user_name, each.id, *step)) {
      continue;
    }
    return Shown{.is_right = true, .proofs = {Proof::kOneTimeCode}, .authenticator = each.id};
  }
  return Shown{};
}

void SignIn::State::remember(const Progress& progress, AssuranceLevel required) const {
  if (accounts().cached == nullptr) return;
  // What cannot be remembered is not: the sign-in stands all the same.
  [[maybe_unused]] const auto read = accounts().store.read([&](Work& work) -> Result<void> {
    for (const std::string& id : progress.authenticators) {
      const auto row = TRY(find_authenticator(work, progress.tenant, id));
      if (!row || !row->shown.is_good_at(now())) continue;
      RememberedAuthenticator remembered{.id = id};
      if (row->shown.kind == AuthenticatorKind::kPassword) {
        remembered.password_hash = row->verifier;
      } else if (row->shown.kind == AuthenticatorKind::kTotp) {
        remembered.otp_secret = TRY(open_secret(work, accounts(), *row));
        remembered.otp_form = TRY(read_otp_form(row->verifier));
        remembered.otp_last_step = static_cast<std::uint64_t>(row->counter);
      } else if (row->shown.kind == AuthenticatorKind::kPasskey) {
        remembered.passkey = TRY(read_passkey(*row));
      } else {
        continue;
      }
      accounts().cached->remember(progress.tenant, progress.user_name, progress.person,
                                  std::move(remembered), required, now());
    }
    return {};
  });
  // Who revoked one meanwhile may have been quicker than who remembered it.
  const auto again = accounts().store.read([&](Work& work) -> Result<void> {
    for (const std::string& id : progress.authenticators) {
      const auto row = TRY(find_authenticator(work, progress.tenant, id));
      if (row && row->shown.is_good_at(now())) continue;
      accounts().cached->forget(progress.tenant, progress.person, id);
    }
    return {};
  });
  if (!again) accounts().cached->forget_person(progress.tenant, progress.person);
}

}  // namespace wardlock::authn
