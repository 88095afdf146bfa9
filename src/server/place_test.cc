#include "server/place.h"

#include <gtest/gtest.h>

namespace wardlock::server {
namespace {

std::string found(std::string_view path) {
  const Place place = find_place(path);
  return std::string(to_string(place.route)) + " " + std::string(place.base_path);
}

TEST(Place, IsARouteAndATenantsPath) {
  EXPECT_EQ(found("/access/v1/evaluation"), "evaluation ");
  EXPECT_EQ(found("/st-mary/access/v1/evaluations"), "evaluations /st-mary");
  EXPECT_EQ(found("/access/v1/search/subject"), "search-subject ");
  EXPECT_EQ(found("/st-mary/access/v1/search/resource"), "search-resource /st-mary");
  EXPECT_EQ(found("/access/v1/search/action"), "search-action ");
  EXPECT_EQ(found("/st-mary/forward-auth"), "forward-auth /st-mary");
  EXPECT_EQ(found("/.well-known/authzen-configuration"), "metadata ");
  EXPECT_EQ(found("/.well-known/authzen-configuration/st-mary"), "metadata /st-mary");
  EXPECT_EQ(found("/st-mary/openapi.json"), "openapi /st-mary");
  EXPECT_EQ(found("/healthz"), "healthz ");
  EXPECT_EQ(found("/readyz"), "readyz ");
  EXPECT_EQ(found("/metrics"), "metrics ");
  EXPECT_EQ(found("/scim/v2"), "scim ");
  EXPECT_EQ(found("/st-mary/scim/v2/Users/x"), "scim /st-mary");
  EXPECT_EQ(found("/st-mary/admin/v1/people"), "admin /st-mary");
  EXPECT_EQ(found("/oauth2/token"), "oauth ");
  EXPECT_EQ(found("/st-mary/oauth2/authorize"), "oauth /st-mary");
  EXPECT_EQ(found("/st-mary/.well-known/openid-configuration"), "oauth /st-mary");
  EXPECT_EQ(found("/.well-known/oauth-authorization-server"), "oauth ");
  EXPECT_EQ(found("/.well-known/oauth-authorization-server/st-mary"), "oauth /st-mary");
  EXPECT_EQ(found("/sign-in"), "page ");
  EXPECT_EQ(found("/st-mary/account/enrol"), "page /st-mary");
  EXPECT_EQ(found("/st-mary/assets/wardlock.css"), "asset /st-mary");
}

TEST(Place, SaysWhatWentWrongAsIsTheCustomThere) {
  const auto type = [](Route route) {
    net::HttpResponse response;
    write_error(route, 429, "too \"fast\"", response);
    EXPECT_EQ(response.status, 429);
    EXPECT_TRUE(response.body.contains(R"(too \"fast\")")) << response.body;
    return std::string(response.content_type);
  };
  EXPECT_EQ(type(Route::kEvaluation), "application/json");
  EXPECT_EQ(type(Route::kScim), "application/scim+json");
  for (const Route route : {Route::kAdmin, Route::kAudit, Route::kMetrics, Route::kOther}) {
    EXPECT_EQ(type(route), "application/problem+json");
  }
}

TEST(Place, IsNoneForOtherPaths) {
  for (const char* path : {"",
                           "*",
                           "/",
                           "/st-mary",
                           "/healthz/",
                           "/st-mary/healthz",
                           "/Metrics",
                           "/access/v1/evaluation/",
                           "/access/v1/search",
                           "/access/v1/search/actions",
                           "/access/v1/resource/search",
                           "/access/v1/Evaluation",
                           "/forward-auth/x",
                           "/access/v1/evaluation%20",
                           "/scim/v22",
                           "/scim",
                           "/a/b/scim/v2/Users",
                           "/admin/v1",
                           "/sign-in/",
                           "/a/b/sign-in",
                           "/accounts"}) {
    EXPECT_EQ(found(path), "other ") << path;
  }
  // What is before the endpoint is nobody's path, and so refused.
  EXPECT_EQ(found("/a/../b/access/v1/evaluation"), "evaluation /a/../b");
  EXPECT_EQ(found("//access/v1/evaluation"), "evaluation /");
}

}  // namespace
}  // namespace wardlock::server
