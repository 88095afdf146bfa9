#include "compare/golden/golden_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>

#include "compare/golden/member_reader.h"

namespace wardlock::compare {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

array strings(const std::vector<std::string>& texts) {
  array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

object described_json(const suite::Described& described) {
  object out{{"type", described.type}, {"id", described.id}};
  if (!described.properties.empty()) out["properties"] = described.properties;
  return out;
}

object authentication_json(const suite::Authentication& authentication) {
  return {{"level", authentication.level}, {"methods", strings(authentication.methods)}};
}

/// `2 otp pwd` as it is told over HTTP.
object step_up_json(const std::string& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  object out{{"level", text[0] - '0'}};
  array methods;
  for (std::size_t at = end; at < text.size();) {
    const std::size_t next = std::min(text.find(' ', at + 1), text.size());
    methods.emplace_back(std::string_view(text).substr(at + 1, next - at - 1));
    at = next;
  }
  if (!methods.empty()) out["methods"] = std::move(methods);
  return out;
}

object answer_json(const GoldenAnswer& answer) {
  const AnswerSide& side = answer.side;
  if (!side.is_answered) return {{"refused", side.cause}};
  object out{{"decision", side.is_allowed}};
  if (answer.has_details) out["cause"] = side.cause;
  if (answer.has_details || !side.policies.empty()) out["policies"] = strings(side.policies);
  if (!side.obligations.empty()) out["obligations"] = strings(side.obligations);
  if (side.is_override_possible) out["override_possible"] = true;
  if (!side.step_up.empty()) out["step_up"] = step_up_json(side.step_up);
  return out;
}

Result<suite::Described> read_described(MemberReader& parent, std::string_view key) {
  MemberReader reader = TRY(parent.object(key));
  suite::Described out;
  out.type = TRY(reader.text("type"));
  out.id = TRY(reader.text("id"));
  out.properties = TRY(reader.json_object("properties"));
  TRY_VOID(reader.end());
  return out;
}

Result<std::optional<suite::Authentication>> read_authentication(MemberReader& parent,
                                                                 std::string_view key) {
  if (!parent.has(key)) return std::nullopt;
  MemberReader reader = TRY(parent.object(key));
  suite::Authentication out;
  out.level = TRY(reader.number("level"));
  if (out.level < 0 || out.level > 3) return reader.wrong("level", "must be from 0 to 3");
  out.methods = TRY(reader.texts("methods"));
  const auto is_no_word = [](const std::string& method) {
    return method.empty() || method.contains(' ');
  };
  if (std::ranges::any_of(out.methods, is_no_word)) {
    return reader.wrong("methods", "must be words, e.g. `otp` (RFC 8176)");
  }
  TRY_VOID(reader.end());
  return out;
}

Result<void> read_options(MemberReader& question, suite::Asked& asked) {
  if (!question.has("options")) return {};
  MemberReader options = TRY(question.object("options"));
  asked.authentication = TRY(read_authentication(options, "authentication"));
  asked.fulfils = TRY(options.texts("obligations"));
  if (options.has("grant")) asked.grant = TRY(options.text("grant"));
  if (options.has("actor")) asked.actor = TRY(read_described(options, "actor"));
  return options.end();
}

Result<suite::Asked> read_question(MemberReader& line) {
  MemberReader question = TRY(line.object("question"));
  suite::Asked asked;
  asked.principal = TRY(read_described(question, "subject"));
  asked.resource = TRY(read_described(question, "resource"));
  MemberReader action = TRY(question.object("action"));
  asked.action = TRY(action.text("name"));
  asked.action_properties = TRY(action.json_object("properties"));
  TRY_VOID(action.end());
  asked.context = TRY(question.json_object("context"));
  TRY_VOID(read_options(question, asked));
  TRY_VOID(question.end());
  return asked;
}

std::string step_up_text(suite::Authentication authentication) {
  std::ranges::sort(authentication.methods);
  std::string out = fmt::to_string(authentication.level);
  for (const std::string& method : authentication.methods) out += " " + method;
  return out;
}

/// What answers say beside the decision and its cause.
Result<void> read_rest(MemberReader& reader, AnswerSide& side) {
  side.policies = TRY(reader.texts("policies"));
  side.obligations = TRY(reader.texts("obligations"));
  const boost::json::object terms = TRY(reader.json_object("obligation_terms"));
  for (std::string& name : side.obligations) {
    const auto* of_it = terms.if_contains(name);
    if (of_it != nullptr && of_it->is_object()) name = obligation_text(name, of_it->get_object());
  }
  std::ranges::sort(side.policies);
  std::ranges::sort(side.obligations);
  if (reader.has("override_possible")) {
    side.is_override_possible = TRY(reader.flag("override_possible"));
  }
  if (auto step_up = TRY(read_authentication(reader, "step_up"))) {
    side.step_up = step_up_text(*std::move(step_up));
  }
  return {};
}

Result<GoldenAnswer> read_answer(MemberReader& line) {
  MemberReader reader = TRY(line.object("answer"));
  GoldenAnswer answer;
  if (reader.has("refused")) {
    answer.side.is_answered = false;
    answer.side.cause = TRY(reader.text("refused"));
    TRY_VOID(reader.end());
    return answer;
  }
  answer.side.is_allowed = TRY(reader.flag("decision"));
  answer.has_details = reader.has("cause");
  if (answer.has_details) answer.side.cause = TRY(reader.text("cause"));
  TRY_VOID(read_rest(reader, answer.side));
  TRY_VOID(reader.end());
  return answer;
}

/// What a server could not do is no answer.
Result<GoldenAnswer> read_refusal(MemberReader& context) {
  MemberReader error = TRY(context.object("error"));
  const std::int64_t status = TRY(error.number("status"));
  constexpr std::int64_t kForbidden = 403, kTooMany = 429, kServers = 500;
  if (status == kTooMany || status >= kServers) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("it could not decide: {}", TRY(error.text("message"))));
  }
  GoldenAnswer answer{.side = {}, .has_details = false};
  answer.side.is_answered = false;
  answer.side.cause =
      to_string(status == kForbidden ? ErrorCode::kPermissionDenied : ErrorCode::kInvalidArgument);
  return answer;
}

}  // namespace

object authzen_question(const suite::Asked& asked) {
  object action{{"name", asked.action}};
  if (!asked.action_properties.empty()) action["properties"] = asked.action_properties;
  object options;
  if (asked.authentication) options["authentication"] = authentication_json(*asked.authentication);
  if (!asked.fulfils.empty()) options["obligations"] = strings(asked.fulfils);
  if (!asked.grant.empty()) options["grant"] = asked.grant;
  if (asked.actor) options["actor"] = described_json(*asked.actor);
  object out{{"subject", described_json(asked.principal)},
             {"action", std::move(action)},
             {"resource", described_json(asked.resource)}};
  if (!asked.context.empty()) out["context"] = asked.context;
  if (!options.empty()) out["options"] = std::move(options);
  return out;
}

std::string write_golden(const GoldenRequest& request) {
  object line;
  if (!request.name.empty()) line["name"] = request.name;
  line["at"] = request.asked.at;
  if (!request.asked.pep.empty()) line["pep"] = request.asked.pep;
  line["question"] = authzen_question(request.asked);
  if (request.answer) line["answer"] = answer_json(*request.answer);
  return codec::to_json_text(line);
}

Result<GoldenRequest> read_golden(std::string_view line) {
  const Json json = TRY(codec::parse_json(line, {.max_bytes = kMostGoldenBytes, .max_depth = 64}));
  if (!json.is_object()) return invalid("it must be an object");
  MemberReader reader(json.get_object(), "");
  GoldenRequest request;
  if (reader.has("name")) request.name = TRY(reader.text("name"));
  request.asked = TRY(read_question(reader));
  request.asked.at = TRY(reader.number("at"));
  if (reader.has("pep")) request.asked.pep = TRY(reader.text("pep"));
  if (reader.has("answer")) request.answer = TRY(read_answer(reader));
  TRY_VOID(reader.end());
  return request;
}

Result<GoldenAnswer> read_reply(const Json& reply) {
  if (!reply.is_object()) return invalid("the answer is no object");
  MemberReader reader(reply.get_object(), "");
  GoldenAnswer answer{.side = {}, .has_details = false};
  answer.side.is_allowed = TRY(reader.flag("decision"));
  if (!reader.has("context")) return answer;
  MemberReader context = TRY(reader.object("context"));
  if (context.has("error")) return read_refusal(context);
  answer.has_details = context.has("cause");
  if (answer.has_details) answer.side.cause = TRY(context.text("cause"));
  TRY_VOID(read_rest(context, answer.side));
  return answer;
}

std::optional<DecisionChange> find_change(const GoldenAnswer& golden, const GoldenAnswer& found) {
  const auto change = find_change(golden.side, found.side);
  if (!change || changes_access(*change)) return change;
  return golden.has_details && found.has_details ? change : std::nullopt;
}

suite::Asked owned(const PosedQuestion& question) {
  const pdp::AccessRequest& access = question.access;
  const auto object_of = [](const object* json) { return json == nullptr ? object() : *json; };
  const auto texts = [](std::span<const std::string_view> views) {
    return std::vector<std::string>(views.begin(), views.end());
  };
  suite::Asked asked;
  asked.principal = {std::string(access.principal.type), std::string(access.principal.id),
                     object_of(access.principal.properties)};
  asked.action = access.action;
  asked.action_properties = object_of(access.action_properties);
  asked.resource = {std::string(access.resource.type), std::string(access.resource.id),
                    object_of(access.resource.properties)};
  asked.context = object_of(access.context);
  if (access.authentication) {
    asked.authentication = {.level = access.authentication->level,
                            .methods = texts(access.authentication->methods)};
  }
  asked.fulfils = texts(access.supported_obligations);
  asked.grant = access.grant;
  if (access.actor) {
    asked.actor = {std::string(access.actor->type), std::string(access.actor->id), {}};
  }
  asked.pep = access.caller->id;
  asked.at = question.at;
  return asked;
}

}  // namespace wardlock::compare
