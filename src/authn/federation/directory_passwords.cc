#include "authn/federation/directory_passwords.h"

#include <utility>

#include "directory/ldap/entry_password.h"

namespace wardlock::authn {
namespace {

using directory::PasswordVerdict;

/// So long a directory that failed is asked nothing: nobody else waits for it meanwhile.
constexpr std::int64_t kRestMs = 5'000;

std::string_view external_id_of(const directory::Thing& person) {
  const codec::Json* id = person.document.json().if_contains("externalId");
  if (id == nullptr || !id->is_string()) return {};
  return id->get_string();
}

std::string_view id_within(const directory::LdapSource& source, const directory::Thing& person) {
  return external_id_of(person).substr(directory::external_id_prefix(source).size());
}

}  // namespace

DirectoryPasswords::DirectoryPasswords(const directory::Registry& registry,
                                       std::vector<directory::LdapSource> sources,
                                       std::function<std::int64_t()> clock)
    : registry_(registry), clock_(std::move(clock)) {
  for (directory::LdapSource& each : sources) {
    sources_.push_back(std::make_unique<Source>());
    sources_.back()->settings = std::move(each);
  }
}

Result<directory::Thing> DirectoryPasswords::read_person(std::string_view tenant,
                                                         std::string_view person) const {
  directory::Thing thing = TRY(registry_.find(tenant, person));
  if (thing.kind == directory::Kind::kPerson) return thing;
  return fail(ErrorCode::kNotFound, "there is no such person");
}

const DirectoryPasswords::Source* DirectoryPasswords::source_of(
    std::string_view tenant, const directory::Thing& person) const {
  const std::string_view external = external_id_of(person);
  for (const auto& each : sources_) {
    const bool is_it = each->settings.tenant == tenant &&
                       external.starts_with(directory::external_id_prefix(each->settings));
    if (is_it) return each.get();
  }
  return nullptr;
}

const DirectoryPasswords::Source* DirectoryPasswords::source_for(std::string_view tenant,
                                                                 std::string_view user_name) const {
  std::vector<const Source*> of_tenant;
  for (const auto& each : sources_) {
    if (each->settings.tenant == tenant) of_tenant.push_back(each.get());
  }
  if (of_tenant.empty()) return nullptr;
  return of_tenant.at(std::hash<std::string_view>()(user_name) % of_tenant.size());
}

Result<bool> DirectoryPasswords::keeps(std::string_view tenant, std::string_view person) const {
  return source_of(tenant, TRY(read_person(tenant, person))) != nullptr;
}

Result<std::optional<PasswordVerdict>> DirectoryPasswords::check(
    std::string_view tenant, std::string_view person, const Secret& password,
    const std::stop_token& stop) const {
  const directory::Thing thing = TRY(read_person(tenant, person));
  const Source* source = source_of(tenant, thing);
  if (source == nullptr) return std::nullopt;
  if (thing.state != "active") return PasswordVerdict::kDisabled;
  return TRY(directory::check_entry_password(source->settings, id_within(source->settings, thing),
                                             password, stop));
}

std::optional<PasswordVerdict> DirectoryPasswords::ask(
    const Source& source,
    const std::function<Result<PasswordVerdict>(const directory::LdapSource&)>& call) const {
  if (clock_() < source.resting_until_ms.load()) return std::nullopt;
  const auto verdict = call(source.settings);
  if (verdict) return *verdict;
  source.resting_until_ms = clock_() + kRestMs;
  return std::nullopt;
}

std::optional<bool> DirectoryPasswords::lets_in(const DirectoryUser& user,
                                                const Secret& password) const {
  std::optional<directory::Thing> person;
  const Source* source = nullptr;
  if (!user.person.empty()) {
    auto found = read_person(user.tenant, user.person);
    if (!found) return false;
    person = *std::move(found);
    source = source_of(user.tenant, *person);
  }
  if (source == nullptr) {
    source = source_for(user.tenant, user.user_name);
    if (source == nullptr || password.empty()) return std::nullopt;
    ask(*source, [](const directory::LdapSource& settings) -> Result<PasswordVerdict> {
      TRY_VOID(directory::ask_for_nobody(settings, {}));
      return PasswordVerdict::kWrong;
    });
    return std::nullopt;
  }
  if (person->state != "active") return false;
  const auto verdict = ask(*source, [&](const directory::LdapSource& settings) {
    return directory::check_entry_password(settings, id_within(settings, *person), password, {});
  });
  return verdict == PasswordVerdict::kRight;
}

}  // namespace wardlock::authn
