#include "api/admin/policy_comparisons.h"

#include <fmt/format.h>

#include <mutex>
#include <string>
#include <utility>

#include "administration/recorded_comparisons.h"
#include "api/admin/policies.h"
#include "api/admin/policy_drafts.h"
#include "api/admin/recoveries.h"
#include "base/utf8.h"
#include "directory/model/moment.h"
#include "pap/compared_policies.h"
#include "pap/content_diff.h"

namespace wardlock::admin {
namespace {

using administration::PolicyChanges;
using administration::PolicyDeed;
using administration::RecordedComparison;
using boost::json::object;

std::unexpected<Refusal> nothing_before() {
  return refuse(409, ErrorCode::kFailedPrecondition,
                "nothing was in force when the draft was written: there is nothing to compare it "
                "with");
}

std::string summary_text(const compare::DiffReport& report) {
  std::string text;
  for (const compare::SummaryLine& line : compare::diff_summary(report)) text += line.text + "\n";
  return text;
}

/// As `as` asks for it.
Answered<void> write_report(const Asked& asked, const compare::DiffReport& report,
                            net::HttpResponse& response) {
  const std::string_view as = asked.parameter("as");
  if (as == "html") {
    response.content_type = "text/html; charset=utf-8";
    response.body = compare::diff_page(report);
  } else if (as == "csv") {
    response.content_type = "text/csv; charset=utf-8";
    response.body = compare::diff_csv(report);
  } else if (as == "text") {
    response.content_type = "text/plain; charset=utf-8";
    response.body = summary_text(report);
  } else if (as.empty() || as == "json") {
    write_json(compare::diff_document(report), response);
  } else {
    return invalid(
        fmt::format("`as` may be `json`, `html`, `csv` or `text`, not `{}`", printable(as)));
  }
  return {};
}

object to_json(const RecordedComparison& comparison) {
  const administration::RecordedWish& wish = comparison.wish;
  object out{{"id", comparison.id},
             {"draft", wish.draft},
             {"state", to_string(comparison.state)},
             {"done", comparison.done},
             {"all", comparison.all}};
  if (wish.from) out["from"] = directory::to_time_text(*wish.from);
  if (wish.until) out["until"] = directory::to_time_text(*wish.until);
  if (!comparison.fault.empty()) out["fault"] = comparison.fault;
  return out;
}

Answered<administration::RecordedComparisons*> recorded_of(const PolicyChanges& changes) {
  if (changes.recorded != nullptr) return changes.recorded;
  return refuse(409, ErrorCode::kFailedPrecondition,
                "nothing is recorded here: the configuration has no `audit`");
}

Answered<RecordedComparison> comparison_of(const Asked& asked) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  auto* const recorded = TRY(recorded_of(*changes));
  return TRY(recorded->find(asked.id));
}

}  // namespace

Answered<void> compare_draft(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const pap::PolicyDraft draft = TRY(view_of(asked, *changes)).draft;
  const ChangedContents contents = TRY(contents_of(asked, *changes, draft));
  const auto diff =
      TRY(pap::diff_contents(contents.before ? &*contents.before : nullptr, contents.after));
  write_json(to_json(diff), response);
  return {};
}

Answered<void> compare_draft_decisions(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const bool asks_generated = TRY(asked.flag("generated"));
  const pap::PolicyDraft draft = TRY(view_of(asked, *changes)).draft;
  const ChangedContents contents = TRY(contents_of(asked, *changes, draft));
  if (!contents.before) return nothing_before();
  std::unique_lock<std::mutex> turn;
  if (asks_generated) turn = TRY(turn_for_long_work(*changes));
  const auto report =
      TRY(pap::compare_contents(*contents.before, contents.after,
                                {.asks_generated = asks_generated, .made_at = asked.errand.now}));
  return write_report(asked, report, response);
}

Answered<void> begin_comparison(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"from", "until"}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const pap::PolicyDraft draft = TRY(view_of(asked, *changes)).draft;
  if (draft.base.empty()) return nothing_before();
  auto* const recorded = TRY(recorded_of(*changes));
  administration::RecordedWish wish{.draft = draft.id,
                                    .base = draft.base,
                                    .content = draft.content,
                                    .from = TRY(time_in(body, "from")),
                                    .until = TRY(time_in(body, "until"))};
  if (wish.from && wish.until && *wish.from >= *wish.until) {
    return invalid("`from` must be before `until`: nothing was decided in no time");
  }
  const RecordedComparison begun = TRY(recorded->begin(std::move(wish)));
  TRY_VOID(changes->drafts.tell(mandate_of(asked, body.reason), draft, "compare_draft"));
  response.status = 202;
  response.headers.add("Location", fmt::format("{}/admin/v1/policies/comparisons/{}",
                                               asked.errand.base_url, begun.id));
  write_json(to_json(begun), response);
  return {};
}

Answered<void> read_comparison(const Asked& asked, net::HttpResponse& response) {
  write_json(to_json(TRY(comparison_of(asked))), response);
  return {};
}

Answered<void> read_comparison_report(const Asked& asked, net::HttpResponse& response) {
  const RecordedComparison comparison = TRY(comparison_of(asked));
  if (comparison.report != nullptr) return write_report(asked, *comparison.report, response);
  return refuse(409, ErrorCode::kFailedPrecondition,
                comparison.fault.empty() ? "it is not done yet" : comparison.fault);
}

}  // namespace wardlock::admin
