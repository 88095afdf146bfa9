#include "access/request/role_request_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

namespace wardlock::access {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::string_view kColumns =
    "q.id, q.tenant, q.person, q.role, q.scope, q.lasts_ms, q.reason, q.ticket, q.asked_through, "
    "q.asked_ms, q.due_ms, q.state, q.words, q.relation, q.ends_ms, q.closed_ms, q.closed_by, "
    "q.content, q.signer, q.printed_name, q.meaning, q.session, q.level, q.methods, "
    "q.authenticated_ms, q.signed_ms, q.action, q.target";

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

std::optional<std::int64_t> time_at(Row row, int column) {
  return row.is_null(column) ? std::nullopt : std::optional(row.integer(column));
}

Result<RoleRequest> read_request(Row row) {
  const auto state = find_role_request_state(row.text(11));
  if (!state) return fail(ErrorCode::kDataLoss, "how a request for a role stands cannot be read");
  RoleRequest out{.id = std::string(row.text(0)),
                  .tenant = std::string(row.text(1)),
                  .person = std::string(row.text(2)),
                  .role = std::string(row.text(3)),
                  .scope = std::string(row.text(4)),
                  .action = std::string(row.text(26)),
                  .target = std::string(row.text(27)),
                  .lasts_ms = row.integer(5),
                  .reason = std::string(row.text(6)),
                  .ticket = std::string(row.text(7)),
                  .asked_through = std::string(row.text(8)),
                  .asked_ms = row.integer(9),
                  .due_ms = row.integer(10),
                  .state = *state,
                  .words = std::string(row.text(12)),
                  .relation = std::string(row.text(13)),
                  .ends_ms = time_at(row, 14),
                  .closed_ms = time_at(row, 15),
                  .closed_by = std::string(row.text(16))};
  if (row.is_null(25)) return out;
  out.signature = {.person = std::string(row.text(18)),
                   .printed_name = std::string(row.text(19)),
                   .meaning = std::string(row.text(20)),
                   .comment = out.words,
                   .content = std::string(row.text(17)),
                   .session = std::string(row.text(21)),
                   .level = row.integer(22),
                   .methods = split(row.text(23)),
                   .authenticated_ms = row.integer(24),
                   .signed_ms = row.integer(25)};
  return out;
}

Result<std::vector<RoleRequest>> read_requests(const Rows& rows) {
  std::vector<RoleRequest> requests;
  for (const Row row : rows) requests.push_back(TRY(read_request(row)));
  return requests;
}

}  // namespace

Result<void> insert_role_request(Work& work, const RoleRequest& request) {
  TRY_VOID(work.run(
      "INSERT INTO role_request (tenant, id, person, role, scope, lasts_ms, reason, ticket, "
      "asked_through, asked_ms, due_ms, state, words, relation, closed_by, content, signer, "
      "printed_name, meaning, session, level, methods, authenticated_ms, action, target) VALUES "
      "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '', '', '', '', '', '', '', '', 0, '', "
      "0, $13, $14)",
      request.tenant, request.id, request.person, request.role, request.scope, request.lasts_ms,
      request.reason, request.ticket, request.asked_through, request.asked_ms, request.due_ms,
      to_string(request.state), request.action, request.target));
  return {};
}

Result<void> move_role_request(Work& work, const RoleRequest& request, RoleRequestState before) {
  const authn::Signature& signature = request.signature;
  const std::optional<std::int64_t> signed_ms =
      signature.person.empty() ? std::nullopt : std::optional(signature.signed_ms);
  const std::uint64_t changed = TRY(work.run(
      "UPDATE role_request SET state = $4, words = $5, relation = $6, ends_ms = CAST($7 AS "
      "BIGINT), closed_ms = CAST($8 AS BIGINT), closed_by = $9, content = $10, signer = $11, "
      "printed_name = $12, meaning = $13, session = $14, level = $15, methods = $16, "
      "authenticated_ms = $17, signed_ms = CAST($18 AS BIGINT) WHERE tenant = $1 AND id = $2 AND "
      "state = $3",
      request.tenant, request.id, to_string(before), to_string(request.state), request.words,
      request.relation, request.ends_ms, request.closed_ms, request.closed_by, signature.content,
      signature.person, signature.printed_name, signature.meaning, signature.session,
      signature.level, fmt::format("{}", fmt::join(signature.methods, " ")),
      signature.authenticated_ms, signed_ms));
  if (changed == 1) return {};
  return fail(ErrorCode::kAborted, "somebody has answered or ended it meanwhile");
}

Result<std::optional<RoleRequest>> find_role_request(Work& work, std::string_view tenant,
                                                     std::string_view id) {
  static const std::string sql =
      fmt::format("SELECT {} FROM role_request q WHERE q.tenant = $1 AND q.id = $2", kColumns);
  const Rows rows = TRY(work.query(sql, tenant, id));
  if (rows.empty()) return std::nullopt;
  return TRY(read_request(rows.front()));
}

Result<std::vector<RoleRequest>> find_role_requests_of(Work& work, std::string_view tenant,
                                                       std::string_view person,
                                                       std::string_view before, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM role_request q WHERE q.tenant = $1 AND q.person = $2 AND ($3 = '' OR q.id < "
      "$3) ORDER BY q.id DESC LIMIT CAST($4 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, person, before, most));
  return read_requests(rows);
}

Result<std::vector<RoleRequest>> find_live_requests(Work& work, std::string_view tenant,
                                                    RoleRequestState state, std::int64_t now_ms,
                                                    std::string_view after, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM role_request q WHERE q.tenant = $1 AND q.closed_ms IS NULL AND q.state = $2 "
      "AND COALESCE(q.ends_ms, q.due_ms) > $3 AND q.id > $4 ORDER BY q.id LIMIT CAST($5 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, to_string(state), now_ms, after, most));
  return read_requests(rows);
}

Result<std::vector<RoleRequest>> find_live_requests_of(Work& work, std::string_view tenant,
                                                       std::string_view person,
                                                       std::int64_t now_ms) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM role_request q WHERE q.tenant = $1 AND q.closed_ms IS NULL AND q.person = $2 "
      "AND COALESCE(q.ends_ms, q.due_ms) > $3 ORDER BY q.id",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, person, now_ms));
  return read_requests(rows);
}

Result<std::vector<RoleRequest>> find_standing_approvals(Work& work, std::string_view tenant,
                                                         std::string_view after, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM role_request q WHERE q.tenant = $1 AND q.closed_ms IS NULL AND q.state = "
      "'granted' AND q.action <> '' AND q.id > $2 ORDER BY q.id LIMIT CAST($3 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, after, most));
  return read_requests(rows);
}

Result<std::vector<RoleRequest>> find_due_requests(Work& work, std::string_view tenant,
                                                   std::int64_t now_ms, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM role_request q LEFT JOIN thing p ON p.tenant = q.tenant AND p.id = q.person "
      "LEFT JOIN thing o ON o.tenant = q.tenant AND o.id = CASE WHEN q.action = '' THEN q.role "
      "ELSE q.target END LEFT JOIN relation r ON r.tenant = q.tenant AND r.id = q.relation WHERE "
      "q.tenant = $1 AND q.closed_ms IS NULL AND (COALESCE(q.ends_ms, q.due_ms) <= $2 OR "
      "((q.state = 'open' OR q.action <> '') AND (p.id IS NULL OR p.state <> 'active' OR o.id IS "
      "NULL)) OR (q.state = 'open' AND q.action = '' AND o.state <> 'active') OR (q.state = "
      "'granted' AND q.action = '' AND (r.id IS NULL OR r.ended <> 0))) ORDER BY q.id LIMIT "
      "CAST($3 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, now_ms, most));
  return read_requests(rows);
}

}  // namespace wardlock::access
