#include "api/admin/operations.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "api/admin/authenticators.h"
#include "api/admin/bill.h"
#include "api/admin/changes.h"
#include "api/admin/client_invitation.h"
#include "api/admin/credentials.h"
#include "api/admin/description.h"
#include "api/admin/inventory.h"
#include "api/admin/invitation.h"
#include "api/admin/leak.h"
#include "api/admin/linked_account.h"
#include "api/admin/oauth_clients.h"
#include "api/admin/policy_operations.h"
#include "api/admin/recoveries.h"
#include "api/admin/relations.h"
#include "api/admin/review.h"
#include "api/admin/running.h"
#include "api/admin/sign_ins.h"
#include "api/admin/things.h"
#include "api/admin/told_attributes.h"
#include "directory/lifecycle/finding_kind.h"
#include "directory/model/relation.h"
#include "directory/registry/credential.h"
#include "directory/registry/query.h"

namespace wardlock::admin {
namespace {

using directory::Kind;
using directory::Kinds;

constexpr Kinds kAll = {Kind::kPerson,      Kind::kPatient, Kind::kDevice,
                        Kind::kDeviceModel, Kind::kModule,  Kind::kModuleVersion,
                        Kind::kService,     Kind::kAgent,   Kind::kOrganisation,
                        Kind::kLocation,    Kind::kRole,    Kind::kGroup};
constexpr Kinds kHolders = directory::kCredentialHolders;

constexpr Parameter kSensitive = {
    .name = "sensitive", .about = "With what is shown only to who asks for it", .type = "boolean"};
std::vector<std::string_view> relation_names() {
  std::vector<std::string_view> names;
  for (const auto& schema : directory::all_relations()) names.push_back(schema.name);
  return names;
}
std::vector<std::string_view> exported_names() {
  std::vector<std::string_view> names = relation_names();
  for (const auto* schema : directory::all_schemas()) names.push_back(schema->name);
  return names;
}
std::vector<std::string_view> changed_names() {
  std::vector<std::string_view> names = exported_names();
  names.emplace_back("credential");
  return names;
}

std::vector<std::string_view> finding_names() {
  std::vector<std::string_view> names;
  for (const directory::FindingKind& kind : directory::all_finding_kinds()) {
    names.push_back(kind.name);
  }
  return names;
}

constexpr Parameter kRelationKind = {
    .name = "kind", .about = "Relations of this kind alone", .choices = relation_names};
constexpr Parameter kEnded = {
    .name = "ended", .about = "With those that have ended", .type = "boolean"};

constexpr Parameter kCursor = {.name = "cursor", .about = "The `next` of the page before"};
constexpr Parameter kCount = {.name = "count",
                              .about = "So many at most",
                              .type = "integer",
                              .most = directory::kMaxPageSize};

constexpr auto kOfThing = std::to_array<Parameter>({kSensitive});
constexpr auto kOfList = std::to_array<Parameter>({
    {.name = "named", .about = "What people call it: one of its unique attributes, or its name"},
    {.name = "like", .about = "One of these begins so"},
    {.name = "sort", .about = "The path of a searchable attribute; `-` before it: descending"},
    kCursor,
    kCount,
    {.name = "total", .about = "With how many there are", .type = "boolean"},
    kSensitive,
});
constexpr auto kOfRelations = std::to_array<Parameter>({
    {.name = "subject", .about = "The id of the thing that stands so"},
    {.name = "object", .about = "The id of the thing to which it does"},
    {.name = "scope", .about = "The id of the thing where it counts"},
    kRelationKind,
    kEnded,
});
constexpr auto kOfThingsRelations = std::to_array<Parameter>({kRelationKind, kEnded});
constexpr auto kOfChanges = std::to_array<Parameter>({
    {.name = "after",
     .about = "The revision that is known: the `next` of before",
     .type = "integer"},
    {.name = "count", .about = "About so many", .type = "integer", .most = 1000},
    {.name = "kind",
     .about = "Changes of this kind alone; several: of one of these",
     .may_repeat = true,
     .choices = changed_names},
    kSensitive,
});
constexpr auto kOfExport = std::to_array<Parameter>({
    {.name = "kind",
     .about = "Of things, or the name of a relation; needed where `since` is not given",
     .choices = exported_names},
    {.name = "since",
     .about = "Of all kinds what is other than at that revision",
     .type = "integer"},
    {.name = "cursor", .about = "The `next` of the page before"},
    {.name = "count", .about = "So many at most", .type = "integer", .least = 1, .most = 500},
    {.name = "relations",
     .about = "With keys of what the things are related to",
     .type = "boolean"},
    kSensitive,
});
constexpr auto kOfReview = std::to_array<Parameter>({
    {.name = "kind",
     .about = "Findings of this kind alone; several: of one of these",
     .may_repeat = true,
     .choices = finding_names},
    kCursor,
    {.name = "count", .about = "So many at most", .type = "integer", .least = 1, .most = 1000},
    {.name = "total", .about = "With how many there are of each kind", .type = "boolean"},
});
constexpr Parameter kOf = {
    .name = "of",
    .about = "What the bill is of: the key of a device model or module version",
    .is_required = true};
constexpr auto kOfBill = std::to_array<Parameter>({kOf});
constexpr auto kOfNewBill = std::to_array<Parameter>({
    kOf,
    {.name = "supplier", .about = "The code of who makes parts that name nobody"},
});
constexpr auto kOfVersions = std::to_array<Parameter>({kCursor, kCount});
constexpr auto kOfRunning = std::to_array<Parameter>({
    {.name = "version", .about = "Those that run this version"},
    {.name = "below", .about = "Those that run an earlier version than this one"},
    {.name = "state", .about = "Those in this state, such as `inService`"},
    kCursor,
    {.name = "count",
     .about = "So many at most",
     .type = "integer",
     .least = 1,
     .most = directory::kMaxPageSize},
});
constexpr auto kOfChange = std::to_array<Parameter>({
    {.name = "dryRun", .about = "Answers as if it were done; nothing is", .type = "boolean"},
});

constexpr auto kOperations = std::to_array<Operation>({
    {.method = "GET",
     .path = "whoami",
     .name = "whoAmI",
     .summary = "Who asks",
     .answer = tell_identity,
     .gives = Message::kIdentity},
    {.method = "GET",
     .path = "openapi.json",
     .name = "describe",
     .summary = "This description",
     .answer = describe,
     .gives = Message::kDescription},
    {.method = "GET",
     .path = "changes",
     .name = "listChanges",
     .summary = "What changed after a revision, for whoever keeps a copy",
     .answer = list_changes,
     .gives = Message::kChanges,
     .parameters = kOfChanges},
    {.method = "GET",
     .path = "review",
     .name = "review",
     .summary = "Who should go, what should be renewed: a page of what a person should look at",
     .answer = tell_review,
     .gives = Message::kReview,
     .parameters = kOfReview},
    {.method = "POST",
     .path = "import",
     .name = "import",
     .summary = "Takes over a part of a file of things and relations, all of it or nothing",
     .answer = import_part,
     .takes = Message::kBatch,
     .gives = Message::kBatchOutcome,
     .has_keys = false},
    {.method = "GET",
     .path = "export",
     .name = "export",
     .summary = "A page of all things or relations of a kind, or what is other since a revision",
     .answer = export_part,
     .gives = Message::kExport,
     .parameters = kOfExport},
    {.method = "GET",
     .path = "bill",
     .name = "readBill",
     .summary = "A bill of materials, as CycloneDX 1.6",
     .answer = read_bill,
     .gives = Message::kBill,
     .parameters = kOfBill},
    {.method = "PUT",
     .path = "bill",
     .name = "replaceBill",
     .summary = "Takes over a bill of materials, CycloneDX 1.4 to 1.6",
     .answer = replace_bill,
     .takes = Message::kBill,
     .gives = Message::kBillOutcome,
     .parameters = kOfNewBill,
     .has_keys = false},
    {.method = "POST",
     .path = "registrations",
     .name = "registerDevices",
     .summary = "Enters devices that were made, each by itself, and again without effect",
     .answer = register_devices,
     .takes = Message::kRegistrations,
     .gives = Message::kBatchOutcome,
     .has_keys = false},
    {.method = "GET",
     .path = "things/{id}",
     .name = "readThing",
     .summary = "One thing, of whichever kind",
     .answer = read_any_thing,
     .gives = Message::kAnyThing,
     .parameters = kOfThing},
    {.method = "GET",
     .path = "things/{id}/entity",
     .name = "readEntity",
     .summary = "How policies see it, or why they do not",
     .answer = read_entity,
     .gives = Message::kEntity},
    {.method = "GET",
     .path = "things/{id}/attributes",
     .name = "readTold",
     .summary = "What sources told of it, and how old that is",
     .answer = read_told,
     .gives = Message::kTold},
    {.method = "GET",
     .path = "attributes",
     .name = "listSources",
     .summary =
         "Which attributes sources tell, by the policies' schema, and how each source stands",
     .answer = list_sources,
     .gives = Message::kSources},
    {.method = "PUT",
     .path = "attributes/{id}",
     .name = "tellAttributes",
     .summary = "The source of that name tells values; what it may not tell is refused, the rest "
                "is kept",
     .answer = tell_attributes,
     .takes = Message::kToldValues,
     .gives = Message::kToldOutcome,
     .has_keys = false},
    {.method = "GET",
     .path = "relations",
     .name = "listRelations",
     .summary = "How a thing stands to others; name it as subject, object or scope",
     .answer = list_relations,
     .gives = Message::kRelations,
     .parameters = kOfRelations},
    {.method = "POST",
     .path = "relations",
     .name = "createRelation",
     .summary = "Makes a relation, such as an assignment of a role",
     .answer = create_relation,
     .takes = Message::kNewRelation,
     .gives = Message::kRelation,
     .status = 201},
    {.method = "GET",
     .path = "relations/{id}",
     .name = "readRelation",
     .summary = "One relation, also when it has ended",
     .answer = read_relation,
     .gives = Message::kRelation},
    {.method = "POST",
     .path = "relations/{id}/end",
     .name = "endRelation",
     .summary = "Ends a relation now",
     .answer = end_relation,
     .takes = Message::kReason,
     .gives = Message::kRelation},
    {.method = "GET",
     .path = "recoveries",
     .name = "listRecoveries",
     .summary = "Who is to be let in again, and waits for a second person, or for the first",
     .answer = list_recoveries,
     .gives = Message::kRecoveries},
    {.method = "POST",
     .path = "recoveries/{id}/approve",
     .name = "approveRecovery",
     .summary = "Approves what somebody else asked for; they get the code",
     .answer = approve_recovery,
     .takes = Message::kReason,
     .gives = Message::kRecovery,
     .has_keys = false},
    {.method = "POST",
     .path = "recoveries/{id}/refuse",
     .name = "refuseRecovery",
     .summary = "Lets nobody in",
     .answer = refuse_recovery,
     .takes = Message::kReason,
     .status = 204,
     .has_keys = false},
    {.method = "POST",
     .path = "recoveries/{id}/code",
     .name = "collectRecovery",
     .summary = "Gives whoever asked the code to enrol with, once it was approved; shown in this "
                "answer alone",
     .answer = collect_recovery,
     .takes = Message::kReason,
     .gives = Message::kInvitation,
     .has_keys = false},
    {.method = "GET",
     .path = "oauth-clients",
     .name = "listOAuthClients",
     .summary = "The programs that get tokens of OAuth; never their secrets",
     .answer = list_clients,
     .gives = Message::kClients},
    {.method = "POST",
     .path = "oauth-clients",
     .name = "createOAuthClient",
     .summary = "Enters a client; a secret is shown in this answer alone",
     .answer = create_client,
     .takes = Message::kNewClient,
     .gives = Message::kClient,
     .status = 201},
    {.method = "GET",
     .path = "oauth-clients/{id}",
     .name = "getOAuthClient",
     .summary = "One of them",
     .answer = read_oauth_client,
     .gives = Message::kClient},
    {.method = "PATCH",
     .path = "oauth-clients/{id}",
     .name = "changeOAuthClient",
     .summary = "Changes what is given, and no more; where it may less then, what was granted ends",
     .answer = change_client,
     .takes = Message::kClientPatch,
     .gives = Message::kClient},
    {.method = "DELETE",
     .path = "oauth-clients/{id}",
     .name = "removeOAuthClient",
     .summary = "Removes it, with all that was granted to it",
     .answer = remove_client,
     .takes = Message::kReason,
     .status = 204},
    {.method = "POST",
     .path = "oauth-clients/{id}/state",
     .name = "setStateOfOAuthClient",
     .summary = "Enables or disables it; what was granted to one that is disabled ends",
     .answer = set_client_state,
     .takes = Message::kClientState,
     .gives = Message::kClient},
    {.method = "POST",
     .path = "oauth-clients/{id}/secret",
     .name = "renewSecretOfOAuthClient",
     .summary = "Gives it one more secret, shown in this answer alone; of three, the oldest goes",
     .answer = renew_client_secret,
     .takes = Message::kClientSecret,
     .gives = Message::kClient},
    {.method = "GET",
     .path = "oauth-client-invitations",
     .name = "listOAuthClientInvitations",
     .summary =
         "What lets programs register as clients of OAuth by themselves, as far as it counts",
     .answer = list_client_invitations,
     .gives = Message::kClientInvitations},
    {.method = "POST",
     .path = "oauth-client-invitations",
     .name = "inviteOAuthClient",
     .summary = "Lets programs register (RFC 7591); the token is shown in this answer alone",
     .answer = invite_client,
     .takes = Message::kNewClientInvitation,
     .gives = Message::kClientInvitation,
     .status = 201},
    {.method = "DELETE",
     .path = "oauth-client-invitations/{id}",
     .name = "takeBackOAuthClientInvitation",
     .summary = "Takes an invitation back; clients that came with it stay",
     .answer = take_back_client_invitation,
     .takes = Message::kReason,
     .status = 204},
    {.method = "GET",
     .path = "{collection}",
     .name = "list",
     .summary = "A page of those for which all conditions hold",
     .answer = list_things,
     .kinds = kAll,
     .gives = Message::kThings,
     .parameters = kOfList,
     .has_filters = true},
    {.method = "POST",
     .path = "{collection}",
     .name = "create",
     .summary = "Enters a new one",
     .answer = create_thing,
     .kinds = kAll,
     .takes = Message::kNewThing,
     .gives = Message::kThing,
     .status = 201},
    {.method = "GET",
     .path = "{collection}/{id}",
     .name = "read",
     .summary = "One of them",
     .answer = read_thing,
     .kinds = kAll,
     .gives = Message::kThing,
     .parameters = kOfThing},
    {.method = "PUT",
     .path = "{collection}/{id}",
     .name = "replace",
     .summary = "Replaces its attributes",
     .answer = replace_thing,
     .kinds = kAll,
     .takes = Message::kReplacement,
     .gives = Message::kThing},
    {.method = "PATCH",
     .path = "{collection}/{id}",
     .name = "change",
     .summary = "Changes some of its attributes (RFC 7396)",
     .answer = patch_thing,
     .kinds = kAll,
     .takes = Message::kPatch,
     .gives = Message::kThing},
    {.method = "DELETE",
     .path = "{collection}/{id}",
     .name = "remove",
     .summary = "Takes away all that is known of it but its id and its identifiers",
     .answer = remove_thing,
     .kinds = kAll,
     .takes = Message::kReason,
     .status = 204},
    {.method = "POST",
     .path = "{collection}/{id}/state",
     .name = "setStateOf",
     .summary = "Has it go on to another state of its life",
     .answer = set_state,
     .kinds = kAll,
     .takes = Message::kNewState,
     .gives = Message::kThing},
    {.method = "POST",
     .path = "{collection}/{id}/merge",
     .name = "merge",
     .summary = "Merges the patient into another one",
     .answer = merge_patient,
     .kinds = {Kind::kPatient},
     .takes = Message::kMerge,
     .gives = Message::kThing},
    {.method = "GET",
     .path = "{collection}/{id}/relations",
     .name = "listRelationsOf",
     .summary = "How it stands to others, at whichever end",
     .answer = relations_of_thing,
     .kinds = kAll,
     .gives = Message::kRelations,
     .parameters = kOfThingsRelations},
    {.method = "GET",
     .path = "{collection}/{id}/versions",
     .name = "listVersionsOf",
     .summary = "Its versions, and how many devices run each",
     .answer = list_versions,
     .kinds = {Kind::kModule},
     .gives = Message::kVersions,
     .parameters = kOfVersions},
    {.method = "GET",
     .path = "{collection}/{id}/devices",
     .name = "listDevicesThatRun",
     .summary = "The devices that run it: one version, all below one, or any",
     .answer = list_running,
     .kinds = {Kind::kModule},
     .gives = Message::kRunning,
     .parameters = kOfRunning},
    {.method = "GET",
     .path = "{collection}/{id}/credentials",
     .name = "listCredentialsOf",
     .summary = "All credentials that it has or had; never their secrets",
     .answer = list_credentials,
     .kinds = kHolders,
     .gives = Message::kCredentials},
    {.method = "POST",
     .path = "{collection}/{id}/credentials",
     .name = "issueCredentialFor",
     .summary = "Gives it a credential; a token is shown in this answer alone",
     .answer = issue_credential,
     .kinds = kHolders,
     .takes = Message::kNewCredential,
     .gives = Message::kIssued,
     .status = 201},
    {.method = "POST",
     .path = "{collection}/{id}/credentials/{part}/revoke",
     .name = "revokeCredentialOf",
     .summary = "Revokes a credential at once",
     .answer = revoke_credential,
     .kinds = kHolders,
     .takes = Message::kReason,
     .gives = Message::kCredential},
    {.method = "POST",
     .path = "{collection}/{id}/credentials/{part}/rotate",
     .name = "rotateCredentialOf",
     .summary = "Puts another one in its place; it may be used for a while yet",
     .answer = rotate_credential,
     .kinds = kHolders,
     .takes = Message::kRotation,
     .gives = Message::kIssued,
     .status = 201},
    {.method = "POST",
     .path = "{collection}/{id}/invitation",
     .name = "invite",
     .summary =
         "Gives somebody who cannot sign in yet a code to enrol with, shown in this answer alone",
     .answer = invite,
     .kinds = {Kind::kPerson},
     .takes = Message::kNewInvitation,
     .gives = Message::kInvitation,
     .status = 201,
     .has_keys = false},
    {.method = "POST",
     .path = "{collection}/{id}/recovery",
     .name = "askRecoveryOf",
     .summary =
         "Asks that somebody be let in again who can sign in no more; the reason is how they "
         "were recognised",
     .answer = ask_recovery,
     .kinds = {Kind::kPerson},
     .takes = Message::kReason,
     .gives = Message::kRecovery,
     .status = 201,
     .has_keys = false},
    {.method = "GET",
     .path = "{collection}/{id}/sessions",
     .name = "listSessionsOf",
     .summary = "Where they are signed in, and what applications have beyond that",
     .answer = list_sessions,
     .kinds = {Kind::kPerson},
     .gives = Message::kSessions},
    {.method = "POST",
     .path = "{collection}/{id}/sessions/{part}/end",
     .name = "endSessionOf",
     .summary = "Ends one of those at once",
     .answer = end_session,
     .kinds = {Kind::kPerson},
     .takes = Message::kReason,
     .gives = Message::kEnded,
     .has_keys = false},
    {.method = "POST",
     .path = "{collection}/{id}/sign-out",
     .name = "signOut",
     .summary = "Ends all of them at once",
     .answer = sign_out,
     .kinds = {Kind::kPerson},
     .takes = Message::kReason,
     .gives = Message::kEnded,
     .has_keys = false},
    {.method = "GET",
     .path = "{collection}/{id}/authenticators",
     .name = "listAuthenticatorsOf",
     .summary = "What they sign in with, now and before; nothing by which it could be used",
     .answer = list_authenticators,
     .kinds = {Kind::kPerson},
     .gives = Message::kAuthenticators},
    {.method = "POST",
     .path = "{collection}/{id}/authenticators/{part}/lost",
     .name = "loseAuthenticatorOf",
     .summary = "Says that they lost it: it counts no more, and what rests on it ends at once",
     .answer = lose_authenticator,
     .kinds = {Kind::kPerson},
     .takes = Message::kReason,
     .gives = Message::kAuthenticator,
     .has_keys = false},
    {.method = "POST",
     .path = "{collection}/{id}/authenticators/{part}/revoke",
     .name = "revokeAuthenticatorOf",
     .summary = "Takes it from them: it counts no more, and what rests on it ends at once",
     .answer = revoke_authenticator,
     .kinds = {Kind::kPerson},
     .takes = Message::kReason,
     .gives = Message::kAuthenticator,
     .has_keys = false},
    {.method = "POST",
     .path = "{collection}/{id}/authenticators/{part}/expiry",
     .name = "limitAuthenticatorOf",
     .summary = "Says until when it is good",
     .answer = limit_authenticator,
     .kinds = {Kind::kPerson},
     .takes = Message::kNewExpiry,
     .gives = Message::kAuthenticator,
     .has_keys = false},
    {.method = "POST",
     .path = "{collection}/{id}/linked-accounts",
     .name = "linkAccount",
     .summary = "Links an account at another's OpenID provider with somebody, who signs in with it",
     .answer = link_account,
     .kinds = {Kind::kPerson},
     .takes = Message::kNewLinkedAccount,
     .gives = Message::kLinkedAccount,
     .status = 201,
     .has_keys = false},
    {.method = "POST",
     .path = "{collection}/{id}/leak",
     .name = "answerLeakOf",
     .summary = "A secret of it leaked: revokes all it has, may issue another, tells what was "
                "done with it",
     .answer = answer_leak,
     .kinds = kHolders,
     .takes = Message::kLeak,
     .gives = Message::kLeakAnswer},
});

bool is_in(std::span<const Parameter> parameters, std::string_view name) {
  return std::ranges::find(parameters, name, &Parameter::name) != parameters.end();
}

}  // namespace

std::span<const Operation> all_operations() {
  static const std::vector<Operation> all = [] {
    std::vector<Operation> joined(kOperations.begin(), kOperations.end());
    std::ranges::copy(policy_operations(), std::back_inserter(joined));
    return joined;
  }();
  return all;
}

std::span<const Parameter> parameters_of_changes() { return kOfChange; }

bool Operation::knows(std::string_view parameter) const {
  return is_in(parameters, parameter) || (is_change() && is_in(kOfChange, parameter));
}

}  // namespace wardlock::admin
