#include "pap/draft_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/utf8.h"

namespace wardlock::pap {
namespace {

using storage::Row;
using storage::Rows;
using storage::Work;

constexpr std::string_view kDraft =
    "SELECT id, tenant, environment, author, title, base, content, edition, state, made_ms, "
    "changed_ms FROM policy_draft WHERE tenant = $1";

Result<PolicyDraft> read_draft(Row row) {
  const auto state = find_draft_state(row.text(8));
  if (!state) return fail(ErrorCode::kDataLoss, "a draft's state cannot be read");
  return PolicyDraft{
      .id = std::string(row.text(0)),
      .place = {.tenant = std::string(row.text(1)), .environment = std::string(row.text(2))},
      .author = std::string(row.text(3)),
      .title = std::string(row.text(4)),
      .base = std::string(row.text(5)),
      .content = std::string(row.text(6)),
      .edition = static_cast<std::uint64_t>(row.integer(7)),
      .state = *state,
      .made_ms = row.integer(9),
      .changed_ms = row.integer(10)};
}

CheckOutcome outcome_of(std::string_view name) {
  for (const CheckOutcome each : {CheckOutcome::kPassed, CheckOutcome::kFailed}) {
    if (to_string(each) == name) return each;
  }
  return CheckOutcome::kUndecided;
}

std::string joined(std::span<const std::string> words) {
  return fmt::format("{}", fmt::join(words, " "));
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

}  // namespace

Result<void> put_content(Work& work, std::string_view tenant, const bundle::Content& content,
                         std::int64_t now_ms) {
  const std::string bytes = content.bytes();
  const std::span span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  TRY(
      work.run("INSERT INTO policy_content (tenant, name, bytes, made_ms) VALUES ($1, $2, $3, $4) "
               "ON CONFLICT (tenant, name) DO NOTHING",
               tenant, content.name(), span, now_ms));
  return {};
}

Result<bundle::Content> find_content(Work& work, std::string_view tenant, std::string_view name) {
  const Rows rows = TRY(
      work.query("SELECT bytes FROM policy_content WHERE tenant = $1 AND name = $2", tenant, name));
  if (rows.empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no content `{}`", printable(name)));
  }
  const auto bytes = rows.front().bytes(0);
  auto content = bundle::Content::parse(
      std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  if (!content || content->name() != name) {
    return fail(ErrorCode::kDataLoss, fmt::format("the content `{}` is damaged", name));
  }
  return content;
}

Result<void> insert_draft(Work& work, const PolicyDraft& draft) {
  TRY(work.run(
      "INSERT INTO policy_draft (tenant, id, environment, author, title, base, content, "
      "edition, state, made_ms, changed_ms) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      draft.place.tenant, draft.id, draft.place.environment, draft.author, draft.title, draft.base,
      draft.content, draft.edition, to_string(draft.state), draft.made_ms, draft.changed_ms));
  return {};
}

Result<void> replace_draft(Work& work, const PolicyDraft& draft) {
  const std::uint64_t changed =
      TRY(work.run("UPDATE policy_draft SET base = $3, content = $4, edition = $5, state = $6, "
                   "changed_ms = $7 WHERE tenant = $1 AND id = $2 AND edition = $5 - 1",
                   draft.place.tenant, draft.id, draft.base, draft.content, draft.edition,
                   to_string(draft.state), draft.changed_ms));
  if (changed == 1) return {};
  return fail(ErrorCode::kAborted, "somebody else has changed the draft since; look at it again");
}

Result<std::optional<PolicyDraft>> find_draft(Work& work, std::string_view tenant,
                                              std::string_view id) {
  static const std::string sql = fmt::format("{} AND id = $2", kDraft);
  const Rows rows = TRY(work.query(sql, tenant, id));
  if (rows.empty()) return std::nullopt;
  return TRY(read_draft(rows.front()));
}

Result<std::vector<PolicyDraft>> find_drafts(Work& work, const PolicyPlace& place,
                                             std::string_view before, std::size_t most) {
  static const std::string sql = fmt::format(
      "{} AND environment = $2 AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4", kDraft);
  const Rows rows = TRY(work.query(sql, place.tenant, place.environment, before, most));
  std::vector<PolicyDraft> drafts;
  for (const Row row : rows) drafts.push_back(TRY(read_draft(row)));
  return drafts;
}

Result<void> add_step(Work& work, const PolicyDraft& draft, DraftStep step, std::string_view person,
                      std::string_view reason) {
  TRY(
      work.run("INSERT INTO policy_draft_step (tenant, draft, number, step, person, content, "
               "reason, at_ms) SELECT $1, $2, count(*) + 1, $3, $4, $5, $6, $7 FROM "
               "policy_draft_step WHERE tenant = $1 AND draft = $2",
               draft.place.tenant, draft.id, to_string(step), person, draft.content, reason,
               draft.changed_ms));
  return {};
}

Result<std::vector<KeptStep>> find_steps(Work& work, std::string_view tenant,
                                         std::string_view draft) {
  const Rows rows =
      TRY(work.query("SELECT number, step, person, content, reason, at_ms FROM policy_draft_step "
                     "WHERE tenant = $1 AND draft = $2 ORDER BY number",
                     tenant, draft));
  std::vector<KeptStep> steps;
  for (const Row row : rows) {
    steps.push_back({.number = static_cast<std::uint64_t>(row.integer(0)),
                     .step = std::string(row.text(1)),
                     .person = std::string(row.text(2)),
                     .content = std::string(row.text(3)),
                     .reason = std::string(row.text(4)),
                     .at_ms = row.integer(5)});
  }
  return steps;
}

Result<std::vector<std::string>> find_writers(Work& work, std::string_view tenant,
                                              std::string_view draft) {
  const Rows rows =
      TRY(work.query("SELECT DISTINCT person FROM policy_draft_step WHERE tenant = $1 AND "
                     "draft = $2 AND step IN ('begin', 'write') ORDER BY person",
                     tenant, draft));
  std::vector<std::string> writers;
  for (const Row row : rows) writers.emplace_back(row.text(0));
  return writers;
}

Result<void> add_check(Work& work, const PolicyDraft& draft, const DraftCheck& check) {
  TRY(
      work.run("INSERT INTO policy_check (tenant, draft, content, base, name, number, outcome, "
               "report, at_ms) SELECT $1, $2, $3, $4, $5, count(*) + 1, $6, $7, $8 FROM "
               "policy_check WHERE tenant = $1 AND draft = $2 AND content = $3 AND base = $4 AND "
               "name = $5",
               draft.place.tenant, draft.id, draft.content, draft.base, check.name,
               to_string(check.outcome), check.report, check.at_ms));
  return {};
}

Result<std::vector<DraftCheck>> find_checks(Work& work, const PolicyDraft& draft) {
  const Rows rows =
      TRY(work.query("SELECT name, outcome, report, at_ms FROM policy_check WHERE tenant = $1 AND "
                     "draft = $2 AND content = $3 AND base = $4 ORDER BY name, number",
                     draft.place.tenant, draft.id, draft.content, draft.base));
  std::vector<DraftCheck> checks;
  for (const Row row : rows) {
    if (!checks.empty() && checks.back().name == row.text(0)) checks.pop_back();
    checks.push_back({.name = std::string(row.text(0)),
                      .outcome = outcome_of(row.text(1)),
                      .report = std::string(row.text(2)),
                      .at_ms = row.integer(3)});
  }
  return checks;
}

Result<void> add_signature(Work& work, const PolicyDraft& draft, const Signature& signature) {
  TRY(work.run(
      "INSERT INTO policy_signature (tenant, draft, content, number, person, "
      "printed_name, meaning, comment, session, level, methods, authenticated_ms, "
      "signed_ms) SELECT $1, $2, $3, count(*) + 1, $4, $5, $6, $7, $8, $9, $10, $11, $12 "
      "FROM policy_signature WHERE tenant = $1 AND draft = $2 AND content = $3",
      draft.place.tenant, draft.id, signature.content, signature.person, signature.printed_name,
      signature.meaning, signature.comment, signature.session, signature.level,
      joined(signature.methods), signature.authenticated_ms, signature.signed_ms));
  return {};
}

Result<std::vector<Signature>> find_signatures(Work& work, std::string_view tenant,
                                               std::string_view draft) {
  const Rows rows =
      TRY(work.query("SELECT person, printed_name, meaning, comment, content, session, level, "
                     "methods, authenticated_ms, signed_ms FROM policy_signature WHERE tenant = $1 "
                     "AND draft = $2 ORDER BY signed_ms, content, number",
                     tenant, draft));
  std::vector<Signature> signatures;
  for (const Row row : rows) {
    signatures.push_back({.person = std::string(row.text(0)),
                          .printed_name = std::string(row.text(1)),
                          .meaning = std::string(row.text(2)),
                          .comment = std::string(row.text(3)),
                          .content = std::string(row.text(4)),
                          .session = std::string(row.text(5)),
                          .level = row.integer(6),
                          .methods = split(row.text(7)),
                          .authenticated_ms = row.integer(8),
                          .signed_ms = row.integer(9)});
  }
  return signatures;
}

}  // namespace wardlock::pap
