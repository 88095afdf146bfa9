#include "access/review/review_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace wardlock::access {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::string_view kColumns =
    "tenant, grant_id, person, unit, reviewer, drawn_ms, due_ms, late_ms, finding, words, content, "
    "signer, printed_name, session, level, methods, authenticated_ms, signed_ms";

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

Result<GlassReview> read_review(Row row) {
  GlassReview review{.tenant = std::string(row.text(0)),
                     .grant = std::string(row.text(1)),
                     .person = std::string(row.text(2)),
                     .unit = std::string(row.text(3)),
                     .reviewer = std::string(row.text(4)),
                     .drawn_ms = row.integer(5),
                     .due_ms = row.integer(6)};
  if (!row.is_null(7)) review.late_ms = row.integer(7);
  if (row.is_null(8)) return review;
  review.finding = find_finding(row.text(8));
  if (!review.finding) return fail(ErrorCode::kDataLoss, "a review's finding cannot be read");
  review.words = row.text(9);
  review.signature = {.person = std::string(row.text(11)),
                      .printed_name = std::string(row.text(12)),
                      .meaning = std::string(row.text(8)),
                      .comment = review.words,
                      .content = std::string(row.text(10)),
                      .session = std::string(row.text(13)),
                      .level = row.integer(14),
                      .methods = split(row.text(15)),
                      .authenticated_ms = row.integer(16),
                      .signed_ms = row.integer(17)};
  return review;
}

Result<std::vector<GlassReview>> read_reviews(const Rows& rows) {
  std::vector<GlassReview> reviews;
  for (const Row row : rows) reviews.push_back(TRY(read_review(row)));
  return reviews;
}

}  // namespace

Result<void> insert_review(Work& work, const GlassReview& review) {
  TRY_VOID(work.run(
      "INSERT INTO glass_review (tenant, grant_id, person, unit, reviewer, drawn_ms, "
      "due_ms, words, content, signer, printed_name, session, level, methods, "
      "authenticated_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', '', '', '', 0, '', 0)",
      review.tenant, review.grant, review.person, review.unit, review.reviewer, review.drawn_ms,
      review.due_ms));
  return {};
}

Result<void> replace_review(Work& work, const GlassReview& review) {
  const authn::Signature& signature = review.signature;
  const std::optional<std::string> finding =
      review.finding ? std::optional<std::string>(to_string(*review.finding)) : std::nullopt;
  const std::optional<std::int64_t> signed_ms =
      review.finding ? std::optional(signature.signed_ms) : std::nullopt;
  const std::uint64_t changed = TRY(work.run(
      "UPDATE glass_review SET reviewer = $3, drawn_ms = $4, late_ms = CAST($5 AS BIGINT), finding "
      "= CAST($6 AS TEXT), words = $7, content = $8, signer = $9, printed_name = $10, session = "
      "$11, level = $12, methods = $13, authenticated_ms = $14, signed_ms = CAST($15 AS BIGINT) "
      "WHERE tenant = $1 AND grant_id = $2 AND signed_ms IS NULL",
      review.tenant, review.grant, review.reviewer, review.drawn_ms, review.late_ms, finding,
      review.words, signature.content, signature.person, signature.printed_name, signature.session,
      signature.level, fmt::format("{}", fmt::join(signature.methods, " ")),
      signature.authenticated_ms, signed_ms));
  if (changed == 1) return {};
  return fail(ErrorCode::kAborted, "somebody has reviewed it meanwhile");
}

Result<std::optional<GlassReview>> find_review(Work& work, std::string_view tenant,
                                               std::string_view grant) {
  static const std::string sql =
      fmt::format("SELECT {} FROM glass_review WHERE tenant = $1 AND grant_id = $2", kColumns);
  const Rows rows = TRY(work.query(sql, tenant, grant));
  if (rows.empty()) return std::nullopt;
  return TRY(read_review(rows.front()));
}

Result<std::vector<GlassReview>> find_open_reviews(Work& work, std::string_view tenant,
                                                   std::string_view reviewer, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM glass_review WHERE tenant = $1 AND signed_ms IS NULL AND ($2 = '' OR (person "
      "<> $2 AND (reviewer = $2 OR reviewer = '' OR late_ms IS NOT NULL))) ORDER BY due_ms, "
      "grant_id LIMIT CAST($3 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, reviewer, most));
  return read_reviews(rows);
}

Result<std::vector<GlassReview>> find_late_reviews(Work& work, std::string_view tenant,
                                                   std::int64_t now_ms, std::size_t most) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM glass_review WHERE tenant = $1 AND signed_ms IS NULL AND late_ms IS NULL AND "
      "due_ms <= $2 ORDER BY due_ms, grant_id LIMIT CAST($3 AS BIGINT)",
      kColumns);
  const Rows rows = TRY(work.query(sql, tenant, now_ms, most));
  return read_reviews(rows);
}

Result<std::vector<UnreviewedGrant>> find_unreviewed(Work& work, std::string_view tenant,
                                                     std::size_t most) {
  const Rows rows = TRY(work.query(
      "SELECT g.id, g.person, g.review_due_ms FROM glass_grant g LEFT JOIN glass_review r ON "
      "r.tenant = g.tenant AND r.grant_id = g.id WHERE g.tenant = $1 AND r.grant_id IS NULL ORDER "
      "BY g.id LIMIT CAST($2 AS BIGINT)",
      tenant, most));
  std::vector<UnreviewedGrant> grants;
  for (const Row row : rows) {
    grants.push_back({.id = std::string(row.text(0)),
                      .person = std::string(row.text(1)),
                      .due_ms = row.integer(2)});
  }
  return grants;
}

Result<std::vector<ReviewPair>> find_review_pairs(Work& work, std::string_view tenant,
                                                  std::int64_t since_ms) {
  const Rows rows =
      TRY(work.query("SELECT DISTINCT signer, person, unit FROM glass_review WHERE tenant = $1 AND "
                     "signed_ms > $2 ORDER BY signer, person, unit",
                     tenant, since_ms));
  std::vector<ReviewPair> pairs;
  for (const Row row : rows) {
    pairs.push_back({.reviewer = std::string(row.text(0)),
                     .person = std::string(row.text(1)),
                     .unit = std::string(row.text(2))});
  }
  return pairs;
}

Result<std::vector<ReviewCount>> count_reviews(Work& work, std::string_view tenant,
                                               std::int64_t since_ms) {
  const Rows rows = TRY(work.query(
      "SELECT unit, COALESCE(finding, ''), CASE WHEN late_ms IS NULL THEN 0 ELSE 1 END, count(*) "
      "FROM glass_review WHERE tenant = $1 AND drawn_ms > $2 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
      tenant, since_ms));
  std::vector<ReviewCount> counts;
  for (const Row row : rows) {
    counts.push_back({.unit = std::string(row.text(0)),
                      .finding = std::string(row.text(1)),
                      .is_late = row.integer(2) != 0,
                      .count = row.integer(3)});
  }
  return counts;
}

}  // namespace wardlock::access
