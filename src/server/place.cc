#include "server/place.h"

#include <array>
#include <optional>
#include <utility>

#include "api/account/endpoints.h"
#include "api/admin/endpoints.h"
#include "api/audit/log_endpoints.h"
#include "api/authzen/endpoints.h"
#include "api/break_glass/endpoints.h"
#include "api/consent/endpoints.h"
#include "api/delegation/endpoints.h"
#include "api/forward/forward_auth.h"
#include "api/oidc/endpoints.h"
#include "api/request/endpoints.h"
#include "api/scim/endpoints.h"
#include "api/scim/refusal.h"

namespace wardlock::server {
namespace {

constexpr std::array<std::pair<std::string_view, Route>, 3> kOwn = {
    {{"/healthz", Route::kHealth}, {"/readyz", Route::kReady}, {"/metrics", Route::kMetrics}}};
constexpr std::array<std::pair<std::string_view, Route>, 7> kOfTenants = {
    {{"/access/v1/evaluation", Route::kEvaluation},
     {"/access/v1/evaluations", Route::kEvaluations},
     {"/access/v1/search/subject", Route::kSearchSubject},
     {"/access/v1/search/resource", Route::kSearchResource},
     {"/access/v1/search/action", Route::kSearchAction},
     {"/openapi.json", Route::kOpenApi},
     {forward::kPath, Route::kForwardAuth}}};
constexpr std::string_view kMetadata = "/.well-known/authzen-configuration";
/// RFC 8414, 3.1: the tenant's path stands behind it.
constexpr std::string_view kServerMetadata = "/.well-known/oauth-authorization-server";

/// What the directory is asked by, and what people see, without a tenant's base path.
std::optional<Route> directory_route(std::string_view path) {
  if (account::is_page(path)) return Route::kPage;
  if (account::is_asset(path)) return Route::kAsset;
  if (oidc::is_path(path)) return Route::kOauth;
  if (path.starts_with(admin::kPrefix)) return Route::kAdmin;
  if (path.starts_with(glass_api::kPrefix)) return Route::kBreakGlass;
  if (path.starts_with(delegation_api::kPrefix)) return Route::kDelegations;
  if (path.starts_with(consent_api::kPrefix)) return Route::kFhir;
  if (path.starts_with(request_api::kPrefix)) return Route::kRequests;
  if (!path.starts_with(scim::kBasePath)) return std::nullopt;
  path.remove_prefix(scim::kBasePath.size());
  if (!path.empty() && !path.starts_with('/')) return std::nullopt;
  return Route::kScim;
}

std::optional<Place> find_directory(std::string_view path) {
  if (const auto route = directory_route(path)) return Place{.route = *route};
  const std::size_t slash = path.find('/', 1);
  if (slash == std::string_view::npos) return std::nullopt;
  const auto route = directory_route(path.substr(slash));
  if (!route) return std::nullopt;
  return Place{.route = *route, .base_path = path.substr(0, slash)};
}

bool is_of_authzen(Route route) {
  switch (route) {
    case Route::kEvaluation:
    case Route::kEvaluations:
    case Route::kSearchSubject:
    case Route::kSearchResource:
    case Route::kSearchAction:
    case Route::kMetadata: return true;
    default: return false;
  }
}

}  // namespace

Place find_place(std::string_view path) {
  for (const auto& [own, route] : kOwn) {
    if (path == own) return {.route = route};
  }
  if (path.starts_with(audit_api::kPrefix)) return {.route = Route::kAudit};
  if (path.starts_with(kMetadata)) {
    return {.route = Route::kMetadata, .base_path = path.substr(kMetadata.size())};
  }
  if (path.starts_with(kServerMetadata)) {
    return {.route = Route::kOauth, .base_path = path.substr(kServerMetadata.size())};
  }
  if (const auto place = find_directory(path)) return *place;
  for (const auto& [end, route] : kOfTenants) {
    if (path.ends_with(end)) {
      return {.route = route, .base_path = path.substr(0, path.size() - end.size())};
    }
  }
  return {};
}

void write_error(Route route, int status, std::string_view detail, net::HttpResponse& response) {
  if (is_of_authzen(route)) return authzen::write_error(status, detail, response);
  if (route == Route::kScim) return scim::write_error(status, detail, response);
  net::write_problem(status, detail, response);
}

}  // namespace wardlock::server
