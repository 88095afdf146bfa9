#include <fmt/format.h>

#include <algorithm>

#include "base/identifier.h"
#include "base/utf8.h"
#include "directory/model/moment.h"
#include "directory/registry/control_plane.h"
#include "directory/registry/credential_rows.h"
#include "directory/registry/edit.h"
#include "directory/registry/kept_answer.h"
#include "directory/registry/thing_rows.h"
#include "directory/registry/told_event.h"

namespace wardlock::directory {
namespace {

constexpr std::int64_t kDay = std::int64_t{24} * 3600 * 1000;
constexpr std::size_t kMostLabelBytes = 200;
constexpr std::string_view kHashPrefix = "sha256:";
constexpr std::size_t kHashDigits = 64;

bool is_hash(std::string_view text) {
  return text.size() == kHashPrefix.size() + kHashDigits && text.starts_with(kHashPrefix) &&
         text.find_first_not_of("0123456789abcdef", kHashPrefix.size()) == std::string_view::npos;
}

std::int64_t days_of(const Thing& holder) {
  const codec::Json* said = holder.document.json().if_contains("credentialDays");
  return said == nullptr ? 0 : said->get_int64();
}

Result<void> check_form(const NewCredential& wanted) {
  if (!is_hash(wanted.hash)) {
    return invalid("a credential is given as `sha256:` and 64 lowercase hexadecimal digits");
  }
  if (wanted.label.size() > kMostLabelBytes || find_invalid_utf8(wanted.label) ||
      find_identifier_fault(wanted.label)) {
    return invalid(fmt::format("a credential's label is of visible characters, at most {} bytes",
                               kMostLabelBytes));
  }
  return {};
}

}  // namespace

Result<Credential> Edit::issue(const NewCredential& wanted) {
  TRY_VOID(check_form(wanted));
  const Thing holder = TRY(read(wanted.thing, std::nullopt));
  const Schema& schema = schema_of(holder.kind);
  if (!kCredentialHolders.contains(holder.kind)) {
    return invalid(fmt::format("{} have no credentials", schema.plural));
  }
  const State* state = find_state(schema, holder.state);
  if (state == nullptr || state->ends_relations) {
    return fail(ErrorCode::kFailedPrecondition,
                fmt::format("who is `{}` gets no credential", holder.state));
  }
  const std::int64_t now = journal_.now();
  const auto others = TRY(find_credentials(work_, mandate_.tenant, holder.id));
  const auto good =
      std::ranges::count_if(others, [now](const auto& c) { return c.is_good_at(now); });
  if (static_cast<std::size_t>(good) >= kMostCredentials) {
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("it has {} credentials that are good; revoke one of them first", good));
  }
  Credential issued{.id = journal_.next_id(),
                    .tenant = mandate_.tenant,
                    .thing = holder.id,
                    .form = wanted.form,
                    .hash = wanted.hash,
                    .label = wanted.label,
                    .issued_ms = now,
                    .expires_ms = TRY(expiry_of(wanted, holder)),
                    .revoked_ms = {},
                    .last_used_ms = {},
                    .issued_by_type = mandate_.actor_type,
                    .issued_by_id = mandate_.actor_id,
                    .reason = mandate_.reason};
  TRY_VOID(insert_credential(work_, issued));
  TRY_VOID(tell(What::kCreated, issued, holder.kind, ""));
  return issued;
}

Result<std::int64_t> Edit::expiry_of(const NewCredential& wanted, const Thing& holder) const {
  const std::int64_t said = days_of(holder);
  const std::int64_t usual = journal_.now() + (said > 0 ? said : kUsualCredentialDays) * kDay;
  const std::int64_t most = journal_.now() + (said > 0 ? said : kMostCredentialDays) * kDay;
  const std::int64_t expires = std::min(wanted.expires_ms.value_or(usual), kEndOfTime - 1);
  if (expires <= journal_.now()) return invalid("a credential must expire in the future");
  if (expires <= most) return expires;
  return invalid(fmt::format("a credential of it is good for at most {} days",
                             said > 0 ? said : kMostCredentialDays));
}

Result<Credential> Edit::find_credential(std::string_view id) {
  auto found = TRY(find_credential_row(work_, mandate_.tenant, id));
  if (found) return std::move(*found);
  return fail(ErrorCode::kNotFound, fmt::format("no credential has the id `{}`", printable(id)));
}

Result<std::vector<Credential>> Edit::credentials(std::string_view thing) {
  TRY_VOID(read(thing, std::nullopt));
  return find_credentials(work_, mandate_.tenant, thing);
}

Result<void> Edit::revoke(std::string_view id) {
  Credential credential = TRY(find_credential(id));
  if (credential.revoked_ms) return {};
  return end(std::move(credential));
}

Result<Credential> Edit::shorten(std::string_view id, std::int64_t expires_ms) {
  Credential credential = TRY(find_credential(id));
  if (credential.revoked_ms) {
    return fail(ErrorCode::kFailedPrecondition, fmt::format("the credential `{}` is revoked", id));
  }
  if (credential.expires_ms <= expires_ms) return credential;
  const std::string before = to_feed_text(credential);
  credential.expires_ms = expires_ms;
  TRY_VOID(set_expires(work_, credential.id, expires_ms));
  const Thing holder = TRY(read(credential.thing, std::nullopt));
  TRY_VOID(tell(What::kChanged, credential, holder.kind, before));
  return credential;
}

Result<std::size_t> Edit::revoke_all_of(std::string_view thing) {
  std::size_t count = 0;
  for (Credential& each : TRY(find_credentials(work_, mandate_.tenant, thing))) {
    if (each.revoked_ms) continue;
    TRY_VOID(end(std::move(each)));
    ++count;
  }
  return count;
}

Result<void> Edit::end(Credential credential) {
  const std::string before = to_feed_text(credential);
  credential.revoked_ms = journal_.now();
  TRY_VOID(set_revoked(work_, credential.id, journal_.now()));
  // What was revoked is shown to nobody again.
  TRY_VOID(drop_secrets(work_, mandate_.tenant, credential.thing, secrets_));
  const Thing holder = TRY(read(credential.thing, std::nullopt));
  return tell(What::kEnded, credential, holder.kind, before);
}

Result<void> Edit::tell(What what, const Credential& credential, Kind holder,
                        std::string_view before) {
  event::Event event{.kind = event::Kind::kCredentialChange,
                     .action = what == What::kCreated   ? "issue"
                               : what == What::kChanged ? "shorten"
                                                        : "revoke"};
  name_in(event, holder, credential.thing);
  const std::string after = to_feed_text(credential);
  event.changed = "credential";
  event.value_before = before;
  event.value_after = after;
  return journal_.add({what, kCredentialEntry, credential.id, after}, event);
}

}  // namespace wardlock::directory
