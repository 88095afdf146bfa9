#include "authn/federation/directory_passwords.h"

#include "directory/ldap/entry_password.h"

namespace wardlock::authn {
namespace {

std::string_view external_id_of(const directory::Thing& person) {
  const codec::Json* id = person.document.json().if_contains("externalId");
  if (id == nullptr || !id->is_string()) return {};
  return id->get_string();
}

}  // namespace

Result<std::optional<directory::PasswordVerdict>> DirectoryPasswords::check(
    std::string_view tenant, std::string_view person, const Secret& password,
    const std::stop_token& stop) const {
  const directory::Thing thing = TRY(registry_.find(tenant, person));
  if (thing.kind != directory::Kind::kPerson) {
    return fail(ErrorCode::kNotFound, "there is no such person");
  }
  const std::string_view external = external_id_of(thing);
  for (const directory::LdapSource& source : sources_) {
    const std::string prefix = directory::external_id_prefix(source);
    if (source.tenant != tenant || !external.starts_with(prefix)) continue;
    if (thing.state != "active") return directory::PasswordVerdict::kDisabled;
    return TRY(
        directory::check_entry_password(source, external.substr(prefix.size()), password, stop));
  }
  return std::nullopt;
}

std::optional<bool> DirectoryPasswords::lets_in(std::string_view tenant, std::string_view person,
                                                const Secret& password) const {
  const auto verdict = check(tenant, person, password, {});
  if (!verdict) return false;
  if (!*verdict) return std::nullopt;
  return **verdict == directory::PasswordVerdict::kRight;
}

}  // namespace wardlock::authn
