#include "authn/account/enrolment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "authn/account/account_edit.h"
#include "authn/account/enrolment_rows.h"
#include "authn/account/tables.h"
#include "authn/account/way_in.h"
#include "authn/token.h"
#include "base/utf8.h"
#include "directory/registry/read_from.h"
#include "directory/registry/registry.h"
#include "directory/registry/told_event.h"

namespace wardlock::authn {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::size_t kTokenBytes = 32;
constexpr std::int64_t kHandleMs = 30 * 60 * 1000;
constexpr std::int64_t kMostInvitationMs = std::int64_t{30} * 24 * 3600 * 1000;

constexpr std::array<std::string_view, 3> kPurposes = {"first", "invitation", "recovery"};

std::optional<EnrolmentRow> read_row(Row row) {
  const auto* const purpose = std::ranges::find(kPurposes, row.text(3));
  if (purpose == kPurposes.end()) return std::nullopt;
  EnrolmentRow read{
      .token = std::string(row.text(0)),
      .enrolment = {.tenant = std::string(row.text(1)),
                    .person = std::string(row.text(2)),
                    .purpose = static_cast<EnrolmentPurpose>(purpose - kPurposes.begin()),
                    .until_ms = row.integer(7)},
      .until_ms = row.integer(5),
      .begun_ms = row.integer(6)};
  if (!row.is_null(4)) read.credential = std::string(row.text(4));
  return read;
}

constexpr std::string_view kSelect =
    "SELECT token, tenant, person, purpose, credential, until_ms, begun_ms, handle_until_ms FROM "
    "enrolment WHERE tenant = $1 AND ";

Result<std::optional<EnrolmentRow>> find_by_token(Work& work, std::string_view tenant,
                                                  std::string_view hash, std::int64_t now) {
  static const std::string sql = fmt::format("{} token = $2 AND until_ms > $3", kSelect);
  const Rows rows = TRY(work.query(sql, tenant, hash, now));
  if (rows.empty()) return std::nullopt;
  return read_row(rows.front());
}

Result<std::optional<EnrolmentRow>> find_by_handle(Work& work, std::string_view tenant,
                                                   std::string_view hash, std::int64_t now) {
  static const std::string sql = fmt::format("{} handle = $2 AND handle_until_ms > $3", kSelect);
  const Rows rows = TRY(work.query(sql, tenant, hash, now));
  if (rows.empty()) return std::nullopt;
  return read_row(rows.front());
}

/// The token of `wardlock init` is a credential that Wardlock itself issued. It begins an enrolment
/// while its holder has nothing else to sign in with.
Result<std::optional<EnrolmentRow>> find_first(Work& work, std::string_view tenant,
                                               const std::string& token, std::int64_t now) {
  if (!is_token(token)) return std::nullopt;
  const Rows rows = TRY(work.query(
      "SELECT id, thing, expires_ms FROM credential WHERE tenant = $1 AND hash = $2 AND form = "
      "'token' AND issued_by_type = 'Wardlock' AND revoked_ms IS NULL AND expires_ms > $3",
      tenant, token_hash(token), now));
  if (rows.empty()) return std::nullopt;
  const std::string person(rows.front().text(1));
  for (const AuthenticatorRow& each : TRY(find_authenticators(work, tenant, person))) {
    if (each.shown.is_good_at(now)) return std::nullopt;
  }
  return EnrolmentRow{.token = handle_hash(token),
                      .enrolment = {.tenant = std::string(tenant),
                                    .person = person,
                                    .purpose = EnrolmentPurpose::kFirst},
                      .credential = std::string(rows.front().text(0)),
                      .until_ms = rows.front().integer(2)};
}

Result<void> check_in_force(Work& work, const AccountSurroundings& surroundings,
                            std::string_view tenant, std::string_view person) {
  const AccountChange change{
      .mandate = {.tenant = std::string(tenant), .actor_type = "Wardlock", .actor_id = "wardlock"},
      .person = std::string(person)};
  AccountEdit edit(work, surroundings, change);
  TRY(edit.check_person());
  return {};
}

/// Whether an enrolment would be a way round what the person has to show.
Result<bool> goes_round(Work& work, const EnrolmentRow& row, const WayInElsewhere& elsewhere,
                        std::int64_t now) {
  if (row.enrolment.purpose == EnrolmentPurpose::kRecovery) return false;
  std::optional<std::int64_t> since;
  if (row.begun_ms != 0) since = row.begun_ms;
  const auto all = TRY(find_authenticators(work, row.enrolment.tenant, row.enrolment.person));
  if (TRY(has_way_in(all, elsewhere, since, now))) return true;
  // Else who may end what people sign in with, and invite them, could be any of them alone.
  return row.enrolment.purpose == EnrolmentPurpose::kInvitation &&
         had_way_in(all, elsewhere, since, now);
}

std::unexpected<Error> can_sign_in() {
  return fail(ErrorCode::kAlreadyExists,
              "they can sign in already, or could once; who has lost that is let in again by two "
              "people of the help desk");
}

/// With a token of ours, or the one of `wardlock init`.
Result<std::optional<EnrolmentRow>> find_begun_with(Work& work, std::string_view tenant,
                                                    const Secret& token, std::int64_t now) {
  auto row = TRY(find_by_token(work, tenant, handle_hash(token.reveal()), now));
  if (row) return row;
  return find_first(work, tenant, std::string(token.reveal()), now);
}

}  // namespace

std::string_view to_string(EnrolmentPurpose purpose) {
  return kPurposes.at(static_cast<std::size_t>(purpose));
}

Result<void> put_enrolment(Work& work, const EnrolmentRow& row, std::int64_t now) {
  // One at a time for each person.
  TRY(work.run("DELETE FROM enrolment WHERE tenant = $1 AND person = $2", row.enrolment.tenant,
               row.enrolment.person));
  TRY(
      work.run("INSERT INTO enrolment (token, tenant, person, purpose, credential, made_ms, "
               "until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)",
               row.token, row.enrolment.tenant, row.enrolment.person,
               to_string(row.enrolment.purpose), row.credential, now, row.until_ms));
  return {};
}

Result<void> tell_enrolment(Work& work, const AccountSurroundings& surroundings,
                            const directory::Mandate& mandate, std::string_view person,
                            std::string_view action, std::string_view purpose) {
  directory::Journal journal(work, mandate, surroundings.directory);
  event::Event event{.kind = event::Kind::kCredentialChange, .action = action};
  directory::name_in(event, directory::Kind::kPerson, person);
  event.changed = "enrolment";
  event.value_after = purpose;
  const std::string document =
      codec::to_json_text(boost::json::object{{"person", person}, {"purpose", purpose}});
  return journal.add({directory::What::kChanged, kEnrolmentEntry, person, document}, event);
}

Secret new_enrolment_token(const AccountSurroundings& surroundings) {
  const Secret random = random_text(surroundings.directory, kTokenBytes);
  return Secret("wle_" + std::string(random.reveal()));
}

Result<EnrolmentToken> Enrolments::invite(const directory::Mandate& mandate,
                                          std::string_view person, EnrolmentPurpose purpose,
                                          std::int64_t until_ms) {
  if (purpose == EnrolmentPurpose::kRecovery) {
    return fail(ErrorCode::kPermissionDenied, "a recovery is asked for at the help desk");
  }
  Secret token = new_enrolment_token(surroundings_);
  const EnrolmentRow row{
      .token = handle_hash(token.reveal()),
      .enrolment = {.tenant = mandate.tenant, .person = std::string(person), .purpose = purpose},
      .until_ms = until_ms};
  const std::int64_t now = surroundings_.directory.clock();
  if (until_ms <= now || until_ms > now + kMostInvitationMs) {
    return invalid("an invitation is good for 30 days at most");
  }
  const auto check_person = [&](Work& work) {
    return check_in_force(work, surroundings_, mandate.tenant, person);
  };
  TRY_VOID(surroundings_.store.read(check_person));
  const WayInElsewhere elsewhere = TRY(way_in_elsewhere(surroundings_, mandate.tenant, person));
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_in_force(work, surroundings_, mandate.tenant, person));
    if (TRY(goes_round(work, row, elsewhere, now))) return can_sign_in();
    TRY_VOID(put_enrolment(work, row, now));
    return tell_enrolment(work, surroundings_, mandate, person, "invite", to_string(purpose));
  });
  TRY_VOID(written);
  return EnrolmentToken{.token = std::move(token), .until_ms = until_ms};
}

Result<bool> Enrolments::withdraw(const directory::Mandate& mandate, std::string_view person) {
  bool was_there = false;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    was_there = TRY(work.run("DELETE FROM enrolment WHERE tenant = $1 AND person = $2",
                             mandate.tenant, person)) != 0;
    if (!was_there) return {};
    return tell_enrolment(work, surroundings_, mandate, person, "withdraw_invitation", "");
  });
  TRY_VOID(written);
  return was_there;
}

Result<BegunEnrolment> Enrolments::begin(std::string_view tenant, const Secret& token) {
  Secret handle = random_text(surroundings_.directory, kTokenBytes);
  using Found = std::optional<EnrolmentRow>;
  Found row = TRY(directory::read_from<Found>(surroundings_.store, [&](Work& work) {
    return find_begun_with(work, tenant, token, surroundings_.directory.clock());
  }));
  if (!row) return unknown_handle();
  const WayInElsewhere elsewhere =
      TRY(way_in_elsewhere(surroundings_, tenant, row->enrolment.person));
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    const std::int64_t now = surroundings_.directory.clock();
    row = TRY(find_begun_with(work, tenant, token, now));
    if (!row) return unknown_handle();
    TRY_VOID(check_in_force(work, surroundings_, tenant, row->enrolment.person));
    if (TRY(goes_round(work, *row, elsewhere, now))) return can_sign_in();
    if (row->credential && row->begun_ms == 0) TRY_VOID(put_enrolment(work, *row, now));
    row->enrolment.until_ms = now + kHandleMs;
    // What was enrolled since it was first begun counts.
    TRY(
        work.run("UPDATE enrolment SET handle = $3, handle_until_ms = $4, begun_ms = "
                 "COALESCE(begun_ms, $5) WHERE tenant = $1 AND token = $2",
                 tenant, row->token, handle_hash(handle.reveal()), row->enrolment.until_ms, now));
    return {};
  });
  TRY_VOID(written);
  return BegunEnrolment{.enrolment = std::move(row->enrolment), .handle = std::move(handle)};
}

Result<Enrolment> Enrolments::find(std::string_view tenant, const Secret& handle) const {
  using Found = std::optional<EnrolmentRow>;
  const auto find_row = [&](Work& work) {
    return find_by_handle(work, tenant, handle_hash(handle.reveal()),
                          surroundings_.directory.clock());
  };
  Found row = TRY(directory::read_from<Found>(surroundings_.store, find_row));
  if (!row) return unknown_handle();
  const WayInElsewhere elsewhere =
      TRY(way_in_elsewhere(surroundings_, tenant, row->enrolment.person));
  const auto is_over = [&](Work& work) {
    return goes_round(work, *row, elsewhere, surroundings_.directory.clock());
  };
  if (TRY(directory::read_from<bool>(surroundings_.store, is_over))) return unknown_handle();
  return std::move(row->enrolment);
}

Result<Enrolment> Enrolments::finish(const directory::Mandate& mandate, const Secret& handle) {
  const Enrolment found = TRY(find(mandate.tenant, handle));
  const AccountChange change{.mandate = mandate, .person = found.person};
  const WayInElsewhere elsewhere =
      TRY(way_in_elsewhere(surroundings_, mandate.tenant, found.person));
  std::optional<EnrolmentRow> row;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    row =
        TRY(find_by_handle(edit.work(), mandate.tenant, handle_hash(handle.reveal()), edit.now()));
    if (!row || row->enrolment.person != found.person) return unknown_handle();
    TRY(edit.check_person());
    // They may have come in by another way since it began.
    if (TRY(goes_round(edit.work(), *row, elsewhere, edit.now()))) return unknown_handle();
    auto rows = TRY(find_authenticators(edit.work(), mandate.tenant, found.person));
    const auto is_new = [&](const AuthenticatorRow& each) {
      return each.shown.made_ms >= row->begun_ms && each.shown.is_good_at(edit.now()) &&
             each.shown.kind != AuthenticatorKind::kRecoveryCodes &&
             each.shown.kind != AuthenticatorKind::kPin &&
             each.shown.kind != AuthenticatorKind::kBadge;
    };
    if (std::ranges::none_of(rows, is_new)) {
      return fail(ErrorCode::kFailedPrecondition, "nothing to sign in with is enrolled yet");
    }
    for (AuthenticatorRow& each : rows) {
      const bool is_from_before = each.shown.made_ms < row->begun_ms && !each.shown.ended_ms;
      if (row->enrolment.purpose != EnrolmentPurpose::kRecovery || !is_from_before) continue;
      TRY_VOID(edit.end(each, AuthenticatorState::kLost));
    }
    if (row->enrolment.purpose == EnrolmentPurpose::kRecovery) edit.note(About::kRecoveryDone);
    TRY(edit.work().run("DELETE FROM enrolment WHERE tenant = $1 AND token = $2", mandate.tenant,
                        row->token));
    return tell_enrolment(edit.work(), surroundings_, mandate, found.person, "finish_enrolment",
                          to_string(row->enrolment.purpose));
  });
  TRY_VOID(written);
  if (row->credential) {
    directory::Registry registry(surroundings_.store, surroundings_.directory);
    TRY(registry.write(
        mandate, [&](directory::Edit& edit) { return edit.revoke_credential(*row->credential); }));
  }
  return std::move(row->enrolment);
}

Result<void> forget_all_enrolments(storage::Store& store) {
  return store.write([](Work& work) -> Result<void> {
    TRY(work.run("DELETE FROM enrolment"));
    TRY(work.run("DELETE FROM recovery_request"));
    return {};
  });
}

}  // namespace wardlock::authn
