#include "api/authzen/endpoints.h"

#include <fmt/format.h>

#include "api/authzen/evaluation.h"
#include "codec/json.h"
#include "net/loopback_guard.h"
#include "pdp/access.h"

namespace wardlock::authzen {
namespace {

using net::HttpRequest;
using net::HttpResponse;

constexpr std::string_view kEvaluationPath = "/access/v1/evaluation";
constexpr std::string_view kHealthPath = "/healthz";
constexpr const char* kJsonType = "application/json";
/// A question is small; the server's limit is for uploads.
constexpr codec::JsonLimits kLimits{.max_bytes = std::size_t{256} << 10, .max_depth = 512};

HttpResponse json_reply(int status, std::string body) {
  return {.status = status, .content_type = kJsonType, .body = std::move(body)};
}

/// AuthZEN's errors: a JSON string.
HttpResponse text_error(int status, std::string_view message) {
  return json_reply(status, codec::to_json_text(codec::Json(message)));
}

bool is_json_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  type = type.substr(0, type.find_last_not_of(" \t") + 1);
  return net::equal_ignoring_case(type, kJsonType);
}

Result<std::string> decide(std::string_view body, const Surroundings& surroundings) {
  auto json = codec::parse_json(body, kLimits);
  if (!json) return std::unexpected(json.error().in("the body is not valid JSON"));
  Evaluation evaluation = TRY(parse_evaluation(*json));
  evaluation.access.caller = &surroundings.caller;
  const pdp::AccessDecision decision =
      TRY(pdp::decide(surroundings.snapshot, evaluation.access, surroundings.now));
  return to_reply_text(decision, evaluation, surroundings.snapshot, surroundings.new_id());
}

HttpResponse evaluate(const HttpRequest& request, const Surroundings& surroundings) {
  if (request.method != "POST") {
    HttpResponse response = text_error(405, "ask with POST");
    response.headers.push_back({"Allow", "POST"});
    return response;
  }
  if (!is_json_type(request.header("Content-Type").value_or(""))) {
    return text_error(400, "`Content-Type` must be application/json");
  }
  if (request.body.size() > kLimits.max_bytes) {
    return text_error(413, fmt::format("the body is larger than {} bytes", kLimits.max_bytes));
  }
  auto reply = decide(request.body, surroundings);
  if (!reply) return text_error(net::http_status(reply.error().code), reply.error().message);
  return json_reply(200, *std::move(reply));
}

HttpResponse report_health(const HttpRequest& request) {
  if (request.method == "GET" || request.method == "HEAD") {
    return json_reply(200, R"({"status":"ok"})");
  }
  HttpResponse response = net::problem(405, "ask with GET");
  response.headers.push_back({"Allow", "GET, HEAD"});
  return response;
}

HttpResponse route(const HttpRequest& request, const Surroundings& surroundings) {
  const bool is_evaluation = request.path == kEvaluationPath;
  if (const auto refusal = net::refuse_foreign_site(request)) {
    return is_evaluation ? text_error(refusal->status, refusal->detail)
                         : net::problem(refusal->status, refusal->detail);
  }
  if (is_evaluation) return evaluate(request, surroundings);
  if (request.path == kHealthPath) return report_health(request);
  return net::problem(404,
                      fmt::format("there is nothing here; decisions are at {}", kEvaluationPath));
}

}  // namespace

HttpResponse answer(const HttpRequest& request, const Surroundings& surroundings) {
  HttpResponse response = route(request, surroundings);
  if (const auto id = request.header("X-Request-ID")) {
    response.headers.push_back({"X-Request-ID", std::string(*id)});
  }
  return response;
}

}  // namespace wardlock::authzen
