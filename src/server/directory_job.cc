#include "server/directory_job.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "administration/errand.h"
#include "administration/policy_changes.h"
#include "administration/policy_gate.h"
#include "api/admin/endpoints.h"
#include "api/break_glass/endpoints.h"
#include "api/consent/endpoints.h"
#include "api/delegation/endpoints.h"
#include "api/request/endpoints.h"
#include "api/scim/endpoints.h"
#include "authn/oauth/grant_rows.h"
#include "authn/subject_token.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "crypto/random.h"
#include "event/draft.h"
#include "server/audit_trail.h"
#include "server/followed_view.h"
#include "server/foreign_providers.h"
#include "server/kept_sign_ins.h"
#include "server/trace_context.h"

namespace wardlock::server {
namespace {

constexpr std::string_view kClass = "administration";
/// What a person writes of why they do it.
constexpr std::string_view kReasonHeader = "Wardlock-Reason";

std::string new_decision_id() {
  const crypto::UuidText id = crypto::random_uuid();
  return {id.data(), id.size()};
}

/// It is kept with the change and in its audit event.
Result<std::string> reason_of(const net::HttpRequest& request) {
  const std::string_view reason = request.header(kReasonHeader).value_or("");
  if (reason.size() > event::kMaxFreeTextBytes) {
    return invalid(
        fmt::format("`{}` is longer than {} bytes", kReasonHeader, event::kMaxFreeTextBytes));
  }
  if (find_invalid_utf8(reason)) return invalid(fmt::format("`{}` is not UTF-8", kReasonHeader));
  return std::string(reason);
}

/// Break-glass grants, delegations, consents and approvals, as decisions of this process see them.
class ServedGlass final : public administration::GlassView {
 public:
  explicit ServedGlass(const DirectoryView& view) : view_(view) {}

  Result<std::optional<std::string>> await(std::string_view grant,
                                           std::uint64_t revision) override {
    constexpr std::chrono::seconds kMostTime{5};
    if (view_.await_served(revision, kMostTime)) return view_.why_not_granted(grant);
    return fail(ErrorCode::kUnavailable,
                "it is kept, and decisions do not follow the directory so far yet; ask again");
  }
  Result<directory::SeenAction> action(std::string_view name) override {
    return view_.action(name);
  }

 private:
  const DirectoryView& view_;
};

/// That it was asked is on record before it is done, or it is not done.
Result<void> check_is_recorded(const Directory& directory) {
  if (directory.can_record()) return {};
  return fail(ErrorCode::kUnavailable,
              "the audit log can't be written now, and what is not recorded is not done; this is "
              "no refusal: try again");
}

}  // namespace

CopiedRequest::CopiedRequest(const net::HttpRequest& request, std::string_view path)
    : method_(request.method),
      path_(path),
      query_(request.query),
      body_(request.body),
      remote_address_(request.remote_address),
      is_secure_(request.is_secure) {
  headers_.reserve(request.headers.size());
  for (const net::HttpHeader& each : request.headers) {
    if (net::equal_ignoring_case(each.name, "Authorization")) continue;  // it has done its work
    headers_.push_back({std::string(each.name), std::string(each.value)});
  }
}

net::HttpRequest CopiedRequest::view() const {
  net::HttpRequest view{.method = method_,
                        .target = path_,
                        .path = path_,
                        .query = query_,
                        .body = body_,
                        .remote_address = remote_address_,
                        .is_secure = is_secure_};
  for (const Header& each : headers_) view.headers.push_back({each.name, each.value});
  return view;
}

void CopiedRequest::wipe_body() { wipe(body_); }

std::size_t CopiedRequest::size() const {
  std::size_t size = sizeof(*this) + path_.size() + query_.size() + body_.size();
  for (const Header& each : headers_) size += sizeof(each) + each.name.size() + each.value.size();
  return size;
}

/// What cannot be recorded is not done.
Result<void> DirectoryJob::record(const Directory& directory, event::Event event,
                                  std::string_view trace) {
  TRY_VOID(check_is_recorded(directory));
  if (directory.decisions == nullptr) return {};
  event.node = directory.node;
  event.trace_id = trace;
  std::string draft;
  TRY_VOID(event::write_draft(event, draft));
  const auto recorded = directory.decisions->record_draft(
      draft, directory::event_tenant(holder.tenant), kClass, holder.payer);
  if (!recorded) return fail(ErrorCode::kUnavailable, recorded.error().message);
  tickets.add(*recorded);
  return {};
}

Result<DirectoryJob::FoundAsker> DirectoryJob::find_asker(const Directory& directory) const {
  if (holder.subject != nullptr) return find_signed_in(directory);
  auto found = directory.registry->find_holder(holder.tenant, holder.caller);
  if (found && (route == Route::kBreakGlass || route == Route::kDelegations ||
                route == Route::kFhir || route == Route::kRequests)) {
    const net::HttpRequest asked = request.view();
    const auto token = authn::subject_token(asked);
    if (!token) return fail(ErrorCode::kUnauthenticated, std::string(token.error().detail));
    if (*token) return find_shown(directory, **token);
  }
  if (found) return FoundAsker{.thing = std::move(found->thing), .roles = std::move(found->roles)};
  if (found.error().code != ErrorCode::kNotFound) return std::unexpected(found.error());
  return fail(ErrorCode::kUnauthenticated,
              "this credential was revoked, has expired, its holder is not active, or nobody "
              "answers for its holder");
}

/// Whose session's token a program sent along that works for them.
Result<DirectoryJob::FoundAsker> DirectoryJob::find_shown(const Directory& directory,
                                                          std::string_view token) const {
  const auto shows_nobody = [] {
    return fail(ErrorCode::kUnauthenticated,
                "the token in `Wardlock-Subject-Token` shows nobody here: its session is over, or "
                "it is not one of ours; have the person sign in again");
  };
  if (directory.sessions == nullptr) return shows_nobody();
  const auto session = directory.sessions->find(token, now);
  if (!session || session->tenant != holder.tenant) return shows_nobody();
  auto person = directory.registry->find_administrator(holder.tenant, session->person);
  if (!person && person.error().code == ErrorCode::kNotFound) return shows_nobody();
  if (!person) return std::unexpected(person.error());
  return FoundAsker{
      .thing = std::move(person->thing),
      .roles = std::move(person->roles),
      .sign_in = administration::AskerSignIn{.level = number_of(session->assurance.level),
                                             .methods = session->assurance.methods,
                                             .at_ms = session->assurance.authenticated_ms,
                                             .session = session->id,
                                             .client = holder.caller,
                                             .until_ms = session->ends_ms}};
}

/// A token outlives by some minutes what it came of: that is looked up.
Result<DirectoryJob::FoundAsker> DirectoryJob::find_signed_in(const Directory& directory) const {
  const oauth::Subject& subject = *holder.subject;
  const auto is_over = [] {
    return fail(ErrorCode::kUnauthenticated,
                "who this token speaks for has signed out, was signed out, or is not active; sign "
                "in again");
  };
  std::optional<oauth::Grant> grant;
  const auto read = directory.store->read([&](storage::Work& work) -> Result<void> {
    grant = TRY(oauth::find_grant(work, holder.tenant, subject.grant));
    return {};
  });
  TRY_VOID(read);
  if (!grant || grant->is_ended || grant->ends_ms <= now) return is_over();
  administration::AskerSignIn sign_in{.level = subject.authentication.level,
                                      .methods = subject.authentication.methods,
                                      .at_ms = subject.authentication.at_ms,
                                      .session = subject.session,
                                      .client = subject.client,
                                      .until_ms = grant->ends_ms};
  if (!grant->is_offline()) {
    if (directory.sessions == nullptr) return is_over();
    const auto session = directory.sessions->find_id(holder.tenant, subject.session, now);
    if (!session || session->person != subject.person || session->is_locked) return is_over();
    sign_in.until_ms = std::min(sign_in.until_ms, session->ends_ms);
  }
  auto person = directory.registry->find_administrator(holder.tenant, subject.person);
  if (!person && person.error().code == ErrorCode::kNotFound) return is_over();
  if (!person) return std::unexpected(person.error());
  return FoundAsker{.thing = std::move(person->thing),
                    .roles = std::move(person->roles),
                    .sign_in = std::move(sign_in)};
}

void DirectoryJob::refuse_asker(const Error& error) {
  const bool is_nobody = error.code == ErrorCode::kUnauthenticated;
  refusal = is_nobody ? "unknown_token" : std::string_view();
  write_error(route, is_nobody ? 401 : 503, error.message, response);
  if (!is_nobody) return;
  const bool is_dpop = holder.subject != nullptr && !holder.subject->binding.dpop_key.empty();
  response.headers.add(
      "WWW-Authenticate",
      fmt::format("{} realm=\"wardlock\", error=\"invalid_token\"", scheme_of(is_dpop)));
}

/// RFC 9470, 3: what was refused would be allowed to whoever signs in more surely.
void DirectoryJob::ask_for_more(std::int64_t level) {
  constexpr std::string_view kWhy = "a different authentication level is required";
  response = net::HttpResponse();
  write_error(route, 401,
              fmt::format("this takes a sign-in at assurance level {} (NIST SP 800-63B): sign in "
                          "again, with another factor",
                          level),
              response);
  const bool is_dpop = holder.subject != nullptr && !holder.subject->binding.dpop_key.empty();
  response.headers.add(
      "WWW-Authenticate",
      fmt::format("{} realm=\"wardlock\", error=\"insufficient_user_authentication\", "
                  "error_description=\"{}\", acr_values=\"{}\"",
                  scheme_of(is_dpop), kWhy, oauth::acr_of(level)));
}

/// The same for what takes a sign-in that was just now, such as a signature.
void DirectoryJob::ask_anew() {
  const pap::SigningRules rules;
  const bool is_dpop = holder.subject != nullptr && !holder.subject->binding.dpop_key.empty();
  response.headers.add(
      "WWW-Authenticate",
      fmt::format("{} realm=\"wardlock\", error=\"insufficient_user_authentication\", "
                  "error_description=\"a more recent authentication is required\", "
                  "max_age={}, acr_values=\"{}\"",
                  scheme_of(is_dpop), rules.authenticated_within_ms / 1000,
                  oauth::acr_of(rules.least_level)));
}

void DirectoryJob::work_on(Directory& directory) {
  const net::HttpRequest asked = request.view();
  auto reason = reason_of(asked);
  if (!reason) return write_error(route, 400, reason.error().message, response);
  const auto found = find_asker(directory);
  if (!found) return refuse_asker(found.error());
  if (holder.subject == nullptr) directory.credentials->note_use(holder.caller, now);
  const directory::Mandate mandate{
      .tenant = holder.tenant,
      .actor_type = std::string(schema_of(found->thing.kind).cedar_type),
      .actor_id = found->thing.id,
      .caller = holder.caller,
      .source_address = std::string(asked.remote_address),
      .reason = *std::move(reason)};
  answer(directory, *found, mandate);
  // Who was given a credential may use it at once.
  if (asked.method != "GET" && asked.method != "HEAD") {
    [[maybe_unused]] const auto followed = directory.credentials->follow();
  }
}

void DirectoryJob::answer(Directory& directory, const FoundAsker& found,
                          const directory::Mandate& mandate) {
  const net::HttpRequest asked = request.view();
  const administration::Asker asker{.id = found.thing.id,
                                    .kind = found.thing.kind,
                                    .roles = found.roles,
                                    .sign_in = found.sign_in ? &*found.sign_in : nullptr};
  const std::string trace(trace_id_of(asked));
  administration::PolicyGate gate(
      {.policies = *directory.policies,
       .registry = *directory.registry,
       .mandate = mandate,
       .asker = asker,
       .now = now,
       .new_id = &new_decision_id,
       .tell = [&](const event::Event& event) { return record(directory, event, trace); }});
  std::optional<AuditTrail> trail;
  if (directory.index != nullptr) trail.emplace(*directory.index);
  std::optional<FollowedView> view;
  std::optional<ServedGlass> glass_view;
  for (const auto& each : directory.views) {
    if (each->tenant() != mandate.tenant) continue;
    view.emplace(*each, now);
    glass_view.emplace(*each);
  }
  std::optional<KeptSignIns> sign_ins;
  if (directory.sessions != nullptr) sign_ins.emplace(*directory.sessions, directory.provider);
  PolicyDesk* const desk = directory.policy_desk(mandate.tenant);
  std::optional<administration::PolicyChanges> policies;
  if (desk != nullptr) policies.emplace(desk->changes());
  const administration::Errand errand{
      .registry = *directory.registry,
      .gate = gate,
      .mandate = mandate,
      .base_url = base_url,
      .now = now,
      .trail = trail ? &*trail : nullptr,
      .review = directory.review,
      .view = view ? &*view : nullptr,
      .accounts = directory.accounts,
      .enrolments = directory.enrolments,
      .recoveries = directory.recoveries,
      .sign_ins = sign_ins ? &*sign_ins : nullptr,
      .sign_in = asker.sign_in,
      .glass = directory.glass_desk.get(),
      .reviews = directory.review_desk.get(),
      .delegations = directory.delegation_desk.get(),
      .consents = directory.consent_desk.get(),
      .role_requests = directory.role_request_desk.get(),
      .told = directory.told_desk.get(),
      .glass_view = glass_view ? &*glass_view : nullptr,
      .issuers = directory.foreign == nullptr ? std::vector<std::string>()
                                              : directory.foreign->issuers_of(mandate.tenant),
      .policies = policies ? &*policies : nullptr};
  if (route == Route::kBreakGlass) {
    glass_api::answer(asked, errand, response);
  } else if (route == Route::kDelegations) {
    delegation_api::answer(asked, errand, response);
  } else if (route == Route::kFhir) {
    consent_api::answer(asked, errand, response);
  } else if (route == Route::kRequests) {
    request_api::answer(asked, errand, response);
  } else if (route == Route::kAdmin) {
    admin::answer(asked, errand, response);
  } else {
    scim::answer(asked, errand, response);
  }
  if (response.status == 403 && gate.wanted_level()) {
    ask_for_more(*gate.wanted_level());
  } else if (response.status == 401) {
    ask_anew();
  }
}

}  // namespace wardlock::server
