#include "cli/pdp_client.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cli/server_token.h"
#include "codec/json.h"

namespace wardlock::cli {
namespace {

using compare::GoldenAnswer;
using compare::GoldenRequest;

/// Half of what a server takes as it comes.
constexpr std::size_t kMostAtOnce = 50;
constexpr std::size_t kMostReplyBytes = std::size_t{16} << 20;

codec::Json options_of(const GoldenRequest& request) {
  boost::json::object question = compare::authzen_question(request.asked);
  const codec::Json* options = question.if_contains("options");
  return options == nullptr ? codec::Json(boost::json::object()) : *options;
}

std::string body_of(std::span<const GoldenRequest> requests) {
  boost::json::array questions;
  for (const GoldenRequest& request : requests) {
    boost::json::object question = compare::authzen_question(request.asked);
    question.erase("options");
    questions.push_back(std::move(question));
  }
  return codec::to_json_text(boost::json::object{{"options", options_of(requests.front())},
                                                 {"evaluations", std::move(questions)}});
}

GoldenAnswer refused(int status) {
  GoldenAnswer answer{.side = {}, .has_details = false};
  answer.side.is_answered = false;
  answer.side.cause =
      to_string(status == 403 ? ErrorCode::kPermissionDenied : ErrorCode::kInvalidArgument);
  return answer;
}

Result<void> read_replies(const std::string& body, std::size_t count,
                          std::vector<GoldenAnswer>& out) {
  const codec::Json json = TRY(codec::parse_json(body));
  const auto* object = json.if_object();
  const codec::Json* list = object == nullptr ? nullptr : object->if_contains("evaluations");
  if (list == nullptr || !list->is_array() || list->get_array().size() != count) {
    return fail(ErrorCode::kUnavailable, "it does not answer as AuthZEN 1.0 has it");
  }
  for (const codec::Json& each : list->get_array()) {
    out.push_back(TRY(compare::read_reply(each)));
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<PdpClient>> PdpClient::open(const PdpClientOptions& options) {
  std::string url = options.url;
  while (url.ends_with('/')) url.pop_back();
  TRY_VOID(check_server_url(url));
  std::string authorization;
  if (!options.token_file.empty()) {
    const std::string token = TRY(read_token_file(options.token_file));
    authorization = "Bearer " + token;
  }
  net::HttpClientOptions http{.max_reply_bytes = kMostReplyBytes};
  http.tls.ca = options.ca;
  auto client = TRY(net::HttpClient::create(std::move(http)));
  return std::unique_ptr<PdpClient>(
      new PdpClient(std::move(url), std::move(authorization), std::move(client)));
}

Result<net::HttpReply> PdpClient::post(std::string_view body) {
  const std::string url = url_ + "/access/v1/evaluations";
  net::OutgoingRequest request{.method = "POST",
                               .url = url,
                               .headers = {{"Content-Type", "application/json"},
                                           {"Accept", "application/json"},
                                           {"Prefer", "return=representation"}},
                               .body = body};
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
  return http_->fetch(request, interruption_);
}

Result<void> PdpClient::ask_batch(std::span<const GoldenRequest> requests,
                                  std::vector<GoldenAnswer>& out) {
  const net::HttpReply reply = TRY(post(body_of(requests)));
  if (reply.status == 200) {
    auto read = read_replies(reply.body, requests.size(), out);
    if (read) return {};
    return fail(ErrorCode::kUnavailable, fmt::format("`{}`: {}", url_, read.error().message));
  }
  if (reply.status == 401) {
    return fail(ErrorCode::kUnauthenticated,
                fmt::format("`{}` does not know who asks: name the file with the caller's token "
                            "with `--token-file`",
                            url_));
  }
  const bool is_refused =
      reply.status >= 400 && reply.status < 500 && reply.status != 404 && reply.status != 429;
  if (!is_refused) {
    return fail(ErrorCode::kUnavailable, fmt::format("`{}` answered {}", url_, reply.status));
  }
  if (requests.size() == 1) {
    out.push_back(refused(reply.status));
    return {};
  }
  // One of them, or that they are so many.
  for (std::size_t i = 0; i < requests.size(); ++i) {
    TRY_VOID(ask_batch(requests.subspan(i, 1), out));
  }
  return {};
}

Result<codec::Json> PdpClient::readiness() {
  const std::string url = url_ + "/readyz";
  net::OutgoingRequest request{
      .method = "GET", .url = url, .headers = {{"Accept", "application/json"}}, .body = {}};
  if (!authorization_.empty()) request.headers.emplace_back("Authorization", authorization_);
  const net::HttpReply reply = TRY(http_->fetch(request, interruption_));
  auto json = codec::parse_json(reply.body);
  const bool is_told = (reply.status == 200 || reply.status == 503) && json && json->is_object();
  if (is_told) return *std::move(json);
  return fail(ErrorCode::kUnavailable,
              fmt::format("`{}` answered {}, and does not say what it runs", url, reply.status));
}

Result<std::vector<GoldenAnswer>> PdpClient::ask(std::span<const GoldenRequest> requests,
                                                 const Progress& report) {
  std::vector<GoldenAnswer> out;
  for (std::size_t first = 0; first < requests.size();) {
    // What a batch's options say holds for all of it.
    const codec::Json options = options_of(requests[first]);
    std::size_t count = 1;
    while (count < kMostAtOnce && first + count < requests.size() &&
           options_of(requests[first + count]) == options) {
      ++count;
    }
    TRY_VOID(ask_batch(requests.subspan(first, count), out));
    first += count;
    if (report) report(first, requests.size());
  }
  return out;
}

}  // namespace wardlock::cli
