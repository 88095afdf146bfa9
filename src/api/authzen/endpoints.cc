#include "api/authzen/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "api/authzen/batch.h"
#include "api/authzen/evaluation.h"
#include "api/authzen/metadata.h"
#include "api/authzen/openapi.h"
#include "api/authzen/plain_question.h"
#include "api/authzen/preference.h"
#include "api/authzen/reply.h"
#include "api/authzen/request_checks.h"
#include "api/authzen/searches.h"
#include "codec/json.h"
#include "codec/json_memory.h"
#include "pdp/access.h"

namespace wardlock::authzen {
namespace {

using boost::json::object;
using net::HttpRequest;
using net::HttpResponse;

constexpr std::string_view kEvaluationPath = "/access/v1/evaluation";
constexpr std::string_view kEvaluationsPath = "/access/v1/evaluations";
constexpr std::string_view kSearchSubjectPath = "/access/v1/search/subject";
constexpr std::string_view kSearchResourcePath = "/access/v1/search/resource";
constexpr std::string_view kSearchActionPath = "/access/v1/search/action";
constexpr std::string_view kMetadataPath = "/.well-known/authzen-configuration";
constexpr std::string_view kOpenApiPath = "/openapi.json";
constexpr std::string_view kJsonType = "application/json";
/// Questions are small; the server's limit is for uploads.
constexpr codec::JsonLimits kLimits{
    .max_bytes = std::size_t{256} << 10, .max_depth = 512, .max_members = 1024};

void write_error(const Error& error, HttpResponse& response) {
  authzen::write_error(net::http_status(error.code), error.message, response);
}

bool is_get(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// May be kept for a while: it changes with the configuration only.
void write_lasting(std::string_view body, HttpResponse& response) {
  response.content_type = kJsonType;
  response.headers.add("Cache-Control", "max-age=300");
  response.body = body;
}

/// Answers the questions of one request.
class Asking {
 public:
  Asking(const Surroundings& surroundings, ReturnPreference preference)
      : surroundings_(surroundings), preference_(preference) {}

  Result<void> answer_one(const object& request, codec::JsonWriter& json) const {
    Evaluation evaluation = TRY(read_what_holds_for_all(request));
    TRY_VOID(pdp::tell_refusal(read_question(request, request, evaluation.access),
                               evaluation.access, surroundings_.observer));
    return answer_one(evaluation, json);
  }

  Result<void> answer_one(Evaluation& evaluation, codec::JsonWriter& json) const {
    TRY_VOID(admit_explanations(evaluation, 1));
    const pdp::AccessDecision decision = TRY(pdp::tell_refusal(
        pdp::decide(surroundings_.deciding(evaluation.access, surroundings_.arena),
                    evaluation.access, surroundings_.now, surroundings_.arena),
        evaluation.access, surroundings_.observer));
    const std::string_view id = surroundings_.new_id(surroundings_.arena);
    if (surroundings_.observer != nullptr) {
      TRY_VOID(surroundings_.observer->decided(evaluation.access, decision, id));
    }
    write_reply(decision, id, evaluation, surroundings_,
                preference_ == ReturnPreference::kMinimal ? Detail::kMinimal : Detail::kFull, json);
    return {};
  }

  Result<void> answer_several(const object& request, codec::JsonWriter& json) const {
    const boost::json::array* questions = TRY(find_evaluations(request));
    if (questions == nullptr) return answer_one(request, json);
    if (questions->size() > surroundings_.max_evaluations) {
      return fail(ErrorCode::kOutOfRange,
                  fmt::format("`evaluations` holds {} questions; at most {} may be asked at once",
                              questions->size(), surroundings_.max_evaluations));
    }
    Evaluation evaluation = TRY(read_what_holds_for_all(request));
    TRY_VOID(admit(questions->size() - 1));
    TRY_VOID(admit_explanations(evaluation, questions->size()));
    return answer_batch(
        request, *questions, evaluation, surroundings_,
        preference_ == ReturnPreference::kRepresentation ? Detail::kFull : Detail::kMinimal, json);
  }

  Result<void> search(Gap gap, const object& request, codec::JsonWriter& json) const {
    Evaluation evaluation = TRY(read_what_holds_for_all(request));
    return answer_search(gap, request, evaluation, surroundings_, json);
  }

  Evaluation new_evaluation() const {
    Evaluation evaluation;
    evaluation.access.caller = &surroundings_.caller;
    evaluation.access.max_steps = surroundings_.max_steps;
    evaluation.access.verified = surroundings_.verified;
    evaluation.access.is_recorded = pdp::is_recording(surroundings_.observer);
    return evaluation;
  }

  /// An explanation is more work than a decision.
  Result<void> admit_explanations(const Evaluation& evaluation, std::size_t questions) const {
    if (!evaluation.wants_explanation || !surroundings_.caller.may_explain) return {};
    return admit(std::min(questions, evaluation.explanation_budget.explanations));
  }

  /// Charges the caller for so many questions. One is charged before a body is read: reading is
  /// work, too.
  Result<void> admit(std::size_t questions) const {
    if (surroundings_.observer == nullptr || questions == 0) return {};
    return surroundings_.observer->admit(questions);
  }

 private:
  Result<Evaluation> read_what_holds_for_all(const object& request) const {
    Evaluation evaluation = new_evaluation();
    TRY_VOID(read_options(request, surroundings_.arena, evaluation));
    return evaluation;
  }

  const Surroundings& surroundings_;
  ReturnPreference preference_;
};

enum class Endpoint : std::uint8_t {
  kEvaluation,
  kEvaluations,
  kSearchSubject,
  kSearchResource,
  kSearchAction,
  kMetadata,
  kOpenApi,
  kNone
};

Result<void> answer_question(Endpoint endpoint, const object& request, const Asking& asking,
                             codec::JsonWriter& json) {
  switch (endpoint) {
    case Endpoint::kEvaluation: return asking.answer_one(request, json);
    case Endpoint::kEvaluations: return asking.answer_several(request, json);
    case Endpoint::kSearchSubject: return asking.search(Gap::kSubject, request, json);
    case Endpoint::kSearchResource: return asking.search(Gap::kResource, request, json);
    case Endpoint::kSearchAction: return asking.search(Gap::kAction, request, json);
    case Endpoint::kMetadata:
    case Endpoint::kOpenApi:
    case Endpoint::kNone: break;
  }
  return fail(ErrorCode::kInternal, "there are no questions here");
}

/// Writes the reply; on an error, perhaps a part of it.
Result<void> ask(std::string_view body, Endpoint endpoint, const Asking& asking, Arena& arena,
                 HttpResponse& response) {
  codec::JsonMemory memory(arena);
  TRY_VOID(asking.admit(1));
  response.content_type = kJsonType;
  codec::JsonWriter json(response.body);
  if (endpoint == Endpoint::kEvaluation) {
    QuestionValues values(&memory);
    Evaluation evaluation = asking.new_evaluation();
    if (read_plain_question(body, kLimits, values, arena, evaluation)) {
      return asking.answer_one(evaluation, json);
    }
  }
  const auto question = codec::parse_json(body, kLimits, &memory);
  if (!question) return std::unexpected(question.error().in("the body"));
  const object* request = question->if_object();
  if (request == nullptr) return invalid("the body must be a JSON object");
  return answer_question(endpoint, *request, asking, json);
}

void note_applied(ReturnPreference preference, HttpResponse& response) {
  if (preference == ReturnPreference::kNone) return;
  response.headers.add("Preference-Applied", preference == ReturnPreference::kMinimal
                                                 ? "return=minimal"
                                                 : "return=representation");
}

bool is_search(Endpoint endpoint) {
  return endpoint == Endpoint::kSearchSubject || endpoint == Endpoint::kSearchResource ||
         endpoint == Endpoint::kSearchAction;
}

bool is_of_authzen(Endpoint endpoint) {
  return endpoint != Endpoint::kOpenApi && endpoint != Endpoint::kNone;
}

void refuse(Endpoint endpoint, int status, std::string_view message, HttpResponse& response) {
  is_of_authzen(endpoint) ? authzen::write_error(status, message, response)
                          : net::write_problem(status, message, response);
}

void refuse_method(Endpoint endpoint, std::string_view method, std::string_view allowed,
                   HttpResponse& response) {
  refuse(endpoint, 405, method == "POST" ? "ask with POST" : "ask with GET", response);
  response.headers.add("Allow", allowed);
}

void evaluate(const HttpRequest& request, Endpoint endpoint, const Surroundings& surroundings,
              HttpResponse& response) {
  if (request.method != "POST") return refuse_method(endpoint, "POST", "POST", response);
  if (!is_json_type(request.header("Content-Type").value_or(""))) {
    return authzen::write_error(400, "`Content-Type` must be application/json, in UTF-8", response);
  }
  if (request.body.size() > kLimits.max_bytes) {
    return authzen::write_error(
        413, fmt::format("the body is larger than {} bytes", kLimits.max_bytes), response);
  }
  const ReturnPreference preference = return_preference(request);
  const auto asked =
      ask(request.body, endpoint, Asking(surroundings, preference), surroundings.arena, response);
  if (!asked) return write_error(asked.error(), response);
  if (!is_search(endpoint)) note_applied(preference, response);
}

void describe(const HttpRequest& request, const Surroundings& surroundings,
              HttpResponse& response) {
  const auto metadata = describe_endpoints(request, surroundings);
  if (!metadata) return write_error(metadata.error(), response);
  write_lasting(*metadata, response);
}

Endpoint find_endpoint(std::string_view path, std::string_view base_path) {
  if (path.starts_with(kMetadataPath) && path.substr(kMetadataPath.size()) == base_path) {
    return Endpoint::kMetadata;
  }
  if (!path.starts_with(base_path)) return Endpoint::kNone;
  path.remove_prefix(base_path.size());
  if (path == kEvaluationPath) return Endpoint::kEvaluation;
  if (path == kEvaluationsPath) return Endpoint::kEvaluations;
  if (path == kSearchSubjectPath) return Endpoint::kSearchSubject;
  if (path == kSearchResourcePath) return Endpoint::kSearchResource;
  if (path == kSearchActionPath) return Endpoint::kSearchAction;
  if (path == kOpenApiPath) return Endpoint::kOpenApi;
  return Endpoint::kNone;
}

void answer_at(Endpoint endpoint, const HttpRequest& request, const Surroundings& surroundings,
               HttpResponse& response) {
  switch (endpoint) {
    case Endpoint::kEvaluation:
    case Endpoint::kEvaluations:
    case Endpoint::kSearchSubject:
    case Endpoint::kSearchResource:
    case Endpoint::kSearchAction: return evaluate(request, endpoint, surroundings, response);
    case Endpoint::kMetadata:
      if (!is_get(request)) return refuse_method(endpoint, "GET", "GET, HEAD", response);
      return describe(request, surroundings, response);
    case Endpoint::kOpenApi:
      if (!is_get(request)) return refuse_method(endpoint, "GET", "GET, HEAD", response);
      return write_lasting(kOpenApi, response);
    case Endpoint::kNone: break;
  }
  net::write_problem(404,
                     fmt::format("there is nothing here; decisions are at {}{}",
                                 surroundings.base_path, kEvaluationPath),
                     response);
}

}  // namespace

void write_error(int status, std::string_view message, HttpResponse& response) {
  response.status = status;
  response.content_type = kJsonType;
  response.body.clear();
  codec::JsonWriter(response.body).string(message);
}

void answer(const HttpRequest& request, const Surroundings& surroundings, HttpResponse& response) {
  const Endpoint endpoint = find_endpoint(request.path, surroundings.base_path);
  const auto id = request_id(request);
  if (!id) return refuse(endpoint, 400, id.error().message, response);
  answer_at(endpoint, request, surroundings, response);
  if (*id) response.headers.add("X-Request-ID", **id);
}

}  // namespace wardlock::authzen
