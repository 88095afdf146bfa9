#include "server/subject_reader.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "api/authzen/metadata.h"
#include "authn/session/session_subjects.h"
#include "authn/subject_token.h"
#include "codec/json.h"

namespace wardlock::server {
namespace {

using authn::ShownPerson;
using codec::Json;

/// How records call clients that are nothing else.
constexpr std::string_view kClientType = "OAuthClient";

/// Who acts for whom a token shows: the thing that the client is, as the directory has it.
struct ShownActor {
  std::string client;
  std::string thing;  ///< empty: the client is none
  std::vector<std::string> before;
};

struct Shown {
  ShownPerson person;
  std::optional<ShownActor> actor = {};
};

std::string text_of(const Json& object, std::string_view name) {
  const Json* value = object.is_object() ? object.get_object().if_contains(name) : nullptr;
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

/// Of an `act` (RFC 8693, 4.1). Whatever it is, somebody acts.
ShownActor read_actor(const Json& act) {
  ShownActor actor{.client = text_of(act, "sub"), .thing = text_of(act, "thing"), .before = {}};
  const Json* inner = &act;
  while ((inner = inner->is_object() ? inner->get_object().if_contains("act") : nullptr)) {
    actor.before.push_back(text_of(*inner, "sub"));
  }
  return actor;
}

/// Nothing: it is none, not good any more, another issuer's, or speaks for an application alone.
Result<std::optional<Shown>> find_by_access_token(IdentityProvider& provider,
                                                  const SubjectReader::Question& question,
                                                  std::string_view token) {
  const ServedTenant& tenant = question.tenant;
  const oauth::Occasion occasion{
      .tenant = std::string(directory_tenant(tenant.name)),
      .issuer = TRY(authzen::base_url(question.request, question.public_url, tenant.base_path)),
      .now_ms = question.now};
  const auto subject = provider.rules().tokens.verify(occasion, token);
  if (!subject || (*subject)->person.empty()) return std::nullopt;
  Shown shown{.person = {.person = (*subject)->person,
                         .level = (*subject)->authentication.level,
                         .methods = (*subject)->authentication.methods}};
  if (!(*subject)->actor.is_null()) shown.actor = read_actor((*subject)->actor);
  return shown;
}

std::optional<directory::SeenPeople::Name> name_of(const ServedTenant& tenant,
                                                   std::string_view thing) {
  if (tenant.directory == nullptr) return std::nullopt;
  return tenant.directory->name_of(thing, tenant.directory_revision);
}

std::span<const std::string_view> copied(const std::vector<std::string>& texts, Arena& arena) {
  const auto copies = arena.allocate<std::string_view>(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) copies[i] = arena.copy(std::string_view(texts[i]));
  return copies;
}

/// As policies know them. Whom they do not know has the name of the client.
const pdp::VerifiedActor* verified_actor(const ServedTenant& tenant, const ShownActor& shown,
                                         Arena& arena) {
  const auto name = shown.thing.empty() ? std::nullopt : name_of(tenant, shown.thing);
  return arena.make<pdp::VerifiedActor>(
      name ? arena.copy(std::string_view(name->type)) : kClientType,
      arena.copy(std::string_view(name ? name->id : shown.client)), name.has_value(),
      copied(shown.before, arena));
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
  std::optional<Shown> shown;
  if (auto person = sessions.find(directory_tenant(tenant.name), **token, question.now)) {
    shown = Shown{.person = *std::move(person)};
  } else if (provider_ != nullptr) {
    shown = TRY(find_by_access_token(*provider_, question, **token));
  }
  if (!shown) {
    return fail(ErrorCode::kUnauthenticated,
                "the token in `Wardlock-Subject-Token` shows nobody here: it has expired, was "
                "revoked, or is not one of ours; have the person sign in again");
  }
  const auto name = name_of(tenant, shown->person.person);
  if (!name) {
    return invalid("policies do not know the person whose token is in `Wardlock-Subject-Token`");
  }
  return arena.make<pdp::VerifiedPrincipal>(
      arena.copy(std::string_view(name->type)), arena.copy(std::string_view(name->id)),
      pdp::Authentication{.level = shown->person.level,
                          .methods = copied(shown->person.methods, arena)},
      shown->actor ? verified_actor(tenant, *shown->actor, arena) : nullptr);
}

}  // namespace wardlock::server
