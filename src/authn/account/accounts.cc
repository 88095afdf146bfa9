#include "authn/account/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "authn/account/account_edit.h"
#include "authn/account/ceremonies.h"
#include "directory/registry/read_from.h"
#include "directory/registry/thing_rows.h"

namespace wardlock::authn {
namespace {

using storage::Work;

constexpr std::size_t kBatch = 100;
constexpr std::size_t kMaxPlaceBytes = 512;

/// What somebody who guesses would try for this person.
std::vector<std::string> context_words(const directory::Thing& person, const AccountRules& rules) {
  std::vector<std::string> words = rules.service_words;
  const auto add = [&](const codec::Json* value) {
    if (value != nullptr && value->is_string()) words.emplace_back(value->get_string());
  };
  const auto& json = person.document.json();
  add(json.if_contains("userName"));
  add(json.if_contains("displayName"));
  if (const auto* name = json.if_contains("name"); name != nullptr && name->is_object()) {
    for (const auto& each : name->get_object()) add(&each.value());
  }
  return words;
}

Result<directory::Thing> read_person(const AccountSurroundings& surroundings,
                                     const AccountChange& change) {
  return directory::read_from<directory::Thing>(surroundings.store,
                                                [&](Work& work) -> Result<directory::Thing> {
                                                  AccountEdit edit(work, surroundings, change);
                                                  return edit.check_person();
                                                });
}

/// All digits one, or each the next of the one before.
bool is_easy(std::string_view digits) {
  std::set<int> steps;
  for (std::size_t i = 1; i < digits.size(); ++i) steps.insert(digits[i] - digits[i - 1]);
  return steps.size() <= 1 && (steps.empty() || std::abs(*steps.begin()) <= 1);
}

Result<void> check_pin(const Secret& pin, std::size_t least) {
  const std::string_view digits = pin.reveal();
  const bool are_digits = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (are_digits && digits.size() >= least && digits.size() <= 16 && !is_easy(digits)) return {};
  return invalid(fmt::format("a PIN has {} to 16 digits, not all one and not in a row", least));
}

Result<void> check_text(std::string_view what, std::string_view text) {
  if (!text.empty() && text.size() <= kMaxPlaceBytes) return {};
  return invalid(fmt::format("{} has 1 to {} bytes", what, kMaxPlaceBytes));
}

}  // namespace

Result<std::vector<Authenticator>> Accounts::list(std::string_view tenant,
                                                  std::string_view person) const {
  using All = std::vector<Authenticator>;
  return directory::read_from<All>(surroundings_.store, [&](Work& work) -> Result<All> {
    if (!TRY(directory::find_thing(work, tenant, person))) {
      return fail(ErrorCode::kNotFound, "there is no such person");
    }
    All all;
    auto rows = TRY(find_authenticators(work, tenant, person));
    for (AuthenticatorRow& each : rows) all.push_back(std::move(each.shown));
    return all;
  });
}

Result<Authenticator> Accounts::find(std::string_view tenant, std::string_view person,
                                     std::string_view id) const {
  return directory::read_from<Authenticator>(
      surroundings_.store, [&](Work& work) -> Result<Authenticator> {
        auto row = TRY(find_authenticator(work, tenant, id));
        if (!row || row->shown.person != person) {
          return fail(ErrorCode::kNotFound, "they have no such authenticator");
        }
        return std::move(row->shown);
      });
}

Result<PasswordChoice> Accounts::set_password(const AccountChange& change, const Secret& password,
                                              std::string_view but_session) {
  const AccountRules& rules = surroundings_.rules(change.mandate.tenant);
  const directory::Thing person = TRY(read_person(surroundings_, change));
  const auto prepared = prepare_password(password, rules.passwords);
  if (!prepared) return PasswordChoice{.kept = {}, .faults = {prepared.error().message}};
  const auto words = context_words(person, rules);
  auto all = TRY(list(change.mandate.tenant, change.person));
  const bool has_second = std::ranges::any_of(all, [](const Authenticator& each) {
    const bool is_second = each.kind == AuthenticatorKind::kTotp ||
                           each.kind == AuthenticatorKind::kHotp ||
                           each.kind == AuthenticatorKind::kPasskey;
    return is_second && each.state == AuthenticatorState::kActive;
  });
  auto faults = faults_of(*prepared, {.policy = rules.passwords,
                                      .is_only_factor = !has_second,
                                      .context_words = words,
                                      .block_lists = rules.block_lists});
  if (!faults.empty()) return PasswordChoice{.kept = {}, .faults = std::move(faults)};
  const std::string hash = surroundings_.passwords.hash(*prepared);
  std::optional<Authenticator> kept;
  std::int64_t now = 0;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    TRY(edit.check_person());
    const auto before = TRY(edit.find_active(AuthenticatorKind::kPassword));
    TRY_VOID(edit.end_all(AuthenticatorKind::kPassword));
    auto row = TRY(edit.add(AuthenticatorKind::kPassword, AuthenticatorState::kActive,
                            [&](AuthenticatorRow& made) { made.verifier = hash; }));
    for (const AuthenticatorRow& each : before) {
      TRY_VOID(move_session(edit.work(), edit.tenant(), but_session, each.shown.id, row.shown.id));
    }
    kept = std::move(row.shown);
    now = edit.now();
    return {};
  });
  TRY_VOID(written);
  // Whoever knew the password before is signed in no longer.
  TRY(surroundings_.sessions.end_of_person(change.mandate.tenant, change.person,
                                           EndReason::kAuthenticator, now, but_session));
  return PasswordChoice{.kept = std::move(kept), .faults = {}};
}

namespace {

/// One that counts at once, in the place of those of its kind where there is one at a time.
Result<Authenticator> add_one(
    const AccountSurroundings& surroundings, const AccountChange& change, AuthenticatorKind kind,
    bool replaces, const std::function<Result<void>(AccountEdit&, AuthenticatorRow&)>& fill) {
  std::optional<Authenticator> kept;
  const auto written = write_account(surroundings, change, [&](AccountEdit& edit) -> Result<void> {
    TRY(edit.check_person());
    if (replaces) TRY_VOID(edit.end_all(kind));
    AuthenticatorRow prepared;
    TRY_VOID(fill(edit, prepared));
    if (prepared.place && TRY(find_by_place(edit.work(), edit.tenant(), kind, *prepared.place))) {
      return fail(ErrorCode::kAlreadyExists, "this is somebody's already; revoke it there first");
    }
    auto row = TRY(edit.add(kind, AuthenticatorState::kActive, [&](AuthenticatorRow& made) {
      made.place = prepared.place;
      made.verifier = prepared.verifier;
      made.counter = prepared.counter;
    }));
    kept = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  return *std::move(kept);
}

}  // namespace

Result<Authenticator> Accounts::set_pin(const AccountChange& change, const Secret& pin) {
  TRY_VOID(check_pin(pin, surroundings_.rules(change.mandate.tenant).min_pin_digits));
  const auto prepared = TRY(prepare_password(pin, {}));
  const std::string hash = surroundings_.passwords.hash(prepared);
  return add_one(surroundings_, change, AuthenticatorKind::kPin, /*replaces=*/true,
                 [&](AccountEdit&, AuthenticatorRow& row) -> Result<void> {
                   row.verifier = hash;
                   return {};
                 });
}

Result<Authenticator> Accounts::add_badge(const AccountChange& change, const Secret& badge) {
  TRY_VOID(check_text("a badge's id", badge.reveal()));
  return add_one(surroundings_, change, AuthenticatorKind::kBadge, /*replaces=*/false,
                 [&](AccountEdit& edit, AuthenticatorRow& row) -> Result<void> {
                   row.place =
                       TRY(keyed_place(edit.work(), surroundings_, edit.tenant(), "badge", badge));
                   return {};
                 });
}

Result<Authenticator> Accounts::map_certificate(const AccountChange& change,
                                                const CertificateMapping& mapping) {
  TRY_VOID(check_text("a certificate's place", mapping.place));
  return add_one(surroundings_, change, AuthenticatorKind::kCertificate, /*replaces=*/false,
                 [&](AccountEdit&, AuthenticatorRow& row) -> Result<void> {
                   row.place = mapping.place;
                   row.verifier = to_verifier(mapping.is_smartcard);
                   return {};
                 });
}

Result<Authenticator> Accounts::find_certificate(std::string_view tenant, std::string_view person,
                                                 std::string_view place) const {
  return directory::read_from<Authenticator>(
      surroundings_.store, [&](Work& work) -> Result<Authenticator> {
        auto rows = TRY(find_authenticators(work, tenant, person));
        std::optional<Authenticator> found;
        for (AuthenticatorRow& each : rows) {
          if (each.shown.kind != AuthenticatorKind::kCertificate || each.place != place) continue;
          if (found && found->state == AuthenticatorState::kActive) continue;
          found = std::move(each.shown);
        }
        if (found) return *std::move(found);
        return fail(ErrorCode::kNotFound, "they have no such certificate");
      });
}

Result<Authenticator> Accounts::link_account(const AccountChange& change, std::string_view issuer,
                                             std::string_view subject) {
  TRY_VOID(check_text("an issuer", issuer));
  TRY_VOID(check_text("a subject", subject));
  return add_one(surroundings_, change, AuthenticatorKind::kLinkedAccount, /*replaces=*/false,
                 [&](AccountEdit&, AuthenticatorRow& row) -> Result<void> {
                   row.place = linked_place(issuer, subject);
                   return {};
                 });
}

namespace {

/// Something is done to one that is there.
Result<Authenticator> change_one(
    const AccountSurroundings& surroundings, const AccountChange& change, std::string_view id,
    const std::function<Result<void>(AccountEdit&, AuthenticatorRow&)>& call) {
  std::optional<Authenticator> changed;
  const auto written = write_account(surroundings, change, [&](AccountEdit& edit) -> Result<void> {
    auto row = TRY(edit.find(id));
    TRY_VOID(call(edit, row));
    changed = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  return *std::move(changed);
}

}  // namespace

Result<Authenticator> Accounts::rename(const AccountChange& change, std::string_view id) {
  return change_one(surroundings_, change, id,
                    [&](AccountEdit& edit, AuthenticatorRow& row) -> Result<void> {
                      row.shown.label = change.label;
                      return edit.change(row, "rename");
                    });
}

Result<Authenticator> Accounts::set_expiry(const AccountChange& change, std::string_view id) {
  return change_one(surroundings_, change, id,
                    [&](AccountEdit& edit, AuthenticatorRow& row) -> Result<void> {
                      // What has expired, or was not shown to work, does not come to life by it.
                      if (!row.shown.is_good_at(edit.now())) {
                        return fail(ErrorCode::kFailedPrecondition,
                                    "this authenticator counts no more, or not yet");
                      }
                      if (change.expires_ms && *change.expires_ms <= edit.now()) {
                        return invalid("an authenticator expires in the time to come");
                      }
                      row.shown.expires_ms = change.expires_ms;
                      return edit.change(row, "set_expiry");
                    });
}

Result<Authenticator> Accounts::mark_lost(const AccountChange& change, std::string_view id) {
  return change_one(surroundings_, change, id, [](AccountEdit& edit, AuthenticatorRow& row) {
    return edit.end(row, AuthenticatorState::kLost);
  });
}

Result<Authenticator> Accounts::revoke(const AccountChange& change, std::string_view id) {
  return change_one(surroundings_, change, id, [](AccountEdit& edit, AuthenticatorRow& row) {
    return edit.end(row, AuthenticatorState::kRevoked);
  });
}

Result<std::size_t> Accounts::revoke_all(const AccountChange& change, std::string_view but) {
  std::size_t count = 0;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    count = 0;
    auto rows = TRY(find_authenticators(edit.work(), edit.tenant(), change.person));
    for (AuthenticatorRow& each : rows) {
      if (each.shown.ended_ms || each.shown.id == but) continue;
      TRY_VOID(edit.end(each, AuthenticatorState::kRevoked));
      ++count;
    }
    return {};
  });
  TRY_VOID(written);
  return count;
}

Result<void> Accounts::remind() {
  const Messages* const messages = surroundings_.messages;
  if (messages == nullptr || !messages->settings().has_notices) return {};
  const std::int64_t now = surroundings_.directory.clock();
  const std::int64_t until = now + messages->settings().remind_before_ms;
  const auto write = [&](Work& work) -> Result<void> {
    const auto expiring =
        TRY(find_expiring(work, About::kAuthenticatorExpires, now, until, kBatch));
    for (const AuthenticatorRow& each : expiring) {
      const Authenticator& shown = each.shown;
      const MessageDetails details{.authenticators = {std::string(to_string(shown.kind))},
                                   .happened_ms = now,
                                   .expires_ms = shown.expires_ms};
      TRY_VOID(messages->tell_once(work, shown.tenant, shown.person, About::kAuthenticatorExpires,
                                   details, shown.id, *shown.expires_ms));
    }
    return {};
  };
  return surroundings_.store.write(write);
}

Result<std::size_t> Accounts::tidy() {
  TRY_VOID(Ceremonies::tidy(surroundings_));
  TRY_VOID(remind());
  const auto expired =
      TRY(directory::read_from<std::vector<AuthenticatorRow>>(surroundings_.store, [&](Work& work) {
        return find_expired(work, surroundings_.directory.clock(), kBatch);
      }));
  std::size_t count = 0;
  for (const AuthenticatorRow& each : expired) {
    const AccountChange change{.mandate = {.tenant = each.shown.tenant,
                                           .actor_type = "Wardlock",
                                           .actor_id = "wardlock",
                                           .caller = "wardlock",
                                           .reason = "its time is over"},
                               .person = each.shown.person};
    const auto written =
        write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
          auto row = TRY(edit.find(each.shown.id));
          if (row.shown.ended_ms) return {};  // another node was quicker
          const bool was_pending = row.shown.state == AuthenticatorState::kPending;
          return edit.end(
              row, was_pending ? AuthenticatorState::kRevoked : AuthenticatorState::kExpired);
        });
    TRY_VOID(written);
    ++count;
  }
  return count;
}

}  // namespace wardlock::authn
