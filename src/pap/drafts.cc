#include "pap/drafts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "bundle/statement.h"
#include "codec/json.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/natural_persons.h"
#include "directory/registry/read_from.h"
#include "directory/registry/thing_rows.h"
#include "event/event.h"
#include "pap/activation_rows.h"
#include "pap/canary_rows.h"
#include "pap/draft_rows.h"

namespace wardlock::pap {
namespace {

using directory::Mandate;
using storage::Work;

constexpr std::size_t kMaxTitleBytes = 200;
constexpr std::size_t kMostListed = 500;
/// What the feed calls a policy change.
constexpr std::string_view kPolicyEntry = "policy";

Result<void> check_title(std::string_view title) {
  if (title.empty() || title.size() > kMaxTitleBytes || find_invalid_utf8(title) ||
      find_deceptive_character(title)) {
    return invalid(fmt::format("a title is a text of 1 to {} bytes on one line", kMaxTitleBytes));
  }
  return {};
}

Result<void> check_reason(const Mandate& mandate) {
  if (mandate.reason.empty()) return invalid("say why: who looks later wants to know");
  if (mandate.reason.size() > event::kMaxFreeTextBytes) {
    return invalid(fmt::format("a reason has at most {} bytes", event::kMaxFreeTextBytes));
  }
  return {};
}

Result<PolicyDraft> draft_of(Work& work, const Mandate& mandate, std::string_view id) {
  auto draft = TRY(find_draft(work, mandate.tenant, id));
  if (!draft) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no draft `{}`", printable(id)));
  }
  return *std::move(draft);
}

/// The content in force, by its name; empty: there is none.
Result<std::string> base_of(Work& work, const PolicyPlace& place, std::int64_t clock_ms) {
  const std::int64_t now = TRY(time_at(work, place, clock_ms));
  const auto in_force = TRY(find_in_force(work, place, now));
  return in_force ? in_force->content : std::string();
}

Result<bool> is_written_by(Work& work, const PolicySurroundings& surroundings,
                           const PolicyDraft& draft, std::string_view person) {
  const std::string& tenant = draft.place.tenant;
  const auto writers = TRY(find_writers(work, tenant, draft.id));
  const auto persons =
      TRY(directory::NaturalPersons::read(work, tenant, surroundings.directory.clock()));
  return std::ranges::any_of(
      writers, [&](const std::string& each) { return persons.are_same(each, person); });
}

std::unexpected<Error> not_in_state(const PolicyDraft& draft, std::string_view what) {
  return fail(ErrorCode::kFailedPrecondition,
              fmt::format("the draft is {} and cannot be {}", to_string(draft.state), what));
}

bool has_content(const Signature& signature, const std::string& person,
                 const std::string& content) {
  return signature.person == person && signature.content == content;
}

/// What each check found, in a line that an event has room for.
std::vector<std::string> notes_of(std::span<const DraftCheck> checks) {
  std::vector<std::string> notes;
  for (const DraftCheck& check : checks) {
    std::string note = fmt::format("{} {}", check.name, to_string(check.outcome));
    const auto report = codec::parse_json(check.report);
    const codec::Json* const summary =
        report && report->is_object() ? report->get_object().if_contains("summary") : nullptr;
    if (summary != nullptr && summary->is_string()) {
      note += fmt::format(": {}", std::string_view(summary->get_string()));
    }
    notes.push_back(std::move(note));
  }
  return notes;
}

}  // namespace

Result<void> check_actor(Work& work, const Mandate& mandate) {
  const auto actor = TRY(directory::find_thing(work, mandate.tenant, mandate.actor_id));
  const bool is_somebody =
      actor && actor->kind == directory::Kind::kPerson && directory::is_in_force(*actor);
  if (is_somebody) return {};
  return fail(ErrorCode::kPermissionDenied, "policies are changed by people at work");
}

namespace {

/// A program writes, too: what a pipeline proposes is approved by one more person.
Result<void> check_writer(Work& work, const PolicySurroundings& surroundings,
                          const Mandate& mandate) {
  const auto actor = TRY(directory::find_thing(work, mandate.tenant, mandate.actor_id));
  const bool may_write = actor && (actor->kind == directory::Kind::kPerson ||
                                   actor->kind == directory::Kind::kService);
  if (may_write && directory::is_in_force(*actor) &&
      TRY(directory::is_answered_for(work, mandate.tenant, *actor,
                                     surroundings.directory.clock()))) {
    return {};
  }
  return fail(ErrorCode::kPermissionDenied,
              "changes of policies are proposed by people at work, and by services that somebody "
              "answers for");
}

}  // namespace

Result<void> tell_policy_change(Work& work, const PolicySurroundings& surroundings,
                                const Mandate& mandate, const PolicyDraft& draft,
                                std::string_view action, std::string_view before,
                                std::string_view after, const FoundInDraft& found) {
  directory::Journal journal(work, mandate, surroundings.directory);
  event::Event event{
      .kind = event::Kind::kPolicyChange, .outcome = found.outcome, .action = action};
  event.notes = found.notes;
  event.resource_type = "PolicySet";
  event.resource_id = draft.place.environment;
  event.changed = draft.id;
  event.value_before = before;
  event.value_after = after;
  const std::string entry =
      codec::to_json_text(codec::Json{{"environment", draft.place.environment},
                                      {"draft", draft.id},
                                      {"action", action},
                                      {"content", after}});
  return journal.add({directory::What::kChanged, kPolicyEntry, draft.id, entry}, event);
}

Result<std::string> unpassed_checks(Work& work, const PolicyDraft& draft,
                                    std::span<const std::string> names) {
  const auto checks = TRY(find_checks(work, draft));
  std::string unpassed;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(checks, name, &DraftCheck::name);
    if (found != checks.end() && found->outcome == CheckOutcome::kPassed) continue;
    const std::string_view how = found == checks.end() ? "not run" : to_string(found->outcome);
    unpassed += fmt::format("{}{} ({})", unpassed.empty() ? "" : ", ", name, how);
  }
  return unpassed;
}

Result<PolicyDraft> Drafts::begin(const Mandate& mandate, std::string_view environment,
                                  std::string_view title, const bundle::Content& content) {
  TRY_VOID(check_title(title));
  TRY_VOID(check_reason(mandate));
  if (!bundle::is_place_name(environment)) {
    return invalid(fmt::format("`{}` is no name of an environment", printable(environment)));
  }
  PolicyDraft draft;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_writer(work, surroundings_, mandate));
    const std::int64_t now = surroundings_.directory.clock();
    draft = {.id = directory::new_id(now, surroundings_.directory),
             .place = {.tenant = mandate.tenant, .environment = std::string(environment)},
             .author = mandate.actor_id,
             .title = std::string(title),
             .content = content.name(),
             .made_ms = now,
             .changed_ms = now};
    draft.base = TRY(base_of(work, draft.place, now));
    TRY_VOID(put_content(work, mandate.tenant, content, now));
    TRY_VOID(insert_draft(work, draft));
    TRY_VOID(add_step(work, draft, DraftStep::kBegin, mandate.actor_id, mandate.reason));
    return tell_policy_change(work, surroundings_, mandate, draft, "begin_draft", draft.base,
                              draft.content);
  });
  TRY_VOID(written);
  return draft;
}

Result<PolicyDraft> Drafts::write(const Mandate& mandate, std::string_view id,
                                  std::uint64_t edition, const bundle::Content& content) {
  PolicyDraft draft;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_writer(work, surroundings_, mandate));
    draft = TRY(draft_of(work, mandate, id));
    if (draft.state == DraftState::kWithdrawn || draft.state == DraftState::kActivated) {
      return not_in_state(draft, "written");
    }
    const std::string before = std::exchange(draft.content, content.name());
    draft.edition = edition + 1;
    draft.state = DraftState::kOpen;
    draft.changed_ms = surroundings_.directory.clock();
    draft.base = TRY(base_of(work, draft.place, draft.changed_ms));
    TRY_VOID(put_content(work, mandate.tenant, content, draft.changed_ms));
    TRY_VOID(replace_draft(work, draft));
    TRY_VOID(add_step(work, draft, DraftStep::kWrite, mandate.actor_id, mandate.reason));
    return tell_policy_change(work, surroundings_, mandate, draft, "write_draft", before,
                              draft.content);
  });
  TRY_VOID(written);
  return draft;
}

Result<void> Drafts::keep_checks(const Mandate& mandate, const PolicyDraft& checked,
                                 std::span<const DraftCheck> checks) {
  const std::vector<std::string> notes = notes_of(checks);
  const std::vector<std::string_view> noted(notes.begin(), notes.end());
  const bool is_good = std::ranges::all_of(checks, [&](const DraftCheck& check) {
    return check.outcome == CheckOutcome::kPassed || !is_required(check.name);
  });
  return surroundings_.store.write([&](Work& work) -> Result<void> {
    const auto draft = TRY(find_draft(work, checked.place.tenant, checked.id));
    if (!draft || draft->content != checked.content || draft->base != checked.base) {
      return fail(ErrorCode::kAborted, "the draft was written anew while it was checked");
    }
    for (const DraftCheck& check : checks) TRY_VOID(add_check(work, *draft, check));
    return tell_policy_change(
        work, surroundings_, mandate, *draft, "check_draft", draft->base, draft->content,
        {.outcome = is_good ? event::Outcome::kSuccess : event::Outcome::kFailure, .notes = noted});
  });
}

Result<void> Drafts::tell(const Mandate& mandate, const PolicyDraft& draft,
                          std::string_view action) {
  return surroundings_.store.write([&](Work& work) -> Result<void> {
    return tell_policy_change(work, surroundings_, mandate, draft, action, draft.base,
                              draft.content);
  });
}

bool Drafts::is_required(std::string_view check) const {
  const auto& required = surroundings_.rules.checks;
  return std::ranges::find(required, check) != required.end();
}

Result<PolicyDraft> Drafts::take(const Mandate& mandate, std::string_view id, std::uint64_t edition,
                                 const Step& step) {
  PolicyDraft draft;
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(step.is_by_writer ? check_writer(work, surroundings_, mandate)
                               : check_actor(work, mandate));
    draft = TRY(draft_of(work, mandate, id));
    if (std::ranges::find(step.from, draft.state) == step.from.end()) {
      return not_in_state(draft, to_string(step.state));
    }
    const bool is_writer = TRY(is_written_by(work, surroundings_, draft, mandate.actor_id));
    if (is_writer != step.is_by_writer) {
      return fail(ErrorCode::kPermissionDenied,
                  is_writer ? "somebody who wrote none of the draft is to do this"
                            : "those who wrote the draft are to do this");
    }
    if (step.step == DraftStep::kSubmit) {
      const std::string unpassed = TRY(unpassed_checks(work, draft, surroundings_.rules.checks));
      if (!unpassed.empty()) {
        return fail(ErrorCode::kFailedPrecondition,
                    fmt::format("these checks have not passed: {}", unpassed));
      }
    }
    draft.edition = edition + 1;
    draft.state = step.state;
    draft.changed_ms = surroundings_.directory.clock();
    TRY_VOID(replace_draft(work, draft));
    TRY_VOID(add_step(work, draft, step.step, mandate.actor_id, mandate.reason));
    const bool is_given_up = step.state != DraftState::kInReview;
    if (is_given_up) TRY_VOID(end_canary_of(work, surroundings_, mandate, draft));
    const std::string action = fmt::format("{}_draft", to_string(step.step));
    return tell_policy_change(work, surroundings_, mandate, draft, action, draft.base,
                              draft.content);
  });
  TRY_VOID(written);
  return draft;
}

Result<PolicyDraft> Drafts::submit(const Mandate& mandate, std::string_view id,
                                   std::uint64_t edition) {
  return take(mandate, id, edition,
              {.step = DraftStep::kSubmit,
               .state = DraftState::kInReview,
               .from = {DraftState::kOpen},
               .is_by_writer = true});
}

Result<PolicyDraft> Drafts::reject(const Mandate& mandate, std::string_view id,
                                   std::uint64_t edition) {
  TRY_VOID(check_reason(mandate));
  return take(mandate, id, edition,
              {.step = DraftStep::kReject,
               .state = DraftState::kRejected,
               .from = {DraftState::kInReview}});
}

Result<PolicyDraft> Drafts::withdraw(const Mandate& mandate, std::string_view id,
                                     std::uint64_t edition) {
  return take(mandate, id, edition,
              {.step = DraftStep::kWithdraw,
               .state = DraftState::kWithdrawn,
               .from = {DraftState::kOpen, DraftState::kInReview, DraftState::kRejected},
               .is_by_writer = true});
}

Result<ApprovalStanding> Drafts::sign(const Mandate& mandate, std::string_view id,
                                      Signature signature) {
  const auto written = surroundings_.store.write([&](Work& work) -> Result<void> {
    TRY_VOID(check_actor(work, mandate));
    const PolicyDraft draft = TRY(draft_of(work, mandate, id));
    const bool is_to_be_signed =
        draft.state == DraftState::kInReview || draft.state == DraftState::kActivated;
    if (!is_to_be_signed) return not_in_state(draft, "signed");
    if (draft.content != signature.content) {
      return fail(ErrorCode::kAborted, "the draft has another content by now; look at it again");
    }
    if (TRY(is_written_by(work, surroundings_, draft, mandate.actor_id))) {
      return fail(ErrorCode::kPermissionDenied, "nobody approves what they wrote");
    }
    signature.person = mandate.actor_id;
    signature.signed_ms = surroundings_.directory.clock();
    TRY_VOID(check_signing(signature, surroundings_.rules.signing, signature.signed_ms));
    const auto there = TRY(find_signatures(work, mandate.tenant, draft.id));
    if (std::ranges::any_of(there, [&](const Signature& each) {
          return has_content(each, signature.person, signature.content);
        })) {
      return fail(ErrorCode::kAlreadyExists, "you have signed this content");
    }
    TRY_VOID(add_signature(work, draft, signature));
    return tell_policy_change(work, surroundings_, mandate, draft,
                              fmt::format("sign_{}", signature.meaning), draft.base, draft.content);
  });
  TRY_VOID(written);
  return standing(TRY(view(mandate.tenant, id)));
}

Result<DraftView> Drafts::view(std::string_view tenant, std::string_view id) const {
  return directory::read_from<DraftView>(surroundings_.store, [&](Work& work) -> Result<DraftView> {
    const Mandate nobody{.tenant = std::string(tenant), .actor_type = {}, .actor_id = {}};
    DraftView view{.draft = TRY(draft_of(work, nobody, id))};
    view.writers = TRY(find_writers(work, tenant, id));
    view.checks = TRY(find_checks(work, view.draft));
    for (DraftCheck& check : view.checks) check.is_required = is_required(check.name);
    view.signatures = TRY(find_signatures(work, tenant, id));
    view.steps = TRY(find_steps(work, tenant, id));
    return view;
  });
}

Result<std::vector<PolicyDraft>> Drafts::list(const PolicyPlace& place, std::string_view before,
                                              std::size_t most) const {
  using Found = std::vector<PolicyDraft>;
  return directory::read_from<Found>(surroundings_.store, [&](Work& work) -> Result<Found> {
    return find_drafts(work, place, before, std::min(most, kMostListed));
  });
}

Result<bundle::Content> Drafts::content(std::string_view tenant, std::string_view name) const {
  return directory::read_from<bundle::Content>(
      surroundings_.store, [&](Work& work) { return find_content(work, tenant, name); });
}

Result<ApprovalStanding> Drafts::standing(const DraftView& view) const {
  const auto needs = TRY(surroundings_.needs(view.draft));
  using directory::NaturalPersons;
  const auto persons =
      TRY(directory::read_from<NaturalPersons>(surroundings_.store, [&](Work& work) {
        return NaturalPersons::read(work, view.draft.place.tenant, surroundings_.directory.clock());
      }));
  return standing_of(needs, view.signatures, view.draft.content, view.writers,
                     [&](std::string_view person) { return std::string(persons.of(person)); });
}

}  // namespace wardlock::pap
