#include "api/admin/openapi_sign_ins.h"

#include <string_view>
#include <utility>

#include "codec/json.h"

namespace wardlock::admin {
namespace {

using boost::json::array;
using boost::json::object;

object typed(std::string_view type, std::string_view about) {
  return {{"type", type}, {"description", about}};
}

object time(std::string_view about) {
  return {{"type", "string"}, {"format", "date-time"}, {"description", about}};
}

object one_of(array words, std::string_view about) {
  return {{"type", "string"}, {"enum", std::move(words)}, {"description", about}};
}

object closed(object properties, array required) {
  return {{"type", "object"},
          {"required", std::move(required)},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

object list_of(object items, std::string_view about = {}) {
  object out{{"type", "array"}, {"items", std::move(items)}};
  if (!about.empty()) out["description"] = about;
  return out;
}

object level() {
  return {{"type", "integer"},
          {"minimum", 0},
          {"maximum", 3},
          {"description", "An assurance level of NIST SP 800-63B"}};
}

object methods() { return list_of({{"type", "string"}}, "RFC 8176"); }

object session() {
  return closed({{"id", typed("string", "No secret")},
                 {"kind", one_of({"session", "application"},
                                 "In a browser, or what an application has beyond that")},
                 {"level", level()},
                 {"methods", methods()},
                 {"startedAt", time("When they signed in there")},
                 {"endsAt", time("At the latest")},
                 {"environment", typed("string", "`bedside`, `office`, `remote`")},
                 {"locked", typed("boolean", "It signs nobody in until it is unlocked")},
                 {"client", typed("string", "The application's id")},
                 {"clientName", typed("string", "The application's name")}},
                {"id", "kind", "level", "methods", "startedAt", "endsAt"});
}

object recovery() {
  return closed({{"id", typed("string", "Of the recovery")},
                 {"person", typed("string", "Who is to be let in again")},
                 {"askedBy", typed("string", "Who asked, and gets the code")},
                 {"approvedBy", typed("string", "Who approved it")},
                 {"reason", typed("string", "How the person was recognised")},
                 {"askedAt", time("When")},
                 {"until", time("Until when it waits")},
                 {"state", one_of({"asked", "approved"}, "`approved`: it is to be collected")}},
                {"id", "person", "askedBy", "reason", "askedAt", "until", "state"});
}

object authenticator() {
  return closed({{"id", typed("string", "No secret")},
                 {"kind", one_of({"password", "totp", "hotp", "recovery_codes", "passkey",
                                  "certificate", "pin", "badge", "device", "linked_account"},
                                 "What it is")},
                 {"label", typed("string", "As its owner calls it")},
                 {"state", one_of({"pending", "active", "lost", "revoked", "expired"},
                                  "`pending`: its owner has not shown yet that it works")},
                 {"madeAt", time("When it was enrolled")},
                 {"usedAt", time("When somebody last signed in with it")},
                 {"expiresAt", time("Until when it is good")},
                 {"endedAt", time("Since when it counts no more")},
                 {"codesLeft", typed("integer", "Of recovery codes")},
                 {"disabled", typed("boolean", "After too many failures: it is to be replaced")}},
                {"id", "kind", "label", "state", "madeAt"});
}

}  // namespace

void add_sign_in_schemas(object& out) {
  out["SignIn"] = closed({{"level", level()},
                          {"methods", methods()},
                          {"at", time("When factors were last shown")},
                          {"until", time("When they have to sign in again at the latest")},
                          {"client", typed("string", "The application through which they ask")}},
                         {"level", "methods", "at", "until", "client"});
  out["Sessions"] = closed({{"items", list_of(session())}}, {"items"});
  out["EndedSessions"] = closed({{"ended", typed("integer", "So many")}}, {"ended"});
  out["Authenticator"] = authenticator();
  out["Authenticators"] =
      closed({{"items", list_of({{"$ref", "#/components/schemas/Authenticator"}})}}, {"items"});
  out["NewExpiry"] = closed({{"expiresAt",
                              {{"type", {"string", "null"}},
                               {"format", "date-time"},
                               {"description", "`null`: it is good without end"}}},
                             {"reason", typed("string", "Why, for the record")}},
                            {"expiresAt"});
  out["Recovery"] = recovery();
  out["Recoveries"] =
      closed({{"items", list_of({{"$ref", "#/components/schemas/Recovery"}})}}, {"items"});
}

}  // namespace wardlock::admin
