#include "authn/oauth/client_invitations.h"

#include "authn/oauth/parameters.h"
#include "directory/identifier/uuid7.h"

namespace wardlock::oauth {
namespace {

using storage::Work;

/// A row of: id, maker_type, maker, note, scopes, uses_left, made_ms, until_ms.
ClientInvitation read_row(const storage::Row& row) {
  return {.id = std::string(row.text(0)),
          .maker_type = std::string(row.text(1)),
          .maker = std::string(row.text(2)),
          .note = std::string(row.text(3)),
          .scopes = split_words(row.text(4)),
          .uses_left = static_cast<std::uint64_t>(row.integer(5)),
          .made_ms = row.integer(6),
          .until_ms = row.integer(7)};
}

}  // namespace

Result<Secret> enter_invitation(Work& work, const Occasion& occasion, ClientInvitation& invitation,
                                const FillRandom& fill_random) {
  directory::UuidEntropy entropy;
  fill_random(entropy);
  invitation.id = directory::make_uuid7(occasion.now_ms, entropy);
  invitation.made_ms = occasion.now_ms;
  std::string text = new_ticket(Ticket::kInvitation, fill_random);
  Secret token(text);
  wipe(text);
  TRY(work.run(
      "INSERT INTO oauth_invitation (tenant, id, hash, maker_type, maker, note, scopes, "
      "uses_left, made_ms, until_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      occasion.tenant, invitation.id, hash_of(token.reveal()), invitation.maker_type,
      invitation.maker, invitation.note, join_words(invitation.scopes),
      static_cast<std::int64_t>(invitation.uses_left), invitation.made_ms, invitation.until_ms));
  return token;
}

Result<std::optional<ClientInvitation>> find_invitation(Work& work, const Occasion& occasion,
                                                        std::string_view token) {
  if (!is_ticket(Ticket::kInvitation, token)) return std::nullopt;
  const storage::Rows rows =
      TRY(work.query("SELECT id, maker_type, maker, note, scopes, uses_left, made_ms, until_ms "
                     "FROM oauth_invitation WHERE tenant = $1 AND hash = $2 AND until_ms > $3",
                     occasion.tenant, hash_of(token), occasion.now_ms));
  if (rows.empty()) return std::nullopt;
  return read_row(rows.front());
}

Result<std::vector<ClientInvitation>> list_invitations(Work& work, const Occasion& occasion) {
  const storage::Rows rows =
      TRY(work.query("SELECT id, maker_type, maker, note, scopes, uses_left, made_ms, until_ms "
                     "FROM oauth_invitation WHERE tenant = $1 AND until_ms > $2 ORDER BY id",
                     occasion.tenant, occasion.now_ms));
  std::vector<ClientInvitation> all;
  for (const storage::Row row : rows) all.push_back(read_row(row));
  return all;
}

Result<bool> use_invitation(Work& work, const Occasion& occasion, std::string_view id) {
  const auto used =
      TRY(work.run("UPDATE oauth_invitation SET uses_left = uses_left - 1 "
                   "WHERE tenant = $1 AND id = $2 AND uses_left > 0 AND until_ms > $3",
                   occasion.tenant, id, occasion.now_ms));
  TRY(work.run("DELETE FROM oauth_invitation WHERE tenant = $1 AND id = $2 AND uses_left = 0",
               occasion.tenant, id));
  return used == 1;
}

Result<std::optional<ClientInvitation>> take_back_invitation(Work& work, const Occasion& occasion,
                                                             std::string_view id) {
  const storage::Rows rows =
      TRY(work.query("DELETE FROM oauth_invitation WHERE tenant = $1 AND id = $2 "
                     "RETURNING id, maker_type, maker, note, scopes, uses_left, made_ms, until_ms",
                     occasion.tenant, id));
  if (rows.empty()) return std::nullopt;
  return read_row(rows.front());
}

}  // namespace wardlock::oauth
