#include "server/policy_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "administration/policy_gate.h"
#include "base/wall_clock.h"
#include "crypto/random.h"
#include "directory/model/schema.h"
#include "event/draft.h"
#include "pap/checks.h"
#include "server/git_head.h"
#include "server/source_folder.h"

namespace wardlock::server {
namespace {

using pap::DraftState;

constexpr std::string_view kClass = "administration";
/// Among so many drafts it is looked for the last of its own.
constexpr std::size_t kPage = 100;
constexpr int kMostPages = 10;
/// Of a commit's name, in a title.
constexpr std::size_t kShownCommit = 12;

std::string new_id() {
  const auto id = crypto::random_uuid();
  return {id.data(), id.size()};
}

/// Not the database's: somebody has to do something about it, and it is told once.
bool is_fault(const Error& error) {
  return error.code == ErrorCode::kPermissionDenied || error.code == ErrorCode::kInvalidArgument ||
         error.code == ErrorCode::kFailedPrecondition;
}

/// People look at it now, or may.
bool is_pending(const pap::PolicyDraft& draft) {
  return draft.state == DraftState::kOpen || draft.state == DraftState::kInReview;
}

std::string title_of(const std::optional<GitHead>& head) {
  if (!head) return "A change in the folder that is followed";
  if (!head->subject.empty()) return head->subject;
  return "Policies of commit " + head->commit.substr(0, kShownCommit);
}

std::string reason_of(const std::optional<GitHead>& head) {
  if (!head) return "the folder that is followed has changed";
  return fmt::format("the folder that is followed has changed; its work tree is at commit {}",
                     head->commit);
}

}  // namespace

PolicySource::PolicySource(PolicyDesk& desk, Directory& directory, Log& log)
    : desk_(desk), directory_(directory), log_(log), source_(desk.settings().source.value()) {}

Result<void> PolicySource::look() {
  const auto content = read_source_folder(source_.folder);
  if (!content) {
    seen_.clear();
    note_fault(content.error());
    return {};
  }
  const std::string name = content->name();
  if (std::exchange(seen_, name) != name) return {};  // it may be half written
  auto followed = follow(*content);
  if (followed) {
    note_end();
  } else if (is_fault(followed.error())) {
    note_fault(followed.error());
    return {};
  } else if (followed.error().code == ErrorCode::kAborted) {
    return {};  // somebody else was faster
  }
  return followed;
}

Result<std::optional<pap::PolicyDraft>> PolicySource::last_proposed() const {
  std::string before;
  for (int page = 0; page < kMostPages; ++page) {
    const auto drafts = TRY(desk_.drafts().list(desk_.place(), before, kPage));
    const auto found = std::ranges::find(drafts, source_.service, &pap::PolicyDraft::author);
    if (found != drafts.end()) return *found;
    if (drafts.size() < kPage) break;
    before = drafts.back().id;
  }
  return std::nullopt;
}

/// Whether nobody else has written any of it: what a person wrote is not overwritten.
Result<bool> PolicySource::is_own(const pap::PolicyDraft& draft) const {
  const auto view = TRY(desk_.drafts().view(desk_.tenant(), draft.id));
  return std::ranges::all_of(view.writers,
                             [&](const std::string& each) { return each == source_.service; });
}

Result<void> PolicySource::follow(const bundle::Content& content) {
  const auto active = TRY(desk_.activations().in_force(desk_.place()));
  const std::string in_force = active ? active->content : std::string();
  const auto last = TRY(last_proposed());
  const bool is_last = last && last->content == content.name();
  const bool is_open = last && is_pending(*last);
  if (content.name() == in_force) {
    if (!is_open || is_last || !TRY(is_own(*last))) return {};
    const auto who = TRY(mandate("the folder that is followed has what is in force again"));
    TRY(desk_.drafts().withdraw(who, last->id, last->edition));
    return {};
  }
  if (is_last && !is_open) return {};  // people have decided about it
  if (is_last && last->base == in_force) {
    if (last->state == DraftState::kInReview || TRY(has_failed(*last))) return {};
    return finish(TRY(mandate("what was begun is ended")), *last, content);
  }
  const auto head = read_git_head(source_.folder);
  const auto who = TRY(mandate(reason_of(head)));
  const bool goes_on = is_open && TRY(is_own(*last));
  const auto draft =
      TRY(goes_on ? desk_.drafts().write(who, last->id, last->edition, content)
                  : desk_.drafts().begin(who, desk_.place().environment, title_of(head), content));
  log_.info("policies_proposed",
            {{"tenant", desk_.tenant()}, {"draft", draft.id}, {"content", draft.content}});
  return finish(who, draft, content);
}

/// Whether it was checked, and must not be submitted for what was found.
Result<bool> PolicySource::has_failed(const pap::PolicyDraft& draft) const {
  const auto view = TRY(desk_.drafts().view(desk_.tenant(), draft.id));
  return std::ranges::any_of(view.checks, [](const pap::DraftCheck& check) {
    return check.is_required && check.outcome != pap::CheckOutcome::kPassed;
  });
}

/// Checked where it is not yet, and submitted where it passed.
Result<void> PolicySource::finish(const directory::Mandate& who, const pap::PolicyDraft& draft,
                                  const bundle::Content& content) {
  const auto view = TRY(desk_.drafts().view(desk_.tenant(), draft.id));
  if (view.checks.empty() && !TRY(check(who, draft, content))) return {};
  if (TRY(has_failed(draft))) {
    log_.warning(
        "policies_proposed_failed",
        {{"tenant", desk_.tenant()},
         {"draft", draft.id},
         {"reason", "checks that it must pass have not; `wardlock policy show` says why"}});
    return {};
  }
  TRY(desk_.drafts().submit(who, draft.id, draft.edition));
  return {};
}

/// False: another draft is being checked; this one's turn comes.
Result<bool> PolicySource::check(const directory::Mandate& who, const pap::PolicyDraft& draft,
                                 const bundle::Content& content) {
  const administration::PolicyChanges changes = desk_.changes();
  const std::unique_lock turn(*changes.long_work, std::try_to_lock);
  if (!turn.owns_lock()) return false;
  std::optional<bundle::Content> before;
  if (!draft.base.empty()) before = TRY(desk_.drafts().content(desk_.tenant(), draft.base));
  const auto checks =
      pap::check_change(before ? &*before : nullptr, content, changes.limits, wall_clock_ms());
  TRY_VOID(desk_.drafts().keep_checks(who, draft, checks));
  return true;
}

/// Of the service, which the policies of administration let propose changes. Errors: they do not;
/// kPermissionDenied, there is no such service, or nobody answers for it.
Result<directory::Mandate> PolicySource::mandate(std::string reason) const {
  const auto found = directory_.registry->find_actor(desk_.tenant(), source_.service);
  if (!found && found.error().code != ErrorCode::kNotFound) return std::unexpected(found.error());
  if (!found || found->thing.kind != directory::Kind::kService) {
    return fail(ErrorCode::kPermissionDenied,
                fmt::format("`{}`, which is to propose what changes in the folder, is no service "
                            "in force that somebody answers for",
                            source_.service));
  }
  directory::Mandate who{
      .tenant = desk_.tenant(),
      .actor_type = std::string(directory::schema_of(found->thing.kind).cedar_type),
      .actor_id = found->thing.id,
      .caller = "wardlock",
      .reason = std::move(reason)};
  const administration::Asker asker{
      .id = found->thing.id, .kind = found->thing.kind, .roles = found->roles};
  administration::PolicyGate gate(
      {.policies = *directory_.policies,
       .registry = *directory_.registry,
       .mandate = who,
       .asker = asker,
       .now = wall_clock_ms(),
       .new_id = &new_id,
       .tell = [this](const event::Event& event) { return record_question(event); }});
  TRY_VOID(gate.check(administration::PolicyDeed::kDraft,
                      {.environment = desk_.settings().environment}));
  return who;
}

/// What cannot be recorded is not done.
Result<void> PolicySource::record_question(event::Event event) const {
  if (!directory_.can_record()) {
    return fail(ErrorCode::kUnavailable, "the audit log can't be written");
  }
  if (directory_.decisions == nullptr) return {};
  event.node = directory_.node;
  std::string draft;
  TRY_VOID(event::write_draft(event, draft));
  const auto recorded = directory_.decisions->record_draft(
      draft, directory::event_tenant(desk_.tenant()), kClass, "");
  if (recorded) return {};
  return fail(ErrorCode::kUnavailable, recorded.error().message);
}

void PolicySource::note_fault(const Error& why) {
  if (told_ == why.message) return;
  told_ = why.message;
  log_.error("policy_source_refused", {{"tenant", desk_.tenant()}, {"reason", why.message}});
  record("refuse_policy_source", event::Outcome::kError, to_string(why.code));
}

void PolicySource::note_end() {
  if (told_.empty()) return;
  told_.clear();
  log_.info("policy_source_followed", {{"tenant", desk_.tenant()}});
  record("accept_policy_source", event::Outcome::kSuccess, {});
}

/// What cannot go on record is in the log.
void PolicySource::record(std::string_view action, event::Outcome outcome,
                          std::string_view cause) const {
  if (directory_.audit == nullptr) return;
  const auto recorded =
      directory_.audit->record_now({.kind = event::Kind::kPolicyChange,
                                    .outcome = outcome,
                                    .record_class = kClass,
                                    .tenant = directory::event_tenant(desk_.tenant()),
                                    .principal_type = "Service",
                                    .principal_id = source_.service,
                                    .action = action,
                                    .cause = cause,
                                    .changed = "policy source"});
  if (!recorded) {
    log_.error("policies_not_recorded", {{"reason", recorded.error().message}});
  }
}

TurnTask source_task(PolicyDesk& desk, Directory& directory, Log& log) {
  const auto source = std::make_shared<PolicySource>(desk, directory, log);
  return {.tenant = desk.tenant(),
          .name = "policy-source",
          .interval = desk.settings().source->interval,
          .look = [](const directory::Turns::Last&) {},
          .work = [source](const std::function<bool()>&) -> Result<std::string> {
            TRY_VOID(source->look());
            return std::string();
          }};
}

}  // namespace wardlock::server
