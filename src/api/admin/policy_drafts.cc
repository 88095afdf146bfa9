#include "api/admin/policy_drafts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "administration/approval_rule.h"
#include "api/admin/policies.h"
#include "api/admin/policy_json.h"
#include "api/admin/recoveries.h"
#include "base/suggestion.h"
#include "base/utf8.h"
#include "pap/checks.h"

namespace wardlock::admin {
namespace {

using administration::PolicyChanges;
using administration::PolicyDeed;
using boost::json::object;

constexpr std::size_t kUsualCount = 50;
constexpr std::size_t kMostCount = 500;

void write_draft_json(const pap::PolicyDraft& draft, net::HttpResponse& response) {
  response.headers.add("ETag", etag_of(draft.edition));
  write_json(to_json(draft), response);
}

/// A step that was taken, or why it was not.
Answered<void> write_step(const Result<pap::PolicyDraft>& taken, net::HttpResponse& response) {
  if (!taken) return std::unexpected(refusal_of(taken.error()));
  write_draft_json(*taken, response);
  return {};
}

/// The name that stands under a signature.
std::string printed_name(const directory::Thing& person) {
  const object& json = person.document.json();
  const auto text = [](const object& in, std::string_view name) {
    const codec::Json* const value = in.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  };
  std::string printed = text(json, "displayName");
  const codec::Json* const name = json.if_contains("name");
  if (printed.empty() && name != nullptr && name->is_object()) {
    printed = text(name->get_object(), "formatted");
  }
  return printed.empty() ? text(json, "userName") : printed;
}

Answered<std::string> meaning_in(const Body& body) {
  std::string meaning = TRY(text_in(body, "meaning"));
  const auto& known = administration::kApprovals;
  if (std::ranges::find(known, meaning) != known.end()) return meaning;
  const std::vector<std::string> names(known.begin(), known.end());
  return invalid(fmt::format("there is no approval `{}`{}; there are `{}`", printable(meaning),
                             suggestion(meaning, names), fmt::join(names, "`, `")));
}

Answered<void> activate(const Asked& asked, PolicyChanges& changes, const std::string& reason,
                        const pap::Activations::Wish& wish, net::HttpResponse& response) {
  const auto made = changes.activations.activate(mandate_of(asked, reason), asked.id, wish);
  if (!made) return std::unexpected(refusal_of(made.error()));
  response.status = 201;
  write_json(to_json(*made), response);
  return {};
}

}  // namespace

Answered<pap::DraftView> view_of(const Asked& asked, const PolicyChanges& changes) {
  auto view = TRY(changes.drafts.view(asked.tenant(), asked.id));
  if (view.draft.place.environment == changes.environment) return view;
  return refuse(404, ErrorCode::kNotFound,
                fmt::format("there is no draft `{}`", printable(asked.id)));
}

Answered<std::unique_lock<std::mutex>> turn_for_long_work(const PolicyChanges& changes) {
  if (changes.long_work == nullptr) return std::unique_lock<std::mutex>();
  std::unique_lock turn(*changes.long_work, std::try_to_lock);
  if (turn.owns_lock()) return turn;
  return refuse(503, ErrorCode::kUnavailable,
                "another draft is being checked or compared; ask again in a moment");
}

Answered<ChangedContents> contents_of(const Asked& asked, const PolicyChanges& changes,
                                      const pap::PolicyDraft& draft) {
  ChangedContents contents{.before = {},
                           .after = TRY(changes.drafts.content(asked.tenant(), draft.content))};
  if (!draft.base.empty()) {
    contents.before = TRY(changes.drafts.content(asked.tenant(), draft.base));
  }
  return contents;
}

Answered<void> list_drafts(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const std::size_t count = TRY(asked.number("count", kUsualCount, kMostCount));
  if (count == 0) return invalid("`count` must be at least 1: a page of nothing never ends");
  const auto drafts =
      TRY(changes->drafts.list({.tenant = asked.tenant(), .environment = changes->environment},
                               asked.parameter("cursor"), count));
  boost::json::array items;
  for (const pap::PolicyDraft& each : drafts) items.push_back(to_json(each));
  object out{{"items", std::move(items)}};
  if (drafts.size() == count) out["next"] = drafts.back().id;
  write_json(std::move(out), response);
  return {};
}

Answered<void> begin_draft(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kDraft));
  const WrittenDraft written = TRY(read_written_draft(asked.request, true));
  const auto begun = changes->drafts.begin(mandate_of(asked, written.reason), changes->environment,
                                           written.title, written.content);
  if (!begun) return std::unexpected(refusal_of(begun.error()));
  response.status = 201;
  response.headers.add(
      "Location", fmt::format("{}/admin/v1/policies/drafts/{}", asked.errand.base_url, begun->id));
  write_draft_json(*begun, response);
  return {};
}

Answered<void> read_draft(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const pap::DraftView view = TRY(view_of(asked, *changes));
  const pap::ApprovalStanding standing = TRY(changes->drafts.standing(view));
  response.headers.add("ETag", etag_of(view.draft.edition));
  write_json(to_json(view, standing), response);
  return {};
}

Answered<void> read_draft_content(const Asked& asked, net::HttpResponse& response) {
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kRead));
  const pap::PolicyDraft draft = TRY(view_of(asked, *changes)).draft;
  write_json(to_json(TRY(changes->drafts.content(asked.tenant(), draft.content))), response);
  return {};
}

Answered<void> write_draft(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kDraft));
  TRY(view_of(asked, *changes));
  const WrittenDraft written = TRY(read_written_draft(asked.request, false));
  return write_step(changes->drafts.write(mandate_of(asked, written.reason), asked.id,
                                          written.edition, written.content),
                    response);
}

Answered<void> check_draft(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kDraft));
  const pap::PolicyDraft draft = TRY(view_of(asked, *changes)).draft;
  const ChangedContents contents = TRY(contents_of(asked, *changes, draft));
  const auto turn = TRY(turn_for_long_work(*changes));
  const auto checks = pap::check_change(contents.before ? &*contents.before : nullptr,
                                        contents.after, changes->limits, asked.errand.now);
  TRY_VOID(changes->drafts.keep_checks(mandate_of(asked, body.reason), draft, checks));
  const pap::DraftView view = TRY(view_of(asked, *changes));
  write_json(to_json(view, TRY(changes->drafts.standing(view))), response);
  return {};
}

Answered<void> submit_draft(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"edition"}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kDraft));
  TRY(view_of(asked, *changes));
  const std::uint64_t edition = TRY(count_in(body, "edition"));
  return write_step(changes->drafts.submit(mandate_of(asked, body.reason), asked.id, edition),
                    response);
}

Answered<void> sign_draft(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"meaning", "content", "comment"}));
  const std::string meaning = TRY(meaning_in(body));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kApprove, meaning));
  TRY(view_of(asked, *changes));
  pap::Signature signature{.person = {},
                           .printed_name = {},
                           .meaning = meaning,
                           .comment = TRY(text_in(body, "comment", false)),
                           .content = TRY(text_in(body, "content")),
                           .session = {}};
  const auto signer =
      TRY(asked.errand.registry.find(asked.tenant(), asked.errand.mandate.actor_id));
  signature.printed_name = printed_name(signer);
  if (const auto* const sign_in = asked.errand.sign_in) {
    signature.session = sign_in->session;
    signature.level = sign_in->level;
    signature.methods = sign_in->methods;
    signature.authenticated_ms = sign_in->at_ms;
  }
  const auto standing = changes->drafts.sign(mandate_of(asked, body.reason), asked.id, signature);
  if (!standing) return std::unexpected(refusal_of(standing.error()));
  write_json(to_json(*standing), response);
  return {};
}

Answered<void> reject_draft(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"edition"}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kApprove));
  TRY(view_of(asked, *changes));
  const std::uint64_t edition = TRY(count_in(body, "edition"));
  return write_step(changes->drafts.reject(mandate_of(asked, body.reason), asked.id, edition),
                    response);
}

Answered<void> withdraw_draft(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"edition"}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kDraft));
  TRY(view_of(asked, *changes));
  const std::uint64_t edition = TRY(count_in(body, "edition"));
  return write_step(changes->drafts.withdraw(mandate_of(asked, body.reason), asked.id, edition),
                    response);
}

Answered<void> activate_draft(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {"at", "singleHanded"}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kActivate));
  TRY(view_of(asked, *changes));
  const bool is_alone = TRY(flag_in(body, "singleHanded"));
  const pap::Activations::Wish wish{
      .cause = is_alone ? pap::ActivationCause::kSingleHanded : pap::ActivationCause::kApproved,
      .starts_ms = TRY(time_in(body, "at"))};
  return activate(asked, *changes, body.reason, wish, response);
}

Answered<void> activate_draft_in_emergency(const Asked& asked, net::HttpResponse& response) {
  TRY_VOID(refuse_dry_run(asked));
  const Body body = TRY(read_body(asked.request, {}));
  PolicyChanges* const changes = TRY(changes_for(asked, PolicyDeed::kActivateInEmergency));
  TRY(view_of(asked, *changes));
  return activate(asked, *changes, body.reason, {.cause = pap::ActivationCause::kEmergency},
                  response);
}

}  // namespace wardlock::admin
