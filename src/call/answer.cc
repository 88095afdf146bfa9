#include "call/answer.h"

#include <utility>

#include "base/utf8.h"

namespace wardlock::call {

void write_json(const codec::Json& json, net::HttpResponse& response) {
  response.content_type = "application/json";
  response.headers.add("Cache-Control", "no-store");
  response.body = codec::to_json_text(json);
}

void write_items(boost::json::array items, std::string_view next, net::HttpResponse& response) {
  boost::json::object list{{"items", std::move(items)}};
  if (!next.empty()) list["next"] = next;
  write_json(list, response);
}

void write_description(std::string_view open_api, net::HttpResponse& response) {
  response.content_type = "application/json";
  response.headers.add("Cache-Control", "max-age=300");
  response.body = open_api;
}

void refuse(const Error& error, net::HttpResponse& response) {
  response = net::HttpResponse();
  const bool is_over = error.code == ErrorCode::kFailedPrecondition;
  const int status = is_over ? 409 : net::http_status(error.code);
  if (status == 503) response.headers.add("Retry-After", "1");
  if (error.code == ErrorCode::kUnauthenticated) {
    response.headers.add("WWW-Authenticate",
                         "Bearer realm=\"wardlock\", error=\"insufficient_user_authentication\", "
                         "error_description=\"a fresh sign-in with a second factor is required\", "
                         "acr_values=\"http://idmanagement.gov/ns/assurance/aal/2\"");
  }
  net::write_problem(status, printable(error.message), response);
}

boost::json::array array_of(const std::vector<std::string>& words) {
  return boost::json::array(words.begin(), words.end());
}

}  // namespace wardlock::call
