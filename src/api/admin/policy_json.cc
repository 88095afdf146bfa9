#include "api/admin/policy_json.h"

#include <fmt/format.h>

#include <utility>

#include "api/admin/asked.h"
#include "codec/json.h"
#include "directory/model/moment.h"

namespace wardlock::admin {
namespace {

using boost::json::array;
using boost::json::object;
using directory::to_time_text;

/// Files are many and long; nothing else of a body is.
constexpr codec::JsonLimits kContentLimits{
    .max_bytes = kMuch, .max_depth = 4, .max_members = 2 * bundle::kMaxFiles};

array texts(const std::vector<std::string>& all) { return array(all.begin(), all.end()); }

object to_json(const pap::DraftCheck& check) {
  object out{{"name", check.name},
             {"outcome", to_string(check.outcome)},
             {"required", check.is_required},
             {"at", to_time_text(check.at_ms)}};
  // What a check said is JSON, and was made here.
  if (auto report = codec::parse_json(check.report)) out["report"] = *std::move(report);
  return out;
}

object to_json(const pap::Signature& signature) {
  object out{{"person", signature.person},
             {"name", signature.printed_name},
             {"meaning", signature.meaning},
             {"content", signature.content},
             {"level", signature.level},
             {"methods", texts(signature.methods)},
             {"authenticatedAt", to_time_text(signature.authenticated_ms)},
             {"signedAt", to_time_text(signature.signed_ms)}};
  if (!signature.comment.empty()) out["comment"] = signature.comment;
  return out;
}

object to_json(const pap::KeptStep& step) {
  object out{{"step", step.step},
             {"person", step.person},
             {"content", step.content},
             {"at", to_time_text(step.at_ms)}};
  if (!step.reason.empty()) out["reason"] = step.reason;
  return out;
}

object to_json(const pap::ShadowDifference& kind) {
  return {{"who", kind.who},
          {"action", kind.action},
          {"resourceType", kind.resource_type},
          {"gains", kind.is_gain},
          {"count", kind.count},
          {"decisionId", kind.decision_id},
          {"policies", texts(kind.policies)},
          {"cause", kind.cause}};
}

object counts_of(const pap::ShadowCount& count) {
  return {{"compared", count.compared},
          {"skipped", count.skipped},
          {"gained", count.gained},
          {"lost", count.lost}};
}

template <typename Item>
array list_of(const std::vector<Item>& items) {
  array out;
  for (const Item& each : items) out.push_back(to_json(each));
  return out;
}

/// A stage, and what the nodes have found.
object with_counts(object stage, const pap::ShadowCount& total,
                   const std::vector<pap::NodeShadowCount>& found) {
  object sum = counts_of(total);
  sum["differences"] = list_of(total.kinds);
  array nodes;
  for (const pap::NodeShadowCount& each : found) {
    object node = counts_of(each.count);
    node["node"] = each.node;
    node["at"] = to_time_text(each.at_ms);
    nodes.push_back(std::move(node));
  }
  stage["total"] = std::move(sum);
  stage["nodes"] = std::move(nodes);
  return stage;
}

std::unexpected<Refusal> wrong(std::string_view pointer, std::string message) {
  Refusal refusal(Error{ErrorCode::kInvalidArgument, std::move(message)});
  refusal.wrong.push_back({.pointer = std::string(pointer), .detail = refusal.error.message});
  return std::unexpected(std::move(refusal));
}

Answered<std::vector<bundle::BundledFile>> files_of(const object& members) {
  const codec::Json* const list = members.if_contains("files");
  if (list == nullptr || !list->is_array() || list->get_array().empty()) {
    return wrong("#/files", "`files` must be a list of files, each with `name` and `text`");
  }
  std::vector<bundle::BundledFile> files;
  for (const codec::Json& item : list->get_array()) {
    const object* const file = item.if_object();
    const codec::Json* const name = file == nullptr ? nullptr : file->if_contains("name");
    const codec::Json* const text = file == nullptr ? nullptr : file->if_contains("text");
    const bool is_file = name != nullptr && name->is_string() && text != nullptr &&
                         text->is_string() && file->size() == 2;
    if (!is_file) {
      return wrong(fmt::format("#/files/{}", files.size()),
                   "a file has a `name` and a `text`, and nothing else");
    }
    files.push_back({std::string(name->get_string()), std::string(text->get_string())});
  }
  return files;
}

}  // namespace

object to_json(const pap::PolicyDraft& draft) {
  return {{"id", draft.id},
          {"environment", draft.place.environment},
          {"author", draft.author},
          {"title", draft.title},
          {"base", draft.base},
          {"content", draft.content},
          {"edition", draft.edition},
          {"state", to_string(draft.state)},
          {"madeAt", to_time_text(draft.made_ms)},
          {"changedAt", to_time_text(draft.changed_ms)}};
}

object to_json(const pap::ApprovalStanding& standing) {
  array approvals;
  for (const pap::ApprovalGiven& each : standing.given) {
    approvals.push_back(object{{"meaning", each.need.meaning},
                               {"people", each.need.people},
                               {"why", each.need.why},
                               {"given", texts(each.people)}});
  }
  return {{"approved", standing.is_complete()},
          {"missing", standing.missing()},
          {"approvals", std::move(approvals)}};
}

object to_json(const pap::DraftView& view, const pap::ApprovalStanding& standing) {
  object out = to_json(view.draft);
  out["writers"] = texts(view.writers);
  out["checks"] = list_of(view.checks);
  out["signatures"] = list_of(view.signatures);
  out["steps"] = list_of(view.steps);
  for (auto& member : to_json(standing)) out[member.key()] = std::move(member.value());
  return out;
}

object to_json(const pap::Activation& activation) {
  object out{{"environment", activation.place.environment},
             {"serial", activation.serial},
             {"content", activation.content},
             {"cause", to_string(activation.cause)},
             {"person", activation.person},
             {"madeAt", to_time_text(activation.made_ms)},
             {"startsAt", to_time_text(activation.starts_ms)},
             {"expiresAt", to_time_text(activation.expires_ms)}};
  if (!activation.draft.empty()) out["draft"] = activation.draft;
  if (!activation.reason.empty()) out["reason"] = activation.reason;
  if (activation.approve_by_ms) out["approveBy"] = to_time_text(*activation.approve_by_ms);
  return out;
}

object to_json(const pap::ShadowStage& stage) {
  object out{{"environment", stage.place.environment},
             {"number", stage.number},
             {"draft", stage.draft},
             {"content", stage.content},
             {"mostDifferences", stage.limit.count},
             {"mostPermille", stage.limit.permille},
             {"person", stage.person},
             {"madeAt", to_time_text(stage.made_ms)},
             {"end", to_string(stage.end)}};
  if (!stage.reason.empty()) out["reason"] = stage.reason;
  if (stage.end == pap::ShadowEnd::kNot) return out;
  if (!stage.ended_by.empty()) out["endedBy"] = stage.ended_by;
  out["endedAt"] = to_time_text(stage.ended_ms);
  return out;
}

object to_json(const pap::CanaryStage& stage) {
  object out{{"environment", stage.place.environment},
             {"number", stage.number},
             {"serial", stage.serial},
             {"draft", stage.draft},
             {"content", stage.content},
             {"beside", stage.part.beside},
             {"locations", texts(stage.part.locations)},
             {"peps", texts(stage.part.callers)},
             {"actions", texts(stage.part.actions)},
             {"cause", to_string(stage.cause)},
             {"mostDifferences", stage.limit.count},
             {"mostPermille", stage.limit.permille},
             {"person", stage.person},
             {"madeAt", to_time_text(stage.made_ms)},
             {"endsAt", to_time_text(stage.ends_ms)},
             {"end", to_string(stage.end)}};
  if (!stage.reason.empty()) out["reason"] = stage.reason;
  if (stage.end == pap::CanaryEnd::kNot) return out;
  if (!stage.ended_by.empty()) out["endedBy"] = stage.ended_by;
  out["endedAt"] = to_time_text(stage.ended_ms);
  return out;
}

object to_json(const pap::ShadowView& view) {
  return with_counts(to_json(view.stage), view.total(), view.nodes);
}

object to_json(const pap::CanaryView& view) {
  return with_counts(to_json(view.stage), view.total(), view.nodes);
}

object to_json(const pap::SeenNode& seen) {
  const pap::NodeReport& report = seen.node.report;
  object out{{"node", report.node},
             {"kind", to_string(report.kind)},
             {"standing", to_string(seen.standing)},
             {"since", to_time_text(seen.node.since_ms)},
             {"seen", to_time_text(seen.node.seen_ms)}};
  if (report.serial > 0) out["serial"] = report.serial;
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) out[name] = value;
  };
  add("label", report.label);
  add("content", report.content);
  add("schema", report.schema);
  add("outcomes", report.outcomes);
  add("refused", report.refused);
  return out;
}

object to_json(const bundle::Content& content) {
  array files;
  for (const bundle::BundledFile& file : content.files()) {
    files.push_back(object{{"name", file.name}, {"text", file.text}});
  }
  return {{"content", content.name()}, {"files", std::move(files)}};
}

Answered<WrittenDraft> read_written_draft(const net::HttpRequest& request, bool has_title) {
  if (!has_type(request, "application/json")) {
    return refuse(415, ErrorCode::kInvalidArgument,
                  "send `application/json`, and say so in `Content-Type`");
  }
  if (request.body.size() > kMuch) return too_large(kMuch);
  codec::Json json = TRY(codec::parse_json(request.body, kContentLimits));
  if (!json.is_object()) return invalid("the body must be a JSON object");
  Body body{.members = std::move(json.get_object()), .reason = {}};
  TRY_VOID(check_members(body.members, {"files", has_title ? "title" : "edition"}));
  body.reason = TRY(reason_in(body));
  std::string title;
  std::uint64_t edition = 0;
  if (has_title) {
    title = TRY(text_in(body, "title"));
  } else {
    edition = TRY(count_in(body, "edition"));
  }
  auto files = TRY(files_of(body.members));
  auto content = TRY(bundle::Content::of(std::move(files)));
  return WrittenDraft{.title = std::move(title),
                      .reason = std::move(body.reason),
                      .edition = edition,
                      .content = std::move(content)};
}

}  // namespace wardlock::admin
