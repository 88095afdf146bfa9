#include "authn/session/session_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>

#include "authn/session/sessions.h"
#include "authn/session/tables.h"

namespace wardlock::authn {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::string_view kColumns =
    "id, tenant, person, environment, workstation, authenticators, level, methods, proofs, "
    "authenticated_ms, started_ms, idle_until_ms, ends_ms, family, token, token_before, "
    "rotated_ms, is_locked, unlock_failures, changed, ended_ms";

std::string select(std::string_view rest) {
  return fmt::format("SELECT {}, end_reason FROM session {}", kColumns, rest);
}

crypto::Sha256Digest digest_of(std::span<const std::uint8_t> bytes) {
  crypto::Sha256Digest digest = {};
  std::ranges::copy_n(bytes.begin(),
                      static_cast<std::ptrdiff_t>(std::min(bytes.size(), digest.size())),
                      digest.begin());
  return digest;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

Assurance read_assurance(Row row) {
  // What a later version may have written counts for no more than is known here.
  const std::int64_t level = std::clamp<std::int64_t>(row.integer(6), 0, 3);
  return {.level = static_cast<AssuranceLevel>(level),
          .methods = methods_of(static_cast<std::uint32_t>(row.integer(7))),
          .authenticated_ms = row.integer(9),
          .proofs = Proofs::from_bits(static_cast<std::uint16_t>(row.integer(8)))};
}

SessionRecord read_row(Row row) {
  SessionRecord record{
      .session = {.id = std::string(row.text(0)),
                  .tenant = std::string(row.text(1)),
                  .person = std::string(row.text(2)),
                  .assurance = read_assurance(row),
                  .environment = std::string(row.text(3)),
                  .workstation = std::string(row.text(4)),
                  .authenticators = split(row.text(5)),
                  .started_ms = row.integer(10),
                  .idle_until_ms = row.integer(11),
                  .ends_ms = row.integer(12),
                  .is_locked = row.integer(17) != 0},
      .hashes = {.family = digest_of(row.bytes(13)),
                 .current = digest_of(row.bytes(14)),
                 .before = digest_of(row.bytes(15))},
      .rotated_ms = row.integer(16),
      .unlock_failures = static_cast<std::uint32_t>(row.integer(18)),
      .changed = static_cast<std::uint64_t>(row.integer(19)),
  };
  if (!row.is_null(20)) record.ended_ms = row.integer(20);
  record.end_reason = find_end_reason(row.text(21)).value_or(EndReason::kAdministrator);
  return record;
}

std::vector<SessionRecord> read_rows(const Rows& rows) {
  std::vector<SessionRecord> records;
  records.reserve(rows.size());
  for (const Row row : rows) records.push_back(read_row(row));
  return records;
}

Result<std::uint64_t> take_change(Work& work) {
  const Rows rows =
      TRY(work.query("UPDATE session_head SET changed = changed + 1 RETURNING changed"));
  if (rows.empty()) return fail(ErrorCode::kDataLoss, "the count of sessions' changes is lost");
  work.notify(std::string(kSessionChannel));
  return static_cast<std::uint64_t>(rows.front().integer(0));
}

std::span<const std::uint8_t> bytes(const crypto::Sha256Digest& digest) { return digest; }

}  // namespace

Result<std::uint64_t> read_latest_change(Work& work) {
  const Rows rows = TRY(work.query("SELECT changed FROM session_head"));
  if (rows.empty()) return fail(ErrorCode::kDataLoss, "the count of sessions' changes is lost");
  return static_cast<std::uint64_t>(rows.front().integer(0));
}

Result<std::optional<SessionRecord>> find_session_row(Work& work, std::string_view id) {
  static const std::string sql = select("WHERE id = $1");
  const Rows rows = TRY(work.query(sql, id));
  if (rows.empty()) return std::nullopt;
  return read_row(rows.front());
}

Result<std::vector<SessionRecord>> find_sessions_of(Work& work, std::string_view tenant,
                                                    std::string_view person) {
  static const std::string sql =
      select("WHERE tenant = $1 AND person = $2 AND ended_ms IS NULL ORDER BY started_ms, id");
  return read_rows(TRY(work.query(sql, tenant, person)));
}

Result<std::vector<SessionRecord>> find_sessions_of_tenant(Work& work, std::string_view tenant,
                                                           std::size_t most) {
  static const std::string sql =
      select("WHERE tenant = $1 AND ended_ms IS NULL LIMIT CAST($2 AS BIGINT)");
  return read_rows(TRY(work.query(sql, tenant, most)));
}

Result<std::vector<SessionRecord>> find_changed_sessions(Work& work, std::uint64_t after,
                                                         std::size_t most) {
  static const std::string sql =
      select("WHERE changed > $1 ORDER BY changed LIMIT CAST($2 AS BIGINT)");
  return read_rows(TRY(work.query(sql, after, most)));
}

Result<void> each_live_session(Work& work, const std::function<void(const SessionRecord&)>& visit) {
  static const std::string sql = select("WHERE ended_ms IS NULL");
  return work.each(sql, {}, [&](Row row) -> Result<void> {
    visit(read_row(row));
    return {};
  });
}

Result<void> insert_session(Work& work, SessionRecord& record) {
  record.changed = TRY(take_change(work));
  const Session& session = record.session;
  static const std::string sql = fmt::format(
      "INSERT INTO session ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
      "$14, $15, $16, $17, $18, $19, $20, NULL)",
      kColumns);
  TRY(work.run(sql, session.id, session.tenant, session.person, session.environment,
               session.workstation, joined(session.authenticators),
               number_of(session.assurance.level), method_bits(session.assurance.methods),
               session.assurance.proofs.bits(), session.assurance.authenticated_ms,
               session.started_ms, session.idle_until_ms, session.ends_ms,
               bytes(record.hashes.family), bytes(record.hashes.current),
               bytes(record.hashes.before), record.rotated_ms, session.is_locked,
               record.unlock_failures, record.changed));
  return {};
}

Result<bool> replace_session(Work& work, SessionRecord& record) {
  record.changed = TRY(take_change(work));
  const Session& session = record.session;
  const std::uint64_t rows = TRY(work.run(
      "UPDATE session SET authenticators = $3, level = $4, methods = $5, proofs = $6, "
      "authenticated_ms = $7, idle_until_ms = $8, ends_ms = $9, token = $10, "
      "token_before = $11, rotated_ms = $12, is_locked = $13, unlock_failures = $14, "
      "changed = $15, family = $16 WHERE id = $1 AND tenant = $2 AND ended_ms IS NULL",
      session.id, session.tenant, joined(session.authenticators),
      number_of(session.assurance.level), method_bits(session.assurance.methods),
      session.assurance.proofs.bits(), session.assurance.authenticated_ms, session.idle_until_ms,
      session.ends_ms, bytes(record.hashes.current), bytes(record.hashes.before), record.rotated_ms,
      session.is_locked, record.unlock_failures, record.changed, bytes(record.hashes.family)));
  return rows != 0;
}

Result<bool> end_session(Work& work, std::string_view tenant, std::string_view id, EndReason reason,
                         std::int64_t now_ms) {
  const std::uint64_t change = TRY(take_change(work));
  const std::uint64_t rows =
      TRY(work.run("UPDATE session SET ended_ms = $3, end_reason = $4, changed = $5 WHERE id = $1 "
                   "AND tenant = $2 AND ended_ms IS NULL",
                   id, tenant, now_ms, to_string(reason), change));
  return rows != 0;
}

Result<void> extend_session(Work& work, std::string_view id, std::int64_t idle_until_ms) {
  TRY(
      work.run("UPDATE session SET idle_until_ms = $2 WHERE id = $1 AND idle_until_ms < $2 AND "
               "ended_ms IS NULL",
               id, idle_until_ms));
  return {};
}

Result<void> forget_ended_sessions(Work& work, std::int64_t before_ms) {
  TRY(work.run("DELETE FROM session WHERE ended_ms < $1", before_ms));
  return {};
}

Result<void> move_session(Work& work, std::string_view tenant, std::string_view session,
                          std::string_view from, std::string_view to) {
  auto record = TRY(find_session_row(work, session));
  if (!record || record->ended_ms || record->session.tenant != tenant) return {};
  auto& all = record->session.authenticators;
  if (std::ranges::find(all, from) == all.end()) return {};
  std::ranges::replace(all, std::string(from), std::string(to));
  TRY(replace_session(work, *record));
  return {};
}

Result<void> forget_all_sessions(storage::Store& store) {
  return store.write([](Work& work) -> Result<void> {
    TRY(work.run("DELETE FROM session"));
    work.notify(std::string(kSessionChannel));
    return {};
  });
}

}  // namespace wardlock::authn
