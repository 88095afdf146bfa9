#include "api/admin/credentials.h"

#include <fmt/format.h>

#include "api/admin/change.h"
#include "api/admin/issued.h"
#include "api/admin/things.h"
#include "base/utf8.h"

namespace wardlock::admin {
namespace {

using administration::Deed;
using directory::Credential;
using directory::Edit;
using directory::Thing;

constexpr std::int64_t kUsualOverlapSeconds = 3600;
constexpr std::int64_t kMostOverlapSeconds = std::int64_t{30} * 24 * 3600;

/// The credential of the path, which must be that thing's.
Result<Credential> named_credential(const Asked& asked, Edit& edit, const Thing& holder) {
  Credential credential = TRY(edit.find_credential(asked.part));
  if (credential.thing == holder.id) return credential;
  return fail(ErrorCode::kNotFound,
              fmt::format("it has no credential with the id `{}`", printable(asked.part)));
}

Done shown(const Asked& asked, const Credential& credential) {
  return {.body = to_json(credential, asked.errand.now), .thing = credential.thing};
}

Done shown_once(const Asked& asked, const Credential& credential, const std::string& token) {
  return {.status = 201,
          .body = issued_json(asked, credential, token),
          .location = fmt::format("/admin/v1/{}/{}/credentials/{}", asked.schema->collection,
                                  credential.thing, credential.id),
          .thing = credential.thing,
          .is_secret = !token.empty()};
}

Answered<std::int64_t> overlap_in(const Body& body) {
  const codec::Json* const value = body.find("overlapSeconds");
  if (value == nullptr) return kUsualOverlapSeconds;
  if (value->is_int64() && value->get_int64() >= 0 && value->get_int64() <= kMostOverlapSeconds) {
    return value->get_int64();
  }
  return refuse(
      {{"overlapSeconds", fmt::format("must be a whole number from 0 to {}", kMostOverlapSeconds)}},
      "#");
}

}  // namespace

Answered<void> list_credentials(const Asked& asked, net::HttpResponse& response) {
  const Thing holder = TRY(named_thing(asked));
  TRY_VOID(asked.errand.gate.check(Deed::kRead, holder));
  boost::json::array items;
  for (const Credential& each : TRY(asked.errand.registry.credentials(asked.tenant(), holder.id))) {
    items.push_back(to_json(each, asked.errand.now));
  }
  write_json(boost::json::object{{"items", std::move(items)}}, response);
  return {};
}

Answered<void> issue_credential(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {"form", "fingerprint", "label", "expiresAt"}));
  WantedCredential wanted = TRY(read_wanted(body));
  const auto issue = [&](Edit& edit) -> Answered<Done> {
    const Thing holder = TRY(named_thing(asked, edit));
    TRY_VOID(asked.errand.gate.check(Deed::kIssueCredential, holder));
    wanted.entry.thing = holder.id;
    return shown_once(asked, TRY(edit.issue_credential(wanted.entry)), wanted.token);
  };
  return carry_out(asked, body.reason, issue, response);
}

Answered<void> revoke_credential(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(read_body(asked.request, {}));
  const auto revoke = [&](Edit& edit) -> Answered<Done> {
    const Thing holder = TRY(named_thing(asked, edit));
    TRY_VOID(asked.errand.gate.check(Deed::kRevokeCredential, holder));
    const Credential credential = TRY(named_credential(asked, edit, holder));
    TRY_VOID(edit.revoke_credential(credential.id));
    return shown(asked, TRY(edit.find_credential(credential.id)));
  };
  return carry_out(asked, body.reason, revoke, response);
}

Answered<void> rotate_credential(const Asked& asked, net::HttpResponse& response) {
  const Body body = TRY(
      read_body(asked.request, {"form", "fingerprint", "label", "expiresAt", "overlapSeconds"}));
  const std::int64_t overlap = TRY(overlap_in(body));
  WantedCredential wanted = TRY(read_wanted(body));
  const auto rotate = [&](Edit& edit) -> Answered<Done> {
    const Thing holder = TRY(named_thing(asked, edit));
    TRY_VOID(asked.errand.gate.check(Deed::kIssueCredential, holder));
    TRY_VOID(asked.errand.gate.check(Deed::kRevokeCredential, holder));
    const Credential before = TRY(named_credential(asked, edit, holder));
    if (!before.is_good_at(asked.errand.now)) {
      return refuse(0, ErrorCode::kFailedPrecondition,
                    "the credential is revoked or has expired: issue a new one instead");
    }
    wanted.entry.thing = holder.id;
    if (body.find("label") == nullptr) wanted.entry.label = before.label;
    const Credential issued = TRY(edit.issue_credential(wanted.entry));
    if (overlap == 0) {
      TRY_VOID(edit.revoke_credential(before.id));
    } else {
      TRY(edit.shorten_credential(before.id, asked.errand.now + overlap * 1000));
    }
    Done done = shown_once(asked, issued, wanted.token);
    done.body->as_object()["replaced"] =
        to_json(TRY(edit.find_credential(before.id)), asked.errand.now);
    return done;
  };
  return carry_out(asked, body.reason, rotate, response);
}

}  // namespace wardlock::admin
