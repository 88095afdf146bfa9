#include "server/place.h"

#include <array>
#include <optional>
#include <utility>

#include "api/audit/log_endpoints.h"
#include "api/forward/forward_auth.h"
#include "server/directory_desk.h"

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

/// The base path before what the directory is asked by.
std::optional<std::string_view> find_directory(std::string_view path) {
  if (DirectoryDesk::is_here(path)) return path.substr(0, 0);
  const std::size_t slash = path.find('/', 1);
  if (slash == std::string_view::npos || !DirectoryDesk::is_here(path.substr(slash))) {
    return std::nullopt;
  }
  return path.substr(0, slash);
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
  if (const auto base_path = find_directory(path)) {
    return {.route = Route::kDirectory, .base_path = *base_path};
  }
  for (const auto& [end, route] : kOfTenants) {
    if (path.ends_with(end)) {
      return {.route = route, .base_path = path.substr(0, path.size() - end.size())};
    }
  }
  return {};
}

bool is_of_authzen(Route route) {
  switch (route) {
    case Route::kEvaluation:
    case Route::kEvaluations:
    case Route::kSearchSubject:
    case Route::kSearchResource:
    case Route::kSearchAction:
    case Route::kMetadata: return true;
    case Route::kForwardAuth:
    case Route::kOpenApi:
    case Route::kHealth:
    case Route::kReady:
    case Route::kMetrics:
    case Route::kAudit:
    case Route::kDirectory:
    case Route::kOther: break;
  }
  return false;
}

}  // namespace wardlock::server
