#include "server/subject_reader.h"

#include <optional>
#include <string>
#include <utility>

#include "api/authzen/metadata.h"
#include "authn/session/session_subjects.h"
#include "authn/subject_token.h"

namespace wardlock::server {
namespace {

using authn::ShownPerson;

/// Nothing: it is none, not good any more, another issuer's, or speaks for an application alone.
Result<std::optional<ShownPerson>> find_by_access_token(IdentityProvider& provider,
                                                        const SubjectReader::Question& question,
                                                        std::string_view token) {
  const ServedTenant& tenant = question.tenant;
  const oauth::Occasion occasion{
      .tenant = std::string(directory_tenant(tenant.name)),
      .issuer = TRY(authzen::base_url(question.request, question.public_url, tenant.base_path)),
      .now_ms = question.now};
  const auto subject = provider.rules().tokens.verify(occasion, token);
  if (!subject || (*subject)->person.empty()) return std::nullopt;
  return ShownPerson{.person = (*subject)->person,
                     .level = (*subject)->authentication.level,
                     .methods = (*subject)->authentication.methods};
}

}  // namespace

Result<const pdp::VerifiedPrincipal*> SubjectReader::read(const Question& question,
                                                          Arena& arena) const {
  const auto token = authn::subject_token(question.request);
  if (!token) return invalid(std::string(token.error().detail));
  if (!*token) return nullptr;
  if (entrance_ == nullptr) {
    return invalid("nobody signs in here whose token `Wardlock-Subject-Token` could be");
  }
  const ServedTenant& tenant = question.tenant;
  authn::SessionSubjects sessions(entrance_->sessions());
  auto shown = sessions.find(directory_tenant(tenant.name), **token, question.now);
  if (!shown && provider_ != nullptr) {
    shown = TRY(find_by_access_token(*provider_, question, **token));
  }
  if (!shown) {
    return fail(ErrorCode::kUnauthenticated,
                "the token in `Wardlock-Subject-Token` shows nobody here: it has expired, was "
                "revoked, or is not one of ours; have the person sign in again");
  }
  const auto name = tenant.directory == nullptr
                        ? std::nullopt
                        : tenant.directory->name_of(shown->person, tenant.directory_revision);
  if (!name) {
    return invalid("policies do not know the person whose token is in `Wardlock-Subject-Token`");
  }
  const auto methods = arena.allocate<std::string_view>(shown->methods.size());
  for (std::size_t i = 0; i < methods.size(); ++i)
    methods[i] = arena.copy(std::string_view(shown->methods[i]));
  return arena.make<pdp::VerifiedPrincipal>(
      arena.copy(std::string_view(name->type)), arena.copy(std::string_view(name->id)),
      pdp::Authentication{.level = shown->level, .methods = methods});
}

}  // namespace wardlock::server
