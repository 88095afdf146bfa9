#include "authn/caller_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "authn/token.h"

namespace wardlock::authn {
namespace {

/// Names in DNS compare without case; what a certificate holds is brought to the same form.
std::string canonical_name(std::string_view name) {
  std::string out(name);
  if (!out.starts_with("dns:")) return out;
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_certificate_name(std::string_view text) {
  const bool is_name = text.starts_with("dns:") || text.starts_with("uri:");
  // A wildcard in a certificate is a statement about servers; as a caller it would be many.
  return is_sha256_text(text) || (is_name && text.size() > 4 && !text.contains('*'));
}

/// Two tenants may have clients of one id.
std::string client_key(std::size_t tenant, std::string_view client) {
  return fmt::format("{}/{}", tenant, client);
}

/// Collects what is wrong.
class Findings {
 public:
  template <typename... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    text_ += (text_.empty() ? "" : "\n") + fmt::format(format, std::forward<Args>(args)...);
  }
  Result<void> result() const {
    if (!text_.empty()) return invalid(text_);
    return {};
  }

 private:
  std::string text_;
};

void check_form(const CallerEntry& entry, Findings& findings) {
  const std::string& id = entry.caller.id;
  if (id.empty()) findings.add("a caller has no id");
  if (entry.tokens.empty() && entry.certificates.empty() && entry.clients.empty()) {
    findings.add("caller `{}` has neither a token nor a certificate nor a client to be known by",
                 id);
  }
  if (!entry.clients.empty() && !entry.tenant) {
    findings.add("caller `{}`: clients are a tenant's; name them among its callers", id);
  }
  if (!std::ranges::all_of(entry.tokens, is_sha256_text)) {
    findings.add(
        "caller `{}`: a token is kept as `sha256:` and 64 hex digits, as `wardlock token new` "
        "prints it",
        id);
  }
  for (const std::string& name : entry.certificates) {
    if (is_certificate_name(canonical_name(name))) continue;
    findings.add(
        "caller `{}`: `{}` is no certificate; give its fingerprint `sha256:…`, or a name it "
        "holds, `dns:…` or `uri:…`",
        id, name);
  }
}

/// The limit goes on where the same caller has the same quota as before.
std::shared_ptr<RateLimit> limit_for(const CallerEntry& entry, const CallerRegistry* before) {
  if (!entry.quota) return nullptr;
  const KnownCaller* known = before == nullptr ? nullptr : before->find(entry.caller.id);
  if (known != nullptr && known->quota == entry.quota) return known->limit;
  return std::make_shared<RateLimit>(*entry.quota);
}

}  // namespace

Result<CallerRegistry> CallerRegistry::build(const std::vector<CallerEntry>& entries,
                                             const CallerRegistry* before) {
  CallerRegistry registry;
  Findings findings;
  const auto claim = [&](Index& index, const std::string& key) -> const CallerEntry* {
    const auto [it, is_new] = index.emplace(key, registry.callers_.size());
    return is_new ? nullptr : &entries[it->second];
  };
  for (const CallerEntry& entry : entries) {
    const std::string& id = entry.caller.id;
    check_form(entry, findings);
    if (claim(registry.ids_, id) != nullptr) findings.add("caller `{}` comes twice", id);
    for (const std::string& hash : entry.tokens) {
      if (const CallerEntry* other = claim(registry.tokens_, hash)) {
        findings.add("callers `{}` and `{}` have the same token", other->caller.id, id);
      }
    }
    for (const std::string& name : entry.certificates) {
      if (const CallerEntry* other = claim(registry.certificates_, canonical_name(name))) {
        findings.add("callers `{}` and `{}` have the same certificate `{}`", other->caller.id, id,
                     name);
      }
    }
    for (const std::string& client : entry.clients) {
      const std::string key = client_key(entry.tenant.value_or(0), client);
      if (const CallerEntry* other = claim(registry.clients_, key)) {
        findings.add("callers `{}` and `{}` have the same client `{}`", other->caller.id, id,
                     client);
      }
    }
    registry.callers_.push_back({.caller = entry.caller,
                                 .tenant = entry.tenant,
                                 .may_read_metrics = entry.may_read_metrics,
                                 .may_read_audit = entry.may_read_audit,
                                 .audit = entry.audit,
                                 .quota = entry.quota,
                                 .limit = limit_for(entry, before)});
  }
  TRY_VOID(findings.result());
  return registry;
}

const KnownCaller* CallerRegistry::at(const Index& index, std::string_view key) const {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &callers_[found->second];
}

const KnownCaller* CallerRegistry::find_token(std::string_view token) const {
  const auto hash = token_hash_text(token);
  return at(tokens_, std::string_view(hash.data(), hash.size()));
}

const KnownCaller* CallerRegistry::find_certificate(std::string_view fingerprint,
                                                    std::span<const std::string> names) const {
  const KnownCaller* found = at(certificates_, fingerprint);
  for (const std::string& name : names) {
    const KnownCaller* named = at(certificates_, canonical_name(name));
    if (named == nullptr) continue;
    if (found != nullptr && found != named) return nullptr;
    found = named;
  }
  return found;
}

const KnownCaller* CallerRegistry::find_client(std::size_t tenant, std::string_view client) const {
  return at(clients_, client_key(tenant, client));
}

const KnownCaller* CallerRegistry::find(std::string_view id) const { return at(ids_, id); }

}  // namespace wardlock::authn
