#include "api/admin/openapi_policies.h"

#include <string_view>
#include <utility>

#include "administration/approval_rule.h"
#include "codec/json.h"
#include "pap/policy_node.h"

namespace wardlock::admin {
namespace {

using boost::json::array;
using boost::json::object;

object typed(std::string_view type, std::string_view about) {
  return {{"type", type}, {"description", about}};
}
object text(std::string_view about) { return typed("string", about); }
object number(std::string_view about) { return typed("integer", about); }
object time(std::string_view about) {
  object out = text(about);
  out["format"] = "date-time";
  return out;
}
object words(array all, std::string_view about) {
  object out = text(about);
  out["enum"] = std::move(all);
  return out;
}
object list_of(object items, std::string_view about = {}) {
  object out{{"type", "array"}, {"items", std::move(items)}};
  if (!about.empty()) out["description"] = about;
  return out;
}
object reference(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}
object closed(object properties, array required) {
  return {{"type", "object"},
          {"required", std::move(required)},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}
object page_of(std::string_view name, object next) {
  return closed({{"items", list_of(reference(name))}, {"next", std::move(next)}}, {"items"});
}
object reason() { return text("Why, in words; goes on record"); }

object meaning() {
  const auto& all = administration::kApprovals;
  return words(array(all.begin(), all.end()), "Which approval it gives");
}

object file() {
  return closed({{"name", text("As a bundle of policies has it, e.g. `ward.cedar`")},
                 {"text", text("What is in it")}},
                {"name", "text"});
}

object draft_members() {
  return {{"id", text("Of the draft")},
          {"environment", text("Where it is to be in force")},
          {"author", text("Who began it: an id of the directory")},
          {"title", text("For people")},
          {"base", text("The content in force when it was last written; empty: there was none")},
          {"content", text("What its content is named by: its hash")},
          {"edition", number("One more with each change")},
          {"state",
           words({"open", "in_review", "rejected", "withdrawn", "activated"}, "Where it stands")},
          {"madeAt", time("When it was begun")},
          {"changedAt", time("When it was changed last")}};
}
array draft_names() {
  return {"id",      "environment", "author", "title",  "base",
          "content", "edition",     "state",  "madeAt", "changedAt"};
}

object check() {
  return closed({{"name", text("Which check")},
                 {"outcome", words({"passed", "failed", "undecided"}, "How it ended")},
                 {"required", typed("boolean", "It must be passed before anybody reviews it")},
                 {"at", time("When")},
                 {"report", typed("object",
                                  "What it found: `summary`, one line; `message`, where there is "
                                  "more to say; and what is the check's own")}},
                {"name", "outcome", "required", "at"});
}
object signature() {
  return closed({{"person", text("Whose: an id of the directory")},
                 {"name", text("Their name as it was then")},
                 {"meaning", text("Which approval it gives")},
                 {"comment", text("What they said")},
                 {"content", text("What was signed")},
                 {"level", number("How surely they had signed in")},
                 {"methods", list_of(text("RFC 8176"))},
                 {"authenticatedAt", time("When they last showed who they are")},
                 {"signedAt", time("When they signed")}},
                {"person", "name", "meaning", "content", "signedAt"});
}
object step() {
  return closed({{"step", text("What was done")},
                 {"person", text("By whom")},
                 {"content", text("The draft's after it")},
                 {"reason", text("Why")},
                 {"at", time("When")}},
                {"step", "person", "content", "at"});
}
object standing_members() {
  object approval = closed({{"meaning", text("Which approval")},
                            {"people", number("Of how many people")},
                            {"why", text("Why it is needed")},
                            {"given", list_of(text("Who gave it, of those who count"))}},
                           {"meaning", "people", "why", "given"});
  return {{"approved", typed("boolean", "All approvals are there")},
          {"missing", text("Those that are not; empty: none is")},
          {"approvals", list_of(std::move(approval))}};
}

object view() {
  object members = draft_members();
  members["writers"] = list_of(text("Who wrote any of it"));
  members["checks"] = list_of(check());
  members["signatures"] = list_of(signature());
  members["steps"] = list_of(step());
  for (auto& each : standing_members()) members[each.key()] = std::move(each.value());
  array names = draft_names();
  for (const char* name : {"writers", "checks", "signatures", "steps", "approved", "approvals"}) {
    names.emplace_back(name);
  }
  return closed(std::move(members), std::move(names));
}

object activation() {
  return closed(
      {{"environment", text("Where")},
       {"serial", number("Each higher than the last")},
       {"content", text("What came into force")},
       {"draft", text("What it came of; absent: of none")},
       {"cause", text("`approved`, `single_handed`, `emergency`, `rollback`, `renewal` …")},
       {"person", text("By whom")},
       {"reason", text("Why")},
       {"madeAt", time("When it was said")},
       {"startsAt", time("From when on")},
       {"expiresAt", time("Until when, unless it is renewed")},
       {"approveBy", time("Of an emergency: when it must have been approved")}},
      {"environment", "serial", "content", "cause", "person", "madeAt", "startsAt", "expiresAt"});
}

object shadow_members() {
  return {{"environment", text("Where")},
          {"number", number("From 1, of its environment")},
          {"draft", text("Which is tried")},
          {"content", text("What it had when it began")},
          {"mostDifferences", number("So many decisions may differ before it stops by itself …")},
          {"mostPermille", number("… and so many of 1000 that were compared: both are exceeded")},
          {"person", text("Who began it")},
          {"reason", text("Why")},
          {"madeAt", time("When it began")},
          {"end", words({"running", "stopped", "limit", "replaced", "in_force"}, "How it ended")},
          {"endedBy", text("By whom")},
          {"endedAt", time("When")}};
}
array shadow_names() {
  return {"environment",  "number", "draft",  "content", "mostDifferences",
          "mostPermille", "person", "madeAt", "end"};
}

object canary_part() {
  return {{"locations",
           list_of(text("A place as policies write it, `Ward::\"3\"`: what is about it, or about "
                        "what is in it, counts"))},
          {"peps", list_of(text("An enforcement point: what it asks counts"))},
          {"actions", list_of(text("An action of the class `safety` or `therapy` that counts, too; "
                                   "others of these do not"))}};
}
object canary_members() {
  object members = shadow_members();
  for (auto& member : canary_part()) members[member.key()] = std::move(member.value());
  members["serial"] = number("Of the bundle: of the row of activations");
  members["beside"] = text("The content that decides all else");
  members["cause"] = words({"approved", "single_handed"}, "On whose word");
  members["endsAt"] = time("When it ends by itself");
  members["end"] =
      words({"running", "stopped", "limit", "replaced", "in_force", "superseded", "expired"},
            "How it ended");
  return members;
}
array canary_names() {
  array names = shadow_names();
  for (const char* name : {"serial", "beside", "locations", "peps", "actions", "cause", "endsAt"}) {
    names.emplace_back(name);
  }
  return names;
}
object new_canary() {
  object members = canary_part();
  members["endsAt"] = time("When it ends by itself, within 30 days; absent: in 24 hours");
  members["singleHanded"] = typed("boolean", "Nobody else could approve it");
  members["mostDifferences"] = number("It stops by itself where more decisions differ …");
  members["mostPermille"] = number("… and more of 1000; both absent: it goes on");
  members["reason"] = reason();
  return closed(std::move(members), {});
}

object shadow_count() {
  object kind = closed({{"who", text("The groups that whoever asked is in, or their type")},
                        {"action", text("Its id")},
                        {"resourceType", text("What it was to be done to")},
                        {"gains", typed("boolean", "Denied, and it would have been allowed")},
                        {"count", number("How often")},
                        {"decisionId", text("One of them, as the audit log has it")},
                        {"policies", list_of(text("By which that was decided"))},
                        {"cause", text("Why it would have been decided otherwise")}},
                       {"who", "action", "resourceType", "gains", "count"});
  return closed({{"compared", number("Decisions")},
                 {"skipped", number("Too many at once, or over data that had just changed")},
                 {"gained", number("Denied, and would have been allowed")},
                 {"lost", number("Allowed, and would have been denied")},
                 {"differences", list_of(std::move(kind), "By kind, the most frequent first")}},
                {"compared", "skipped", "gained", "lost", "differences"});
}

object view_of(object members, array names) {
  members["total"] = shadow_count();
  members["nodes"] = list_of(closed({{"node", text("Its name")},
                                     {"compared", number("Decisions")},
                                     {"skipped", number("Left out")},
                                     {"gained", number("By it alone")},
                                     {"lost", number("By it alone")},
                                     {"at", time("When it said so")}},
                                    {"node", "compared", "skipped", "gained", "lost", "at"}));
  names.emplace_back("total");
  names.emplace_back("nodes");
  return closed(std::move(members), std::move(names));
}

object node_standing() {
  array all;
  for (const pap::NodeStanding each : pap::kAllNodeStandings) all.emplace_back(to_string(each));
  return words(std::move(all), "How what it runs stands to what is in force");
}

object node() {
  return closed({{"node", text("Its name; of a device or service its id")},
                 {"kind", words({"server", "reporter"}, "Whether it shares the database")},
                 {"label", text("For people")},
                 {"standing", node_standing()},
                 {"serial", number("Of the bundle; absent: it runs none")},
                 {"content", text("Of the bundle")},
                 {"schema", text("What its schema is named by")},
                 {"outcomes", text("What the bundle's tests come to there")},
                 {"refused", text("Why it does not take what is in force")},
                 {"since", time("It has run that content")},
                 {"seen", time("It said so last")}},
                {"node", "kind", "standing", "since", "seen"});
}

object nodes() {
  object counts{{"type", "object"},
                {"description", "How many stand how"},
                {"additionalProperties", object{{"type", "integer"}}}};
  return closed({{"environment", text("Where")},
                 {"inForce", reference("Activation")},
                 {"counts", std::move(counts)},
                 {"items", list_of(reference("PolicyNode"))},
                 {"next", text("The cursor of the next page")}},
                {"environment", "counts", "items"});
}

object node_report() {
  return closed({{"serial", number("Of the bundle; absent: it runs none")},
                 {"content", text("Of the bundle, `sha256:…`; absent: it runs none")},
                 {"schema", text("As `wardlock policy report` tells it")},
                 {"outcomes", text("As `wardlock policy report` tells it")},
                 {"refused", text("Why it does not take what it was given")},
                 {"reason", reason()}},
                {});
}

object policies() {
  object item = closed({{"environment", text("Its name")},
                        {"inForce", reference("Activation")},
                        {"overdue", typed("boolean",
                                          "It came in an emergency, and nobody has "
                                          "approved it in time")},
                        {"toCome", reference("Activation")},
                        {"shadow", reference("PolicyShadow")},
                        {"canary", reference("PolicyCanary")}},
                       {"environment"});
  return closed({{"items", list_of(std::move(item))}}, {"items"});
}

object content_diff() {
  return closed({{"same", typed("boolean", "Nothing differs")},
                 {"content_before", text("Empty: there was none")},
                 {"content_after", text("The draft's")},
                 {"files", list_of(typed("object", "`kind` and `name`"))},
                 {"policies", typed("object", "By id, part by part")},
                 {"schema", typed("object", "By declaration")}},
                {"same", "content_before", "content_after", "files", "policies", "schema"});
}

}  // namespace

void add_policy_schemas(object& out) {
  out["Policies"] = policies();
  out["Activation"] = activation();
  out["Activations"] = page_of("Activation", number("For `before`, for the next page"));
  out["PolicyDraft"] = closed(draft_members(), draft_names());
  out["PolicyDrafts"] = page_of("PolicyDraft", text("The cursor of the next page"));
  out["PolicyDraftView"] = view();
  out["NewPolicyDraft"] = closed({{"title", text("For people, on one line")},
                                  {"files", list_of(file())},
                                  {"reason", reason()}},
                                 {"title", "files"});
  out["WrittenPolicyDraft"] = closed({{"edition", number("The one that was looked at")},
                                      {"files", list_of(file())},
                                      {"reason", reason()}},
                                     {"edition", "files"});
  out["PolicyContent"] =
      closed({{"content", text("Its hash")}, {"files", list_of(file())}}, {"content", "files"});
  out["DraftEdition"] = closed(
      {{"edition", number("The one that was looked at")}, {"reason", reason()}}, {"edition"});
  out["NewPolicySignature"] = closed({{"meaning", meaning()},
                                      {"content", text("The draft's as it was looked at")},
                                      {"comment", text("For whoever reads it later")},
                                      {"reason", reason()}},
                                     {"meaning", "content"});
  out["ApprovalStanding"] = closed(standing_members(), {"approved", "missing", "approvals"});
  out["ActivationWish"] =
      closed({{"at", time("When; absent: now")},
              {"singleHanded", typed("boolean", "Nobody else could approve it")},
              {"reason", reason()}},
             {});
  out["ContentDiff"] = content_diff();
  out["RecordedPeriod"] = closed({{"from", time("Decisions from then on; absent: from the first")},
                                  {"until", time("Decisions before then; absent: to the last")},
                                  {"reason", reason()}},
                                 {});
  out["RecordedComparison"] =
      closed({{"id", text("Its id")},
              {"draft", text("Of which draft")},
              {"state", words({"waiting", "running", "done", "failed"}, "How far it is")},
              {"done", number("Records that were looked at")},
              {"all", number("Of so many")},
              {"from", time("Of decisions from then on")},
              {"until", time("Of decisions before then")},
              {"fault", text("Why it failed")}},
             {"id", "draft", "state", "done", "all"});
  out["PolicyNode"] = node();
  out["PolicyNodes"] = nodes();
  out["PolicyNodeReport"] = node_report();
  out["NewPolicyShadow"] =
      closed({{"mostDifferences", number("It stops by itself where more decisions differ …")},
              {"mostPermille", number("… and more of 1000; both absent: it goes on")},
              {"reason", reason()}},
             {});
  out["PolicyShadow"] = closed(shadow_members(), shadow_names());
  out["PolicyShadows"] = page_of("PolicyShadow", number("For `before`, for the next page"));
  out["PolicyShadowView"] = view_of(shadow_members(), shadow_names());
  out["NewPolicyCanary"] = new_canary();
  out["PolicyCanary"] = closed(canary_members(), canary_names());
  out["PolicyCanaries"] = page_of("PolicyCanary", number("For `before`, for the next page"));
  out["PolicyCanaryView"] = view_of(canary_members(), canary_names());
}

}  // namespace wardlock::admin
