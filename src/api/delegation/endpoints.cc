#include "api/delegation/endpoints.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>

#include "api/delegation/call.h"
#include "api/delegation/delegations.h"
#include "api/delegation/openapi.h"
#include "base/utf8.h"

namespace wardlock::delegation_api {
namespace {

/// The interface is no secret.
Result<void> describe(const DelegationCall& /*call*/, net::HttpResponse& response) {
  response.content_type = "application/json";
  response.headers.add("Cache-Control", "max-age=300");
  response.body = kOpenApi;
  return {};
}

/// Something that can be asked: requests are answered by this table alone.
struct Operation {
  std::string_view method;
  std::string_view path;  ///< below the prefix; `{id}` stands for one step
  Result<void> (*answer)(const DelegationCall& call, net::HttpResponse& response);
};

// What is written out comes before what `{id}` stands for.
constexpr auto kOperations = std::to_array<Operation>({
    {"GET", "openapi.json", &describe},
    {"POST", "delegations", &make_delegation},
    {"GET", "delegations", &list_delegations},
    {"GET", "delegations/mine", &list_own_delegations},
    {"GET", "delegations/{id}", &show_delegation},
    {"POST", "delegations/{id}/revoke", &revoke_delegation},
});

/// What the path has in the place of `{id}`; nothing: it is another path.
std::optional<std::string_view> match(std::string_view wanted, std::string_view path) {
  constexpr std::string_view kId = "{id}";
  const std::size_t at = wanted.find(kId);
  if (at == std::string_view::npos) {
    return wanted == path ? std::optional(std::string_view()) : std::nullopt;
  }
  const std::string_view before = wanted.substr(0, at);
  const std::string_view behind = wanted.substr(at + kId.size());
  if (path.size() <= before.size() + behind.size()) return std::nullopt;
  if (!path.starts_with(before) || !path.ends_with(behind)) return std::nullopt;
  path.remove_prefix(before.size());
  path.remove_suffix(behind.size());
  if (path.contains('/')) return std::nullopt;
  return path;
}

void refuse(const Error& error, net::HttpResponse& response) {
  const bool is_over = error.code == ErrorCode::kFailedPrecondition;
  const int status = is_over ? 409 : net::http_status(error.code);
  if (status == 503) response.headers.add("Retry-After", "1");
  net::write_problem(status, printable(error.message), response);
}

std::string_view method_of(const net::HttpRequest& request) {
  return request.method == "HEAD" ? std::string_view("GET") : std::string_view(request.method);
}

}  // namespace

void answer(const net::HttpRequest& request, const administration::Errand& errand,
            net::HttpResponse& response) {
  if (errand.delegations == nullptr) {
    return net::write_problem(404, "nobody delegates here: there is no directory", response);
  }
  std::string_view path = request.path;
  path.remove_prefix(kPrefix.size());
  std::string allowed;
  bool is_written_out = false;  // and no id of anything
  for (const Operation& operation : kOperations) {
    const auto id = match(operation.path, path);
    if (!id || (is_written_out && !id->empty())) continue;
    is_written_out = is_written_out || id->empty();
    if (operation.method != method_of(request)) {
      if (!allowed.contains(operation.method)) {
        allowed += fmt::format("{}{}", allowed.empty() ? "" : ", ", operation.method);
      }
      continue;
    }
    const auto answered = operation.answer(
        {.request = request, .errand = errand, .desk = *errand.delegations, .id = *id}, response);
    if (answered) return;
    response = net::HttpResponse();
    return refuse(answered.error(), response);
  }
  if (allowed.empty()) return net::write_problem(404, "there is nothing here", response);
  net::write_problem(405, fmt::format("ask with {}", allowed), response);
  response.headers.add("Allow", allowed);
}

}  // namespace wardlock::delegation_api
