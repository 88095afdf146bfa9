#include "authn/account/account_edit.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <utility>

#include "authn/account/cached_authenticators.h"
#include "base/check.h"
#include "base/utf8.h"
#include "codec/base64url.h"
#include "crypto/digest.h"
#include "crypto/keyed_hash.h"
#include "crypto/sha256.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/thing_rows.h"
#include "directory/registry/told_event.h"

namespace wardlock::authn {
namespace {

using directory::What;
using storage::Work;

constexpr std::size_t kMostOfAKind = 20;
constexpr std::size_t kMaxLabelBytes = 128;
constexpr std::string_view kSecretPurpose = "authenticator";
constexpr std::string_view kKeyPurpose = "account key";

Result<void> check_label(std::string_view label) {
  if (label.size() > kMaxLabelBytes || find_invalid_utf8(label) ||
      find_deceptive_character(label)) {
    return invalid(
        fmt::format("a label is a text of at most {} bytes on one line", kMaxLabelBytes));
  }
  return {};
}

bool has_ended(const Authenticator& shown) {
  return shown.state != AuthenticatorState::kPending && shown.state != AuthenticatorState::kActive;
}

}  // namespace

std::unexpected<Error> unknown_handle() {
  return fail(ErrorCode::kUnauthenticated,
              "this is not known, was used, or is too old; begin anew");
}

std::string handle_hash(std::string_view handle) { return crypto::to_hex(crypto::sha256(handle)); }

Secret random_text(const directory::Surroundings& surroundings, std::size_t bytes) {
  Secret random = Secret::of_size(bytes);
  const std::span span(reinterpret_cast<std::uint8_t*>(random.data()), bytes);
  surroundings.fill_random(span);
  std::string text = codec::to_base64url(span);
  Secret secret(text);
  wipe(text);
  return secret;
}

std::string user_handle_of(std::string_view tenant, std::string_view person) {
  return crypto::digest(crypto::HashAlgorithm::kSha256,
                        fmt::format("wardlock passkey user\n{}\n{}", tenant, person));
}

std::string linked_place(std::string_view issuer, std::string_view subject) {
  return handle_hash(fmt::format("{}\n{}\n{}", issuer.size(), issuer, subject));
}

Result<std::optional<crypto::SymmetricKey>> find_account_key(
    Work& work, const AccountSurroundings& surroundings, std::string_view tenant,
    std::string_view purpose) {
  secrets::SecretTable* table = surroundings.directory.secrets;
  CHECK(table != nullptr);
  std::optional<std::string> kept =
      TRY(table->find(work, {tenant, kKeyPurpose, purpose}, surroundings.directory.clock()));
  if (!kept) return std::nullopt;
  std::string bytes = codec::from_base64url(*kept).value_or("");
  wipe(*kept);
  if (bytes.size() != crypto::SymmetricKey::kBytes) {
    return fail(ErrorCode::kDataLoss, "a key of the accounts cannot be read");
  }
  crypto::SymmetricKey key(crypto::SymmetricKey::Bytes(
      reinterpret_cast<const std::uint8_t*>(bytes.data()), crypto::SymmetricKey::kBytes));
  wipe(bytes);
  return key;
}

Result<crypto::SymmetricKey> account_key(Work& work, const AccountSurroundings& surroundings,
                                         std::string_view tenant, std::string_view purpose) {
  if (const auto kept = TRY(find_account_key(work, surroundings, tenant, purpose))) return *kept;
  const Secret fresh = random_text(surroundings.directory, crypto::SymmetricKey::kBytes);
  TRY_VOID(
      surroundings.directory.secrets->put(work, {tenant, kKeyPurpose, purpose}, fresh.reveal()));
  return *TRY(find_account_key(work, surroundings, tenant, purpose));
}

Result<std::string> keyed_place(Work& work, const AccountSurroundings& surroundings,
                                std::string_view tenant, std::string_view purpose,
                                const Secret& text) {
  const auto key = TRY(account_key(work, surroundings, tenant, "places"));
  return crypto::to_hex(crypto::keyed_hash(key, "wardlock place", {purpose, text.reveal()}));
}

Result<Secret> open_secret(Work& work, const AccountSurroundings& surroundings,
                           const AuthenticatorRow& row) {
  secrets::SecretTable* table = surroundings.directory.secrets;
  CHECK(table != nullptr);
  std::optional<std::string> text = TRY(table->find(
      work, {row.shown.tenant, kSecretPurpose, row.shown.id}, surroundings.directory.clock()));
  if (!text) return fail(ErrorCode::kDataLoss, "an authenticator's secret is not there");
  Secret secret(*text);
  wipe(*text);
  return secret;
}

Result<void> AccountEdit::seal(const AuthenticatorRow& row, std::string_view secret) {
  CHECK(surroundings_.directory.secrets != nullptr);
  return surroundings_.directory.secrets->put(work_, {tenant(), kSecretPurpose, row.shown.id},
                                              secret);
}

Result<Secret> AccountEdit::open(const AuthenticatorRow& row) {
  return open_secret(work_, surroundings_, row);
}

Result<directory::Thing> AccountEdit::check_person() {
  auto person = TRY(directory::find_thing(work_, tenant(), change_.person));
  if (!person || person->kind != directory::Kind::kPerson) {
    return fail(ErrorCode::kNotFound,
                fmt::format("no person has the id `{}`", printable(change_.person)));
  }
  if (!directory::is_in_force(*person)) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("{} is not at work", directory::called(*person)));
  }
  return *std::move(person);
}

Result<AuthenticatorRow> AccountEdit::find(std::string_view id) {
  auto row = TRY(find_authenticator(work_, tenant(), id));
  if (!row || row->shown.person != change_.person) {
    return fail(ErrorCode::kNotFound,
                fmt::format("they have no authenticator `{}`", printable(id)));
  }
  return *std::move(row);
}

Result<std::vector<AuthenticatorRow>> AccountEdit::find_active(AuthenticatorKind kind) {
  auto all = TRY(find_authenticators(work_, tenant(), change_.person));
  std::erase_if(all, [&](const AuthenticatorRow& each) {
    return each.shown.kind != kind || has_ended(each.shown);
  });
  return all;
}

Result<AuthenticatorRow> AccountEdit::add(AuthenticatorKind kind, AuthenticatorState state,
                                          const std::function<void(AuthenticatorRow&)>& fill) {
  TRY_VOID(check_label(change_.label));
  const auto there = TRY(find_active(kind));
  if (there.size() >= kMostOfAKind) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("they have {} of these; revoke one first", there.size()));
  }
  if (change_.expires_ms && *change_.expires_ms <= now()) {
    return invalid("it would have expired already");
  }
  AuthenticatorRow row{.shown = {.id = journal_.next_id(),
                                 .tenant = tenant(),
                                 .person = change_.person,
                                 .kind = kind,
                                 .label = change_.label,
                                 .state = state,
                                 .made_ms = now(),
                                 .used_ms = {},
                                 .expires_ms = change_.expires_ms,
                                 .ended_ms = {},
                                 .failures = {}}};
  fill(row);
  TRY_VOID(insert_authenticator(work_, row));
  const bool counts = state == AuthenticatorState::kActive;
  if (counts) note_added(kind);
  TRY_VOID(tell(What::kCreated, counts ? "enrol" : "begin_enrolment", row.shown, {}));
  return row;
}

void AccountEdit::note_added(AuthenticatorKind kind) {
  if (kind == AuthenticatorKind::kLinkedAccount) return note(About::kAccountLinked);
  if (!replaced_.contains(kind)) return note(About::kAuthenticatorAdded, kind);
  if (kind == AuthenticatorKind::kPassword) return note(About::kPasswordChanged);
  note(About::kAuthenticatorReplaced, kind);
}

Result<void> AccountEdit::activate(AuthenticatorRow& row) {
  note_added(row.shown.kind);
  row.shown.state = AuthenticatorState::kActive;
  return change(row, "enrol");
}

Result<void> AccountEdit::change(AuthenticatorRow& row, std::string_view action) {
  TRY_VOID(check_label(row.shown.label));
  const auto before = TRY(find_authenticator(work_, tenant(), row.shown.id));
  const std::string text = before ? to_feed_text(before->shown) : std::string();
  TRY_VOID(replace_authenticator(work_, row.shown));
  const What what = has_ended(row.shown) ? What::kEnded : What::kChanged;
  return tell(what, action, row.shown, text);
}

Result<void> AccountEdit::end(AuthenticatorRow& row, AuthenticatorState state) {
  // What nobody could sign in with is nobody's loss.
  if (row.shown.state == AuthenticatorState::kActive) {
    const bool is_over = state == AuthenticatorState::kExpired;
    note(is_over ? About::kAuthenticatorExpired : About::kAuthenticatorRemoved, row.shown.kind);
  }
  return end_quietly(row, state);
}

Result<void> AccountEdit::end_quietly(AuthenticatorRow& row, AuthenticatorState state) {
  if (has_ended(row.shown)) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("this authenticator is {} already", to_string(row.shown.state)));
  }
  row.shown.state = state;
  row.shown.ended_ms = now();
  const std::string_view action = state == AuthenticatorState::kLost      ? "mark_lost"
                                  : state == AuthenticatorState::kExpired ? "expire"
                                                                          : "revoke";
  TRY_VOID(change(row, action));
  // Nothing is left by which it could be used.
  TRY_VOID(set_verifier(work_, tenant(), row.shown.id, ""));
  TRY_VOID(erase_recovery_codes(work_, tenant(), row.shown.id));
  if (surroundings_.directory.secrets != nullptr) {
    TRY(surroundings_.directory.secrets->erase(work_, {tenant(), kSecretPurpose, row.shown.id}));
  }
  ended_.push_back(row.shown.id);
  return {};
}

Result<void> AccountEdit::end_all(AuthenticatorKind kind) {
  auto rows = TRY(find_active(kind));
  for (AuthenticatorRow& each : rows) {
    if (each.shown.state == AuthenticatorState::kActive) replaced_.insert(kind);
    TRY_VOID(end_quietly(each, AuthenticatorState::kRevoked));
  }
  return {};
}

Result<void> AccountEdit::tell_person() {
  if (surroundings_.messages == nullptr) return {};
  // Who is told that all from before is gone is not told of each.
  if (notices_.contains(About::kRecoveryDone)) notices_.erase(About::kAuthenticatorRemoved);
  for (const auto& [about, kinds] : notices_) {
    const MessageDetails details{.authenticators = {kinds.begin(), kinds.end()},
                                 .happened_ms = now()};
    TRY_VOID(surroundings_.messages->tell(work_, tenant(), change_.person, about, details));
  }
  return {};
}

Result<void> AccountEdit::tell(What what, std::string_view action, const Authenticator& after,
                               std::string_view before) {
  event::Event event{.kind = event::Kind::kCredentialChange, .action = action};
  directory::name_in(event, directory::Kind::kPerson, change_.person);
  const std::string text = to_feed_text(after);
  event.changed = "authenticator";
  event.value_before = before;
  event.value_after = text;
  return journal_.add({what, kAuthenticatorEntry, after.id, text}, event);
}

Result<void> write_account(const AccountSurroundings& surroundings, const AccountChange& change,
                           const std::function<Result<void>(AccountEdit&)>& call) {
  std::vector<std::string> ended;
  std::int64_t now = 0;
  const auto written = surroundings.store.write([&](Work& work) -> Result<void> {
    AccountEdit edit(work, surroundings, change);
    TRY_VOID(call(edit));
    TRY_VOID(edit.tell_person());
    ended = edit.ended();
    now = edit.now();
    return {};
  });
  TRY_VOID(written);
  for (const std::string& each : ended) {
    if (surroundings.cached != nullptr) {
      surroundings.cached->forget(change.mandate.tenant, change.person, each);
    }
    // Where that fails now, AccountWatch ends them: the feed says what happened.
    [[maybe_unused]] const auto gone =
        surroundings.sessions.end_resting_on(change.mandate.tenant, change.person, each, now);
  }
  return {};
}

}  // namespace wardlock::authn
