#include "api/authzen/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <cstddef>

#include "api/authzen/batch.h"
#include "api/authzen/evaluation.h"
#include "api/authzen/metadata.h"
#include "api/authzen/openapi.h"
#include "api/authzen/preference.h"
#include "api/authzen/reply.h"
#include "api/authzen/request_checks.h"
#include "api/authzen/searches.h"
#include "codec/json.h"
#include "net/loopback_guard.h"
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
constexpr std::size_t kUsualReplyBytes = 512;
/// What most decisions need.
constexpr std::size_t kUsualBytes = 8 << 10;
constexpr const char* kJsonType = "application/json";
/// Questions are small; the server's limit is for uploads.
constexpr codec::JsonLimits kLimits{.max_bytes = std::size_t{256} << 10, .max_depth = 512};

HttpResponse json_reply(int status, std::string body) {
  return {.status = status, .content_type = kJsonType, .headers = {}, .body = std::move(body)};
}

/// AuthZEN's errors: a JSON string.
HttpResponse text_error(int status, std::string_view message) {
  return json_reply(status, codec::to_json_text(codec::Json(message)));
}

HttpResponse text_error(const Error& error) {
  return text_error(net::http_status(error.code), error.message);
}

HttpResponse with_allow(HttpResponse response, const char* methods) {
  response.headers.push_back({"Allow", methods});
  return response;
}

bool is_get(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// May be kept for a while: it changes with the configuration only.
HttpResponse lasting_reply(std::string body) {
  HttpResponse response = json_reply(200, std::move(body));
  response.headers.push_back({"Cache-Control", "max-age=300"});
  return response;
}

/// Answers the questions of one request.
class Asking {
 public:
  Asking(const Surroundings& surroundings, ReturnPreference preference)
      : surroundings_(surroundings), preference_(preference) {}

  Result<void> answer_one(const object& request, codec::JsonWriter& json) const {
    alignas(std::max_align_t) std::array<std::byte, kUsualBytes> buffer;
    Arena arena(buffer);
    Evaluation evaluation = TRY(read_what_holds_for_all(request, arena));
    TRY_VOID(read_question(request, request, evaluation.access));
    TRY_VOID(admit_explanations(evaluation, 1));
    const pdp::AccessDecision decision =
        TRY(pdp::decide(surroundings_.snapshot, evaluation.access, surroundings_.now, arena));
    if (surroundings_.observer != nullptr) surroundings_.observer->decided(decision);
    write_reply(decision, evaluation, surroundings_,
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
    Arena arena;
    Evaluation evaluation = TRY(read_what_holds_for_all(request, arena));
    TRY_VOID(admit(questions->size() - 1));
    TRY_VOID(admit_explanations(evaluation, questions->size()));
    return answer_batch(
        request, *questions, evaluation, surroundings_,
        preference_ == ReturnPreference::kRepresentation ? Detail::kFull : Detail::kMinimal, json);
  }

  Result<void> search(Gap gap, const object& request, codec::JsonWriter& json) const {
    Arena arena;
    Evaluation evaluation = TRY(read_what_holds_for_all(request, arena));
    return answer_search(gap, request, evaluation, surroundings_, json);
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
  Result<Evaluation> read_what_holds_for_all(const object& request, Arena& arena) const {
    Evaluation evaluation;
    evaluation.access.caller = &surroundings_.caller;
    TRY_VOID(read_options(request, arena, evaluation));
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

Result<std::string> ask(std::string_view body, Endpoint endpoint, const Asking& asking) {
  // Most questions fit the buffer; what does not comes from the heap.
  std::array<unsigned char, 4096> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  TRY_VOID(asking.admit(1));
  const auto question = codec::parse_json(body, kLimits, &memory);
  if (!question) return std::unexpected(question.error().in("the body"));
  const object* request = question->if_object();
  if (request == nullptr) return invalid("the body must be a JSON object");
  std::string reply;
  reply.reserve(kUsualReplyBytes);
  codec::JsonWriter json(reply);
  TRY_VOID(answer_question(endpoint, *request, asking, json));
  return reply;
}

void note_applied(ReturnPreference preference, HttpResponse& response) {
  if (preference == ReturnPreference::kNone) return;
  response.headers.push_back({"Preference-Applied", preference == ReturnPreference::kMinimal
                                                        ? "return=minimal"
                                                        : "return=representation"});
}

bool is_search(Endpoint endpoint) {
  return endpoint == Endpoint::kSearchSubject || endpoint == Endpoint::kSearchResource ||
         endpoint == Endpoint::kSearchAction;
}

HttpResponse evaluate(const HttpRequest& request, Endpoint endpoint,
                      const Surroundings& surroundings) {
  if (request.method != "POST") return with_allow(text_error(405, "ask with POST"), "POST");
  if (!is_json_type(request.header("Content-Type").value_or(""))) {
    return text_error(400, "`Content-Type` must be application/json, in UTF-8");
  }
  if (request.body.size() > kLimits.max_bytes) {
    return text_error(413, fmt::format("the body is larger than {} bytes", kLimits.max_bytes));
  }
  const ReturnPreference preference = return_preference(request);
  auto reply = ask(request.body, endpoint, Asking(surroundings, preference));
  if (!reply) return text_error(reply.error());
  HttpResponse response = json_reply(200, *std::move(reply));
  if (!is_search(endpoint)) note_applied(preference, response);
  return response;
}

HttpResponse describe(const HttpRequest& request, const Surroundings& surroundings) {
  if (!is_get(request)) return with_allow(text_error(405, "ask with GET"), "GET, HEAD");
  auto metadata = describe_endpoints(request, surroundings);
  return metadata ? lasting_reply(*std::move(metadata)) : text_error(metadata.error());
}

HttpResponse report_interface(const HttpRequest& request) {
  if (!is_get(request)) return with_allow(net::problem(405, "ask with GET"), "GET, HEAD");
  return lasting_reply(std::string(kOpenApi));
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

bool is_of_authzen(Endpoint endpoint) {
  return endpoint != Endpoint::kOpenApi && endpoint != Endpoint::kNone;
}

HttpResponse error_at(Endpoint endpoint, int status, std::string_view message) {
  return is_of_authzen(endpoint) ? text_error(status, message) : net::problem(status, message);
}

HttpResponse answer_at(Endpoint endpoint, const HttpRequest& request,
                       const Surroundings& surroundings) {
  switch (endpoint) {
    case Endpoint::kEvaluation:
    case Endpoint::kEvaluations:
    case Endpoint::kSearchSubject:
    case Endpoint::kSearchResource:
    case Endpoint::kSearchAction: return evaluate(request, endpoint, surroundings);
    case Endpoint::kMetadata: return describe(request, surroundings);
    case Endpoint::kOpenApi: return report_interface(request);
    case Endpoint::kNone: break;
  }
  return net::problem(404, fmt::format("there is nothing here; decisions are at {}{}",
                                       surroundings.base_path, kEvaluationPath));
}

}  // namespace

HttpResponse answer(const HttpRequest& request, const Surroundings& surroundings) {
  const Endpoint endpoint = find_endpoint(request.path, surroundings.base_path);
  if (!request.is_secure) {
    if (const auto refusal = net::refuse_foreign_site(request, surroundings.allowed_hosts)) {
      return error_at(endpoint, refusal->status, refusal->detail);
    }
  }
  const auto id = request_id(request);
  if (!id) return error_at(endpoint, 400, id.error().message);
  HttpResponse response = answer_at(endpoint, request, surroundings);
  if (*id) response.headers.push_back({"X-Request-ID", std::string(**id)});
  return response;
}

}  // namespace wardlock::authzen
