#include "audit/index/terms.h"

#include <span>
#include <utility>

#include "event/subject.h"

namespace wardlock::audit {
namespace {

using event::Subject;

/// The tenant's key; nothing where it was erased. One that seals nothing yet is made: names of
/// things are hidden with it.
Result<std::optional<event::SubjectKey>> tenant_key(std::string_view tenant, SubjectKeys& keys) {
  const Subject subject{.tenant = tenant};
  auto key = TRY(keys.find_subject(subject));
  if (key || !TRY(keys.erasures(subject)).empty()) return key;
  std::vector<event::SubjectKey> made;
  TRY_VOID(keys.find_or_create(std::span(&subject, 1), made));
  return made.front();
}

struct Named {
  Role role;
  Subject subject;
};

}  // namespace

std::string_view to_string(Role role) {
  static constexpr std::array<std::string_view, kRoles.size()> kNames = {
      "tenant", "principal", "affected", "patient", "device", "caller", "decision", "grant"};
  return kNames[static_cast<std::size_t>(role)];
}

Result<IndexEntry> index_entry(const event::Event& event, SubjectKeys& keys) {
  IndexEntry entry{.time = event.time, .kind = event.kind, .outcome = event.outcome};
  const Named people[] = {
      {Role::kPrincipal, {event.tenant, event.principal_type, event.principal_id}},
      {Role::kAffected, {event.tenant, event.affected_type, event.affected_id}},
      {Role::kPatient, {event.tenant, event::kPatientType, event.patient}}};
  for (const auto& [role, subject] : people) {
    if (subject.id.empty()) continue;
    const auto key = TRY(keys.find_subject(subject));
    if (key) entry.terms[role] = index_term(key->key, to_string(role));
  }
  const auto tenant = TRY(tenant_key(event.tenant, keys));
  if (!tenant) return entry;
  entry.terms[Role::kTenant] = index_term(tenant->key, to_string(Role::kTenant));
  const std::pair<Role, std::string_view> things[] = {{Role::kDevice, event.device},
                                                      {Role::kCaller, event.caller},
                                                      {Role::kDecision, event.decision_id},
                                                      {Role::kGrant, event.grant}};
  for (const auto& [role, name] : things) {
    if (!name.empty()) entry.terms[role] = index_term(tenant->key, to_string(role), name);
  }
  return entry;
}

Result<std::optional<Terms>> query_terms(const Query& query, SubjectKeys& keys) {
  Terms terms;
  if (!query.tenant) {
    if (query.principal || query.affected || query.patient || query.device || query.caller ||
        query.decision_id || query.grant) {
      return invalid("a query that names somebody or something must name the tenant, too");
    }
    return terms;
  }
  const std::string_view tenant_name = *query.tenant;
  const auto tenant = TRY(keys.find_subject({.tenant = tenant_name}));
  if (!tenant) return std::nullopt;
  terms[Role::kTenant] = index_term(tenant->key, to_string(Role::kTenant));

  std::vector<Named> people;
  if (query.principal) {
    people.push_back({Role::kPrincipal, {tenant_name, query.principal->type, query.principal->id}});
  }
  if (query.affected) {
    people.push_back({Role::kAffected, {tenant_name, query.affected->type, query.affected->id}});
  }
  if (query.patient) {
    people.push_back({Role::kPatient, {tenant_name, event::kPatientType, *query.patient}});
  }
  for (const auto& [role, subject] : people) {
    const auto key = TRY(keys.find_subject(subject));
    if (!key) return std::nullopt;
    terms[role] = index_term(key->key, to_string(role));
  }
  const std::pair<Role, const std::optional<std::string>&> things[] = {
      {Role::kDevice, query.device},
      {Role::kCaller, query.caller},
      {Role::kDecision, query.decision_id},
      {Role::kGrant, query.grant}};
  for (const auto& [role, name] : things) {
    if (name) terms[role] = index_term(tenant->key, to_string(role), *name);
  }
  return terms;
}

}  // namespace wardlock::audit
