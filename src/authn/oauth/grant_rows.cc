#include "authn/oauth/grant_rows.h"

#include <array>

#include "authn/oauth/tables.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

/// So long a grant that is over is remembered, that a code or token of it is told from an unknown
/// one, and that every node hears of its end.
constexpr std::int64_t kRememberedMs = std::int64_t{24} * 3600 * 1000;

Result<std::int64_t> next_number(Work& work) {
  const storage::Rows rows =
      TRY(work.query("UPDATE oauth_head SET value = value + 1 WHERE name = 'number' "
                     "RETURNING value"));
  if (rows.empty()) return fail(ErrorCode::kDataLoss, "the numbers of tokens are lost");
  work.notify(std::string(kChangeChannel));
  return rows.front().integer(0);
}

}  // namespace

std::string_view to_string(TokenKind kind) {
  static constexpr std::array<std::string_view, 3> kNames = {"code", "refresh", "access"};
  return kNames.at(static_cast<std::size_t>(kind));
}

Result<void> insert_grant(Work& work, std::string_view tenant, const Grant& grant) {
  TRY(
      work.run("INSERT INTO oauth_grant (tenant, id, client, person, session, parent, "
               "is_offline, document, made_ms, ends_ms) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
               tenant, grant.id, grant.client, grant.person, grant.session, grant.parent,
               grant.is_offline(), grant_text(grant), grant.made_ms, grant.ends_ms));
  return {};
}

Result<void> update_grant(Work& work, std::string_view tenant, const Grant& grant) {
  TRY(work.run("UPDATE oauth_grant SET document = $3 WHERE tenant = $1 AND id = $2", tenant,
               grant.id, grant_text(grant)));
  return {};
}

Result<std::optional<Grant>> find_grant(Work& work, std::string_view tenant, std::string_view id) {
  const storage::Rows rows = TRY(work.query(
      "SELECT document, ended_ms FROM oauth_grant WHERE tenant = $1 AND id = $2", tenant, id));
  if (rows.empty()) return std::nullopt;
  Grant grant = TRY(read_grant_text(rows.front().text(0)));
  grant.is_ended = !rows.front().is_null(1);
  return grant;
}

Result<std::uint64_t> end_grants(Work& work, const Occasion& occasion, const WhichGrants& which) {
  const bool is_for_one = !(which.id.empty() && which.client.empty() && which.person.empty() &&
                            which.session.empty() && which.parent.empty());
  if (!is_for_one) return fail(ErrorCode::kInternal, "which grants are to end is not said");
  const storage::Rows rows = TRY(work.query(
      "SELECT id FROM oauth_grant WHERE tenant = $1 AND ended_ms IS NULL AND "
      "($2 = '' OR id = $2) AND ($3 = '' OR client = $3) AND ($4 = '' OR person = $4) AND "
      "($5 = '' OR session = $5) AND ($6 = '' OR parent = $6) AND is_offline <= $7",
      occasion.tenant, which.id, which.client, which.person, which.session, which.parent,
      which.except_offline ? 0 : 1));
  for (const storage::Row row : rows) {
    const std::int64_t number = TRY(next_number(work));
    TRY(
        work.run("UPDATE oauth_grant SET ended_ms = $3, ended_number = $4 "
                 "WHERE tenant = $1 AND id = $2",
                 occasion.tenant, row.text(0), occasion.now_ms, number));
    TRY(work.run("DELETE FROM oauth_token WHERE tenant = $1 AND grant_id = $2 AND form <> 'code'",
                 occasion.tenant, row.text(0)));
    TRY(end_grants(work, occasion, {.parent = row.text(0)}));
  }
  return rows.size();
}

Result<void> insert_token(Work& work, std::string_view tenant, const KeptToken& token) {
  std::int64_t number = 0;
  if (token.kind == TokenKind::kAccess) number = TRY(next_number(work));
  TRY(
      work.run("INSERT INTO oauth_token (tenant, hash, form, grant_id, document, number, made_ms, "
               "until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
               tenant, token.hash, to_string(token.kind), token.grant, token.document, number,
               token.made_ms, token.until_ms));
  return {};
}

Result<std::optional<KeptToken>> find_token(Work& work, std::string_view tenant,
                                            std::string_view hash, TokenKind kind) {
  const storage::Rows rows =
      TRY(work.query("SELECT grant_id, document, made_ms, until_ms, used_ms FROM oauth_token "
                     "WHERE tenant = $1 AND hash = $2 AND form = $3",
                     tenant, hash, to_string(kind)));
  if (rows.empty()) return std::nullopt;
  const storage::Row row = rows.front();
  KeptToken token{.hash = std::string(hash),
                  .kind = kind,
                  .grant = std::string(row.text(0)),
                  .document = std::string(row.text(1)),
                  .made_ms = row.integer(2),
                  .until_ms = row.integer(3)};
  if (!row.is_null(4)) token.used_ms = row.integer(4);
  return token;
}

Result<void> use_token(Work& work, std::string_view tenant, std::string_view hash,
                       std::int64_t now_ms, std::string_view document) {
  TRY(
      work.run("UPDATE oauth_token SET used_ms = COALESCE(used_ms, $3), document = $4 "
               "WHERE tenant = $1 AND hash = $2",
               tenant, hash, now_ms, document));
  return {};
}

Result<void> erase_token(Work& work, std::string_view tenant, std::string_view hash) {
  TRY(work.run("DELETE FROM oauth_token WHERE tenant = $1 AND hash = $2", tenant, hash));
  return {};
}

Result<bool> note_once(Work& work, std::string_view tenant, std::string_view hash,
                       std::int64_t until_ms) {
  const std::uint64_t noted =
      TRY(work.run("INSERT INTO oauth_seen (tenant, hash, until_ms) VALUES ($1, $2, $3) "
                   "ON CONFLICT (tenant, hash) DO NOTHING",
                   tenant, hash, until_ms));
  return noted == 1;
}

Result<std::uint64_t> erase_old(Work& work, std::int64_t now_ms) {
  std::uint64_t erased = 0;
  erased += TRY(work.run("DELETE FROM oauth_request WHERE until_ms < $1", now_ms));
  erased += TRY(work.run("DELETE FROM oauth_seen WHERE until_ms < $1", now_ms));
  erased += TRY(work.run("DELETE FROM oauth_invitation WHERE until_ms < $1", now_ms));
  const std::int64_t long_ago = now_ms - kRememberedMs;
  erased += TRY(work.run("DELETE FROM oauth_token WHERE until_ms < $1", long_ago));
  erased += TRY(work.run("DELETE FROM oauth_grant WHERE ends_ms < $1", long_ago));
  return erased;
}

}  // namespace wardlock::oauth
