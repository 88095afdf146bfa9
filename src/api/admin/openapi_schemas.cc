#include "api/admin/openapi_schemas.h"

#include <fmt/format.h>

#include "api/admin/openapi_clients.h"
#include "api/admin/openapi_policies.h"
#include "api/admin/openapi_sign_ins.h"
#include "api/admin/openapi_told.h"
#include "directory/model/relation.h"

namespace wardlock::admin {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;
using directory::Attribute;
using directory::Type;

Json reference(std::string_view name) {
  return object{{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

Json typed(std::string_view type, std::string_view about = {}) {
  object out{{"type", type}};
  if (!about.empty()) out["description"] = about;
  return out;
}
Json text(std::string_view about = {}) { return typed("string", about); }
Json time(std::string_view about = {}) {
  Json out = text(about);
  out.as_object()["format"] = "date-time";
  return out;
}
Json id(std::string_view about = {}) {
  Json out = text(about);
  out.as_object()["format"] = "uuid";
  return out;
}
Json list_of(Json item, std::string_view about = {}) {
  Json out = typed("array", about);
  out.as_object()["items"] = std::move(item);
  return out;
}

Json one_of(std::span<const std::string_view> words) {
  array values;
  for (const std::string_view word : words) values.emplace_back(word);
  return object{{"type", "string"}, {"enum", std::move(values)}};
}

/// An object of exactly these members.
Json closed(object properties, std::initializer_list<std::string_view> required = {}) {
  object out{{"type", "object"}};
  if (required.size() > 0) {
    array names;
    for (const std::string_view name : required) names.emplace_back(name);
    out["required"] = std::move(names);
  }
  out["properties"] = std::move(properties);
  out["additionalProperties"] = false;
  return out;
}

Json reason() {
  Json out = text("Why, in words; goes on record");
  out.as_object()["type"] = array{"string", "null"};
  out.as_object()["maxLength"] = 4096;
  out.as_object()["pattern"] = "^[^\\u0000]*$";
  return out;
}

Json of_attributes(std::span<const Attribute> attributes);

Json of_value(const Attribute& attribute) {
  switch (attribute.type) {
    case Type::kText:
      if (!attribute.choices.is_empty()) return one_of(attribute.choices.all());
      return object{{"type", "string"}, {"minLength", 1}, {"maxLength", most_of(attribute)}};
    case Type::kInteger:
      return object{{"type", "integer"}, {"minimum", 0}, {"maximum", most_of(attribute)}};
    case Type::kBoolean: return typed("boolean");
    case Type::kTime: return time();
    case Type::kReference: return id();
    case Type::kIdentifier: return object{{"type", "string"}, {"minLength", 1}};
    case Type::kComplex: return of_attributes(attribute.parts);
  }
  return object{};
}

std::string about(const Attribute& attribute) {
  std::string out(attribute.about);
  for (const auto& [is_so, word] : {std::pair{attribute.is_unique, "unique for ever"},
                                    std::pair{attribute.is_immutable, "stays as first given"},
                                    std::pair{attribute.is_searchable, "searchable"},
                                    std::pair{attribute.is_sensitive, "sensitive"}}) {
    if (is_so) out += fmt::format("; {}", word);
  }
  return out;
}

Json of_attribute(const Attribute& attribute) {
  Json out = of_value(attribute);
  if (attribute.is_list) {
    out = list_of(std::move(out));
    out.as_object()["maxItems"] = directory::kMaxItems;
  }
  out.as_object()["description"] = about(attribute);
  if (attribute.is_read_only) out.as_object()["readOnly"] = true;
  return out;
}

Json of_attributes(std::span<const Attribute> attributes) {
  object properties;
  array required;
  for (const Attribute& attribute : attributes) {
    properties[attribute.name] = of_attribute(attribute);
    if (attribute.is_required) required.emplace_back(attribute.name);
  }
  Json out = closed(std::move(properties));
  if (!required.empty()) out.as_object()["required"] = std::move(required);
  return out;
}

Json state_of(const directory::Schema& schema) {
  std::vector<std::string_view> names;
  for (const directory::State& state : schema.states) names.push_back(state.name);
  return one_of(names);
}

/// What is said of every thing.
object frame_of(const directory::Schema& schema) {
  return {{"id", id()},
          {"kind", object{{"type", "string"}, {"const", schema.name}}},
          {"state", state_of(schema)},
          {"version", typed("integer", "Counts its changes; also its `ETag`")},
          {"createdAt", time()},
          {"changedAt", time()}};
}

std::string named(const directory::Schema& schema, std::string_view what) {
  return type_name(schema.name) + std::string(what);
}

void add_kind(const directory::Schema& schema, object& out) {
  out[named(schema, "Attributes")] = of_attributes(schema.attributes);
  const Json attributes = reference(named(schema, "Attributes"));
  object thing = frame_of(schema);
  thing["attributes"] = attributes;
  Json whole =
      closed(thing, {"id", "kind", "state", "version", "createdAt", "changedAt", "attributes"});
  whole.as_object()["description"] = schema.about;
  out[named(schema, "")] = std::move(whole);
  out[named(schema, "Page")] =
      closed({{"items", list_of(reference(named(schema, "")))},
              {"next", text("The `cursor` of the page after it; absent: it is the last")},
              {"total", typed("integer", "How many there are, where it was asked for")}},
             {"items"});
  out["New" + named(schema, "")] = closed({{"kind", object{{"const", schema.name}}},
                                           {"state", one_of(schema.first.all())},
                                           {"attributes", attributes},
                                           {"reason", reason()}},
                                          {"attributes"});
  thing["reason"] = reason();
  out[named(schema, "Replacement")] = closed(thing, {"attributes"});
  out[named(schema, "NewState")] =
      closed({{"state", state_of(schema)}, {"reason", reason()}}, {"state"});
}

Json actor() {
  return closed({{"type", text("As policies have it, e.g. `User`")}, {"id", text()}},
                {"type", "id"});
}

Json relation_kind() {
  std::vector<std::string_view> names;
  for (const auto& schema : directory::all_relations()) names.push_back(schema.name);
  return one_of(names);
}

object relation_frame() {
  return {{"kind", relation_kind()},
          {"subject", id("What stands so")},
          {"object", id("To what it does")},
          {"scope", id("Where it counts; absent: everywhere")},
          {"from", time("From when on it counts")},
          {"until", time("Until when; absent: until it is ended")},
          {"attributes", object{{"type", "object"}}}};
}

void add_relations(object& out) {
  object relation = relation_frame();
  object wanted = relation;
  relation["id"] = id();
  relation["madeBy"] = actor();
  relation["reason"] = text();
  out["Relation"] = closed(std::move(relation),
                           {"id", "kind", "subject", "object", "from", "attributes", "madeBy"});
  wanted["reason"] = reason();
  out["NewRelation"] = closed(std::move(wanted), {"kind", "subject", "object"});
  out["Relations"] =
      closed({{"items", list_of(reference("Relation"))},
              {"withheld", typed("integer", "So many more, of things that may not be read")}},
             {"items", "withheld"});
}

object wanted_credential() {
  Json fingerprint = text("Of a certificate");
  fingerprint.as_object()["pattern"] = "^sha256:[0-9a-f]{64}$";
  return {{"form", one_of(std::array<std::string_view, 2>{"token", "certificate"})},
          {"fingerprint", std::move(fingerprint)},
          {"label", text("Which of them it is, for people")},
          {"expiresAt", time()},
          {"reason", reason()}};
}

void add_credentials(object& out) {
  constexpr std::array<std::string_view, 3> kStates = {"good", "expired", "revoked"};
  constexpr std::array<std::string_view, 2> kForms = {"token", "certificate"};
  out["Credential"] = closed({{"id", id()},
                              {"thing", id("Whose it is")},
                              {"form", one_of(kForms)},
                              {"label", text()},
                              {"state", one_of(kStates)},
                              {"issuedAt", time()},
                              {"expiresAt", time()},
                              {"revokedAt", time()},
                              {"lastUsedAt", time("Roughly")},
                              {"fingerprint", text()},
                              {"issuedBy", actor()},
                              {"reason", text()}},
                             {"id", "thing", "form", "state", "issuedAt", "expiresAt", "issuedBy"});
  out["Credentials"] = closed({{"items", list_of(reference("Credential"))}}, {"items"});
  out["NewCredential"] = closed(wanted_credential());
  object rotation = wanted_credential();
  rotation["overlapSeconds"] = object{
      {"type", "integer"},
      {"minimum", 0},
      {"maximum", 2'592'000},
      {"description", "How long the one before may be used yet; 0: not at all; usually an hour"}};
  out["Rotation"] = closed(std::move(rotation));
  out["IssuedCredential"] = closed({{"credential", reference("Credential")},
                                    {"token", text("Shown here, once, and kept nowhere")},
                                    {"replaced", reference("Credential")}},
                                   {"credential"});
  out["NewInvitation"] =
      closed({{"expiresAt", time("When the code is no longer good; usually in a day")},
              {"reason", reason()}});
  out["Invitation"] = closed(
      {{"token", text("To be typed at `/account/enrol`; shown here, once")}, {"expiresAt", time()}},
      {"token", "expiresAt"});
  out["NewLinkedAccount"] =
      closed({{"issuer", text("Of one of `authentication.providers`, to the letter")},
              {"subject", text("Whom it calls so (`sub`); never an e-mail address")},
              {"label", text()},
              {"reason", reason()}},
             {"issuer", "subject"});
  out["LinkedAccount"] =
      closed({{"id", text()}, {"label", text()}, {"madeAt", time()}}, {"id", "label", "madeAt"});
  out["Leak"] = closed({{"issue", typed("boolean", "Issues another token, too")},
                        {"label", text()},
                        {"expiresAt", time()},
                        {"since", time("What was done from then on is told; absent: since the "
                                       "oldest of its credentials was issued")},
                        {"reason", reason()}});
  out["LeakAnswer"] = closed(
      {{"since", time()},
       {"revoked", typed("integer", "So many credentials")},
       {"signedOut", typed("integer", "So many sessions of a person, which ended")},
       {"issued", reference("IssuedCredential")},
       {"touched",
        closed(
            {{"since", time()},
             {"relations", list_of(reference("Relation"), "That it made, and that stand")},
             {"credentials", list_of(reference("Credential"), "That it issued, and that are good")},
             {"records", list_of(object{{"type", "object"}},
                                 "Of the audit log: what it did or tried, latest first")},
             {"areAllRecords", typed("boolean")},
             {"withheld", text("Why nothing is told")},
             {"error", text("Why it could not be told; revoked it is")}})}},
      {"since", "revoked", "touched"});
}

/// docs/formats/directory-import.md says what is in the items.
void add_inventory(object& out) {
  const Json item = object{{"type", "object"},
                           {"description",
                            "A thing (`kind`, `id`, `state`, `attributes`) or a "
                            "relation (`relation`, `subject`, `object`, …), with "
                            "keys in the place of ids"}};
  out["ImportPart"] = closed(
      {{"entries", list_of(item, "At most 500, in the order in which they need each other")},
       {"before", list_of(item, "For a dry run: what the entries speak of and was not imported")},
       {"reason", reason()}},
      {"entries"});
  const Json difference = closed({{"path", text()}, {"before", object()}, {"after", object()}},
                                 {"path", "before", "after"});
  const Json fault = closed({{"path", text()}, {"message", text()}}, {"path", "message"});
  const Json outcome = closed({{"effect", text("`created`, `changed`, `same`, `ended`, `refused`")},
                               {"id", id()},
                               {"changes", list_of(difference)},
                               {"faults", list_of(fault, "Why it was refused")}},
                              {"effect"});
  out["ImportOutcome"] = closed({{"outcomes", list_of(outcome, "Of each, in their order")},
                                 {"refused", typed("boolean", "At least one was refused")},
                                 {"revision", typed("integer", "From which on decisions see it")}},
                                {"outcomes", "refused"});
  out["Bill"] = object{
      {"type", "object"},
      {"description", "CycloneDX (ECMA-424), https://cyclonedx.org/docs/1.6/json"},
      {"required", array{"bomFormat", "specVersion"}},
      {"properties",
       object{{"bomFormat", object{{"type", "string"}, {"const", "CycloneDX"}}},
              {"specVersion", one_of(std::array<std::string_view, 3>{"1.4", "1.5", "1.6"})}}}};
  const Json line = closed({{"line", typed("integer", "Where it is in the bill")},
                            {"what", text("The kind or relation")},
                            {"effect", text("`created`, `changed`, `ended`, `refused`")},
                            {"id", id()},
                            {"changes", list_of(difference)},
                            {"faults", list_of(fault)}},
                           {"line", "what", "effect"});
  out["BillOutcome"] = closed({{"lines", list_of(line, "What is other than before")},
                               {"refused", typed("boolean",
                                                 "At least one was, and nothing is "
                                                 "changed")},
                               {"revision", typed("integer", "From which on decisions see it")}},
                              {"lines", "refused"});
  out["ExportPart"] =
      closed({{"items", list_of(item, "Of one kind")},
              {"next", text("The `cursor` of the next page; absent: this is the last")},
              {"revision", typed("integer", "What changed later may be in it or not")},
              {"since", typed("integer")},
              {"isLast", typed("boolean", "There is nothing after the revision")},
              {"things", list_of(item, "Other than at `since`, as they are now")},
              {"relations", list_of(item, "Those that ended have an `until`")},
              {"removed", list_of(id(), "Things that are there no more")}},
             {"revision"});
  out["Registrations"] = closed({{"devices", list_of(object{{"type", "object"},
                                                            {"description",
                                                             "Attributes of a device, with `uuid`; "
                                                             "`runs`: keys of module versions"}},
                                                     "At most 100")},
                                 {"reason", reason()}},
                                {"devices"});
}

/// docs/lifecycle.md says which kinds there are.
void add_review(object& out) {
  out["FoundThing"] =
      closed({{"id", id()}, {"kind", text()}, {"state", text()}, {"name", text()}}, {"id"});
  out["Finding"] =
      closed({{"kind", text("Of finding, e.g. `dormant`")},
              {"thing", reference("FoundThing")},
              {"other", reference("FoundThing")},
              {"credential", id("Of its credential that is meant")},
              {"relation", id("Of its relation that is meant")},
              {"at", time("When it ended, was used last, is due: `moment` says which")},
              {"moment", text()},
              {"why", text()},
              {"todo", text("What to do about it")}},
             {"kind", "thing", "at", "moment", "why", "todo"});
  const Json count = closed({{"kind", text()}, {"count", typed("integer")}}, {"kind", "count"});
  out["Review"] =
      closed({{"items", list_of(reference("Finding"), "By kind, then by id")},
              {"next", text("The `cursor` of the next page; absent: this is the last")},
              {"counts", list_of(count, "With `total`: how many there are of each kind")},
              {"withheld", list_of(text(), "Kinds of findings that you may not see, or not all")}},
             {"items", "withheld"});
}

void add_running(object& out) {
  const Json next = text("The `cursor` of the page after it; absent: it is the last");
  const Json version =
      closed({{"id", id()},
              {"version", text()},
              {"state", state_of(directory::schema_of(directory::Kind::kModuleVersion))},
              {"inService", typed("integer", "So many devices in service run it")},
              {"devices", typed("integer", "So many in whatever state")}},
             {"id", "version", "state", "inService", "devices"});
  out["Versions"] =
      closed({{"items", list_of(version, "By their text")}, {"next", next}}, {"items"});
  const Json running =
      closed({{"version", text()}, {"versionId", id()}, {"device", reference("Device")}},
             {"version", "versionId", "device"});
  out["Running"] = closed(
      {{"items", list_of(running, "A device that runs two of the versions is there twice")},
       {"next", next},
       {"notCompared", list_of(text(),
                               "Versions of which nobody can say whether they are below the one "
                               "that is named: devices that run these are not in the list")}},
      {"items", "notCompared"});
}

void add_others(object& out) {
  out["AnyThing"] = [] {
    array kinds;
    for (const auto* schema : directory::all_schemas()) {
      kinds.push_back(reference(type_name(schema->name)));
    }
    return object{{"oneOf", std::move(kinds)}};
  }();
  const Json uid = closed({{"type", text()}, {"id", text()}}, {"type", "id"});
  out["Entity"] =
      closed({{"id", id()},
              {"kind", text()},
              {"entity", closed({{"uid", uid},
                                 {"attrs", object{{"type", "object"}}},
                                 {"parents", list_of(uid)},
                                 {"tags", object{{"type", "object"}}}},
                                {"uid", "attrs", "parents"})},
              {"hidden", text("Why policies do not see it; `entity` is not there then")}},
             {"id", "kind"});
  out["Patch"] = closed(
      {{"attributes", typed("object", "A JSON merge patch (RFC 7396)")}, {"reason", reason()}});
  out["Merge"] = closed(
      {{"into", id("The patient that it turned out to be")}, {"reason", reason()}}, {"into"});
  out["Reason"] = closed({{"reason", reason()}});
  out["Identity"] = closed({{"tenant", text()},
                            {"type", text()},
                            {"id", text()},
                            {"thing", reference("AnyThing")},
                            {"roles", list_of(text(), "Of Wardlock's own administration")},
                            {"signIn", reference("SignIn")}},
                           {"tenant", "type", "id"});
  const Json change = closed(
      {{"revision", typed("integer")},
       {"at", time()},
       {"what", text("`created`, `changed`, `removed`, `related`, `ended`")},
       {"kind", text("Of a thing or a relation, or `credential`")},
       {"id", id()},
       {"after", object{{"type", array{"object", "null"}}, {"description", "What it is since"}}}},
      {"revision", "at", "what", "kind", "id", "after"});
  out["Changes"] = closed({{"changes", list_of(change)},
                           {"next", typed("integer", "What to ask `after` next")},
                           {"isLast", typed("boolean", "There was no more then")}},
                          {"changes", "next", "isLast"});
  out["AdminProblem"] = object{
      {"type", "object"},
      {"description", "RFC 9457"},
      {"required", array{"type", "title", "status", "detail"}},
      {"properties",
       object{{"type", text()},
              {"title", text()},
              {"status", typed("integer")},
              {"detail", text("What is wrong, and what to do next")},
              {"errors", list_of(closed(
                             {{"pointer", text("Into the body (RFC 6901 §6)")}, {"detail", text()}},
                             {"pointer", "detail"}))}}}};
}

}  // namespace

std::string type_name(std::string_view kind) {
  std::string name(kind);
  if (!name.empty() && name.front() >= 'a' && name.front() <= 'z') {
    name.front() = static_cast<char>(name.front() - 'a' + 'A');
  }
  return name;
}

Json schema_of_message(Message message, const directory::Schema* schema) {
  const auto of_kind = [schema](std::string_view before, std::string_view behind) {
    return reference(
        fmt::format("{}{}{}", before, schema == nullptr ? "" : type_name(schema->name), behind));
  };
  switch (message) {
    case Message::kNone: return nullptr;
    case Message::kThing: return of_kind("", "");
    case Message::kThings: return of_kind("", "Page");
    case Message::kAnyThing: return reference("AnyThing");
    case Message::kNewThing: return of_kind("New", "");
    case Message::kReplacement: return of_kind("", "Replacement");
    case Message::kPatch: return reference("Patch");
    case Message::kNewState: return of_kind("", "NewState");
    case Message::kMerge: return reference("Merge");
    case Message::kReason: return reference("Reason");
    case Message::kRelation: return reference("Relation");
    case Message::kRelations: return reference("Relations");
    case Message::kNewRelation: return reference("NewRelation");
    case Message::kCredential: return reference("Credential");
    case Message::kCredentials: return reference("Credentials");
    case Message::kNewCredential: return reference("NewCredential");
    case Message::kIssued: return reference("IssuedCredential");
    case Message::kRotation: return reference("Rotation");
    case Message::kLeak: return reference("Leak");
    case Message::kLeakAnswer: return reference("LeakAnswer");
    case Message::kIdentity: return reference("Identity");
    case Message::kChanges: return reference("Changes");
    case Message::kBatch: return reference("ImportPart");
    case Message::kBatchOutcome: return reference("ImportOutcome");
    case Message::kExport: return reference("ExportPart");
    case Message::kRegistrations: return reference("Registrations");
    case Message::kReview: return reference("Review");
    case Message::kEntity: return reference("Entity");
    case Message::kToldValues: return reference("ToldValues");
    case Message::kToldOutcome: return reference("ToldOutcome");
    case Message::kSources: return reference("Sources");
    case Message::kTold: return reference("Told");
    case Message::kBill: return reference("Bill");
    case Message::kBillOutcome: return reference("BillOutcome");
    case Message::kVersions: return reference("Versions");
    case Message::kRunning: return reference("Running");
    case Message::kNewInvitation: return reference("NewInvitation");
    case Message::kInvitation: return reference("Invitation");
    case Message::kSessions: return reference("Sessions");
    case Message::kEnded: return reference("EndedSessions");
    case Message::kAuthenticator: return reference("Authenticator");
    case Message::kAuthenticators: return reference("Authenticators");
    case Message::kNewExpiry: return reference("NewExpiry");
    case Message::kRecovery: return reference("Recovery");
    case Message::kRecoveries: return reference("Recoveries");
    case Message::kNewLinkedAccount: return reference("NewLinkedAccount");
    case Message::kLinkedAccount: return reference("LinkedAccount");
    case Message::kClient: return reference("OAuthClient");
    case Message::kClients: return reference("OAuthClients");
    case Message::kNewClient: return reference("NewOAuthClient");
    case Message::kClientPatch: return reference("OAuthClientPatch");
    case Message::kClientState: return reference("OAuthClientState");
    case Message::kClientSecret: return reference("OAuthClientSecret");
    case Message::kNewClientInvitation: return reference("NewOAuthClientInvitation");
    case Message::kClientInvitation: return reference("OAuthClientInvitation");
    case Message::kClientInvitations: return reference("OAuthClientInvitations");
    case Message::kPolicies: return reference("Policies");
    case Message::kActivations: return reference("Activations");
    case Message::kActivation: return reference("Activation");
    case Message::kPolicyDrafts: return reference("PolicyDrafts");
    case Message::kPolicyDraft: return reference("PolicyDraft");
    case Message::kPolicyDraftView: return reference("PolicyDraftView");
    case Message::kNewPolicyDraft: return reference("NewPolicyDraft");
    case Message::kWrittenPolicyDraft: return reference("WrittenPolicyDraft");
    case Message::kPolicyContent: return reference("PolicyContent");
    case Message::kDraftEdition: return reference("DraftEdition");
    case Message::kNewPolicySignature: return reference("NewPolicySignature");
    case Message::kApprovalStanding: return reference("ApprovalStanding");
    case Message::kActivationWish: return reference("ActivationWish");
    case Message::kPolicyBundle: return object{{"type", "string"}, {"format", "binary"}};
    case Message::kContentDiff: return reference("ContentDiff");
    case Message::kDecisionDiff: return object{{"type", "object"}};
    case Message::kRecordedPeriod: return reference("RecordedPeriod");
    case Message::kRecordedComparison: return reference("RecordedComparison");
    case Message::kNewShadow: return reference("NewPolicyShadow");
    case Message::kShadow: return reference("PolicyShadow");
    case Message::kShadows: return reference("PolicyShadows");
    case Message::kShadowView: return reference("PolicyShadowView");
    case Message::kNewCanary: return reference("NewPolicyCanary");
    case Message::kCanary: return reference("PolicyCanary");
    case Message::kCanaries: return reference("PolicyCanaries");
    case Message::kCanaryView: return reference("PolicyCanaryView");
    case Message::kNodeReport: return reference("PolicyNodeReport");
    case Message::kPolicyNode: return reference("PolicyNode");
    case Message::kPolicyNodes: return reference("PolicyNodes");
    case Message::kDescription: return object{{"type", "object"}};
  }
  return nullptr;
}

object all_message_schemas() {
  object out;
  for (const directory::Schema* schema : directory::all_schemas()) add_kind(*schema, out);
  add_relations(out);
  add_credentials(out);
  add_inventory(out);
  add_review(out);
  add_running(out);
  add_client_schemas(out);
  add_sign_in_schemas(out);
  add_told_schemas(out);
  add_policy_schemas(out);
  add_others(out);
  return out;
}

}  // namespace wardlock::admin
