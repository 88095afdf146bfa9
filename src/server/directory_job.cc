#include "server/directory_job.h"

#include <fmt/format.h>

#include <optional>

#include "administration/errand.h"
#include "administration/policy_gate.h"
#include "api/admin/endpoints.h"
#include "api/scim/endpoints.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "crypto/random.h"
#include "event/draft.h"
#include "server/audit_trail.h"
#include "server/foreign_providers.h"
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

/// What the policies of a tenant see, as this process follows the directory.
class FollowedView : public administration::PolicyView {
 public:
  FollowedView(const DirectoryView& view, std::int64_t now) : view_(view), now_(now) {}

  Result<directory::SeenThing> of(std::string_view id) override { return view_.explain(id, now_); }

 private:
  const DirectoryView& view_;
  std::int64_t now_;
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
      draft, directory::event_tenant(credential->tenant), kClass, credential->id);
  if (!recorded) return fail(ErrorCode::kUnavailable, recorded.error().message);
  tickets.add(*recorded);
  return {};
}

void DirectoryJob::work_on(Directory& directory) {
  const net::HttpRequest asked = request.view();
  auto reason = reason_of(asked);
  if (!reason) return write_error(route, 400, reason.error().message, response);
  const auto holder = directory.registry->find_holder(credential->tenant, credential->id);
  if (!holder) {
    const bool is_gone = holder.error().code == ErrorCode::kNotFound;
    refusal = is_gone ? "unknown_token" : std::string_view();
    if (!is_gone) return write_error(route, 503, holder.error().message, response);
    write_error(route, 401,
                "this credential was revoked, has expired, its holder is not active, or nobody "
                "answers for its holder",
                response);
    return response.headers.add("WWW-Authenticate",
                                "Bearer realm=\"wardlock\", error=\"invalid_token\"");
  }
  directory.credentials->note_use(credential->id, now);
  const directory::Mandate mandate{
      .tenant = credential->tenant,
      .actor_type = std::string(schema_of(holder->thing.kind).cedar_type),
      .actor_id = holder->thing.id,
      .caller = credential->id,
      .source_address = std::string(asked.remote_address),
      .reason = *std::move(reason)};
  const administration::Asker asker{
      .id = holder->thing.id, .kind = holder->thing.kind, .roles = holder->roles};
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
  for (const auto& each : directory.views) {
    if (each->tenant() == mandate.tenant) view.emplace(*each, now);
  }
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
      .issuers = directory.foreign == nullptr ? std::vector<std::string>()
                                              : directory.foreign->issuers_of(mandate.tenant)};
  if (route == Route::kAdmin) {
    admin::answer(asked, errand, response);
  } else {
    scim::answer(asked, errand, response);
  }
  // Who was given a credential may use it at once.
  if (asked.method != "GET" && asked.method != "HEAD") {
    [[maybe_unused]] const auto followed = directory.credentials->follow();
  }
}

}  // namespace wardlock::server
