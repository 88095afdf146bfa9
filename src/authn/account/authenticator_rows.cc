#include "authn/account/authenticator_rows.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "codec/base64url.h"
#include "codec/json.h"

namespace wardlock::authn {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::string_view kColumns =
    "id, tenant, person, kind, label, state, made_ms, used_ms, expires_ms, ended_ms, place, "
    "verifier, counter, familiar_failures, strange_failures";

std::string select(std::string_view rest) {
  return fmt::format(
      "SELECT {}, (SELECT count(*) FROM recovery_code r WHERE r.tenant = a.tenant AND "
      "r.authenticator = a.id) FROM authenticator a {}",
      kColumns, rest);
}

std::optional<std::int64_t> time_of(Row row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return row.integer(column);
}

Result<AuthenticatorRow> read_row(Row row) {
  const auto kind = find_authenticator_kind(row.text(3));
  const auto state = find_authenticator_state(row.text(5));
  if (!kind || !state) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("an authenticator is a `{}` that is `{}`, which this version does not "
                            "know",
                            row.text(3), row.text(5)));
  }
  AuthenticatorRow read{
      .shown = {.id = std::string(row.text(0)),
                .tenant = std::string(row.text(1)),
                .person = std::string(row.text(2)),
                .kind = *kind,
                .label = std::string(row.text(4)),
                .state = *state,
                .made_ms = row.integer(6),
                .used_ms = time_of(row, 7),
                .expires_ms = time_of(row, 8),
                .ended_ms = time_of(row, 9),
                .failures = {.familiar = static_cast<std::uint32_t>(row.integer(13)),
                             .strange = static_cast<std::uint32_t>(row.integer(14))},
                .codes_left = static_cast<std::uint32_t>(row.integer(15))},
      .verifier = std::string(row.text(11)),
      .counter = row.integer(12)};
  if (!row.is_null(10)) read.place = std::string(row.text(10));
  return read;
}

Result<std::vector<AuthenticatorRow>> read_rows(const Rows& rows) {
  std::vector<AuthenticatorRow> all;
  all.reserve(rows.size());
  for (const Row row : rows) all.push_back(TRY(read_row(row)));
  return all;
}

Result<std::optional<AuthenticatorRow>> read_one(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  return TRY(read_row(rows.front()));
}

std::unexpected<Error> damaged(const char* what) {
  return fail(ErrorCode::kDataLoss, fmt::format("what is kept of {} cannot be read", what));
}

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

}  // namespace

Result<std::vector<AuthenticatorRow>> find_authenticators(Work& work, std::string_view tenant,
                                                          std::string_view person) {
  static const std::string sql = select("WHERE tenant = $1 AND person = $2 ORDER BY id");
  const Rows rows = TRY(work.query(sql, tenant, person));
  return read_rows(rows);
}

Result<std::optional<AuthenticatorRow>> find_authenticator(Work& work, std::string_view tenant,
                                                           std::string_view id) {
  static const std::string sql = select("WHERE tenant = $1 AND id = $2");
  const Rows rows = TRY(work.query(sql, tenant, id));
  return read_one(rows);
}

Result<std::optional<AuthenticatorRow>> find_by_place(Work& work, std::string_view tenant,
                                                      AuthenticatorKind kind,
                                                      std::string_view place) {
  static const std::string sql =
      select("WHERE tenant = $1 AND kind = $2 AND place = $3 AND ended_ms IS NULL");
  const Rows rows = TRY(work.query(sql, tenant, to_string(kind), place));
  return read_one(rows);
}

Result<std::vector<AuthenticatorRow>> find_expired(Work& work, std::int64_t now_ms,
                                                   std::size_t most) {
  static const std::string sql =
      select("WHERE expires_ms <= $1 AND ended_ms IS NULL LIMIT CAST($2 AS BIGINT)");
  const Rows rows = TRY(work.query(sql, now_ms, most));
  return read_rows(rows);
}

Result<std::vector<AuthenticatorRow>> find_expiring(Work& work, About said, std::int64_t now_ms,
                                                    std::int64_t until_ms, std::size_t most) {
  static const std::string sql = select(
      "WHERE expires_ms > $1 AND expires_ms <= $2 AND ended_ms IS NULL AND state = 'active' AND "
      "expires_ms - $1 <= (expires_ms - made_ms) / 2 AND NOT EXISTS (SELECT 1 FROM message_said s "
      "WHERE s.tenant = a.tenant AND s.what = "
      "$3 || a.id AND s.until_ms > $1) LIMIT CAST($4 AS BIGINT)");
  const std::string what = said_of(said, "");
  const Rows rows = TRY(work.query(sql, now_ms, until_ms, what, most));
  return read_rows(rows);
}

Result<void> insert_authenticator(Work& work, const AuthenticatorRow& row) {
  static const std::string sql = fmt::format(
      "INSERT INTO authenticator ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
      "$13, $14, $15)",
      kColumns);
  const Authenticator& shown = row.shown;
  TRY(work.run(sql, shown.id, shown.tenant, shown.person, to_string(shown.kind), shown.label,
               to_string(shown.state), shown.made_ms, shown.used_ms, shown.expires_ms,
               shown.ended_ms, row.place, row.verifier, row.counter, shown.failures.familiar,
               shown.failures.strange));
  return {};
}

Result<void> replace_authenticator(Work& work, const Authenticator& shown) {
  TRY(
      work.run("UPDATE authenticator SET label = $3, state = $4, used_ms = $5, expires_ms = $6, "
               "ended_ms = $7 WHERE tenant = $1 AND id = $2",
               shown.tenant, shown.id, shown.label, to_string(shown.state), shown.used_ms,
               shown.expires_ms, shown.ended_ms));
  return {};
}

Result<void> note_used(Work& work, const AuthenticatorRow& row, std::int64_t now_ms) {
  TRY(
      work.run("UPDATE authenticator SET used_ms = $3, familiar_failures = 0, strange_failures = 0 "
               "WHERE tenant = $1 AND id = $2",
               row.shown.tenant, row.shown.id, now_ms));
  return {};
}

Result<void> forget_failures(Work& work, const Authenticator& shown) {
  TRY(
      work.run("UPDATE authenticator SET familiar_failures = 0, strange_failures = 0 WHERE tenant "
               "= $1 AND id = $2",
               shown.tenant, shown.id));
  return {};
}

Result<void> note_failure(Work& work, const Authenticator& shown, Familiarity who) {
  const int familiar = who == Familiarity::kFamiliar ? 1 : 0;
  TRY(
      work.run("UPDATE authenticator SET familiar_failures = familiar_failures + $3, "
               "strange_failures = strange_failures + $4 WHERE tenant = $1 AND id = $2",
               shown.tenant, shown.id, familiar, 1 - familiar));
  return {};
}

Result<void> set_verifier(Work& work, std::string_view tenant, std::string_view id,
                          std::string_view verifier) {
  TRY(work.run("UPDATE authenticator SET verifier = $3 WHERE tenant = $1 AND id = $2", tenant, id,
               verifier));
  return {};
}

Result<bool> raise_counter(Work& work, std::string_view tenant, std::string_view id,
                           std::int64_t counter) {
  return TRY(work.run("UPDATE authenticator SET counter = $3 WHERE tenant = $1 AND id = $2 AND "
                      "counter < $3",
                      tenant, id, counter)) != 0;
}

Result<void> insert_recovery_code(Work& work, std::string_view tenant,
                                  std::string_view authenticator, std::string_view hash) {
  TRY(work.run("INSERT INTO recovery_code (tenant, authenticator, hash) VALUES ($1, $2, $3)",
               tenant, authenticator, hash));
  return {};
}

Result<std::vector<std::string>> find_recovery_codes(Work& work, std::string_view tenant,
                                                     std::string_view authenticator) {
  const Rows rows = TRY(
      work.query("SELECT hash FROM recovery_code WHERE tenant = $1 AND authenticator = $2 ORDER "
                 "BY hash",
                 tenant, authenticator));
  std::vector<std::string> hashes;
  for (const Row row : rows) hashes.emplace_back(row.text(0));
  return hashes;
}

Result<bool> take_recovery_code(Work& work, std::string_view tenant, std::string_view authenticator,
                                std::string_view hash) {
  return TRY(work.run("DELETE FROM recovery_code WHERE tenant = $1 AND authenticator = $2 AND "
                      "hash = $3",
                      tenant, authenticator, hash)) != 0;
}

Result<void> erase_recovery_codes(Work& work, std::string_view tenant,
                                  std::string_view authenticator) {
  TRY(work.run("DELETE FROM recovery_code WHERE tenant = $1 AND authenticator = $2", tenant,
               authenticator));
  return {};
}

std::string to_verifier(const OneTimePasswordForm& form) {
  return codec::to_json_text(boost::json::object{{"algorithm", static_cast<int>(form.algorithm)},
                                                 {"digits", form.digits},
                                                 {"period", form.period.count()}});
}

Result<OneTimePasswordForm> read_otp_form(std::string_view verifier) {
  const auto json = codec::parse_json(verifier);
  if (!json || !json->is_object()) return damaged("a code");
  const auto number = [&](std::string_view name) -> std::int64_t {
    const auto* value = json->get_object().if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : -1;
  };
  const std::int64_t algorithm = number("algorithm");
  const std::int64_t digits = number("digits");
  const std::int64_t period = number("period");
  if (algorithm < 0 || algorithm > 3 || digits < 6 || digits > 8 || period < 1) {
    return damaged("a code");
  }
  return OneTimePasswordForm{.algorithm = static_cast<crypto::HashAlgorithm>(algorithm),
                             .digits = static_cast<std::uint32_t>(digits),
                             .period = std::chrono::seconds(period)};
}

std::string to_verifier(const webauthn::Credential& credential) {
  return codec::to_json_text(boost::json::object{
      {"key", encoded(credential.public_key)},
      {"verified", credential.was_user_verified},
      {"eligible", credential.is_backup_eligible},
      {"backed_up", credential.is_backed_up},
      {"aaguid", encoded({reinterpret_cast<const char*>(credential.aaguid.data()),
                          credential.aaguid.size()})},
      {"attestation", static_cast<int>(credential.attestation)},
      {"trusted", credential.is_attestation_trusted}});
}

Result<webauthn::Credential> read_passkey(const AuthenticatorRow& row) {
  const auto json = codec::parse_json(row.verifier);
  if (!json || !json->is_object()) return damaged("a passkey");
  const auto& object = json->get_object();
  const auto flag = [&](std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
  };
  const auto bytes = [&](std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::string();
    return codec::from_base64url(std::string_view(value->get_string())).value_or("");
  };
  webauthn::Credential credential{
      .id = codec::from_base64url(row.place.value_or("")).value_or(""),
      .public_key = bytes("key"),
      .sign_count = static_cast<std::uint32_t>(std::max<std::int64_t>(row.counter, 0)),
      .was_user_verified = flag("verified"),
      .is_backup_eligible = flag("eligible"),
      .is_backed_up = flag("backed_up"),
      .is_attestation_trusted = flag("trusted")};
  const std::string aaguid = bytes("aaguid");
  const auto* attestation = object.if_contains("attestation");
  if (credential.public_key.empty() || credential.id.empty() ||
      aaguid.size() != credential.aaguid.size() || attestation == nullptr ||
      !attestation->is_int64()) {
    return damaged("a passkey");
  }
  std::ranges::copy(aaguid, credential.aaguid.begin());
  credential.attestation = static_cast<webauthn::AttestationType>(attestation->get_int64());
  return credential;
}

std::string to_verifier(bool is_smartcard) { return is_smartcard ? "smartcard" : "certificate"; }
bool is_smartcard(const AuthenticatorRow& row) { return row.verifier == "smartcard"; }

}  // namespace wardlock::authn
