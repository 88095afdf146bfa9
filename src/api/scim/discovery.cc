#include "api/scim/discovery.h"

#include <fmt/format.h>

#include "api/scim/attribute_path.h"
#include "api/scim/bulk.h"
#include "api/scim/endpoints.h"
#include "api/scim/lists.h"
#include "api/scim/search_request.h"
#include "directory/model/scim_schema.h"
#include "directory/registry/query.h"

namespace wardlock::scim {
namespace {

using boost::json::array;
using boost::json::object;
using codec::Json;

constexpr std::string_view kConfigSchema =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

object meta(std::string_view type, std::string_view base_url, std::string_view path) {
  return {{"resourceType", type}, {"location", fmt::format("{}{}{}", base_url, kBasePath, path)}};
}

array with_meta(Json all, std::string_view type, std::string_view path, std::string_view base_url) {
  array resources = std::move(all.as_array());
  for (Json& each : resources) {
    const std::string_view id = each.at("id").as_string();
    each.as_object()["meta"] = meta(type, base_url, fmt::format("{}/{}", path, id));
  }
  return resources;
}

std::optional<Json> find(const array& resources, std::string_view id) {
  for (const Json& each : resources) {
    if (is_same_name(each.at("id").as_string(), id)) return each;
  }
  return std::nullopt;
}

array all_types(std::string_view base_url) {
  return with_meta(directory::scim_resource_types(), "ResourceType", "/ResourceTypes", base_url);
}

array all_schemas(std::string_view base_url) {
  return with_meta(directory::scim_schemas(), "Schema", "/Schemas", base_url);
}

object supported(bool is_supported) { return {{"supported", is_supported}}; }

}  // namespace

Json service_provider_config(std::string_view base_url) {
  object bulk = supported(true);
  bulk["maxOperations"] = kMaxBulkOperations;
  bulk["maxPayloadSize"] = kMaxBodyBytes;
  object filter = supported(true);
  filter["maxResults"] = directory::kMaxPageSize;
  return object{{"schemas", {kConfigSchema}},
                {"patch", supported(true)},
                {"bulk", std::move(bulk)},
                {"filter", std::move(filter)},
                {"changePassword", supported(false)},
                {"sort", supported(true)},
                {"etag", supported(true)},
                {"pagination",  // RFC 9865, 4
                 {{"cursor", true},
                  {"index", true},
                  {"defaultPaginationMethod", "index"},
                  {"defaultPageSize", kUsualPageSize},
                  {"maxPageSize", directory::kMaxPageSize}}},
                {"authenticationSchemes",
                 array{object{{"type", "oauthbearertoken"},
                              {"name", "Bearer token"},
                              {"description",
                               "A credential of a person, service or agent of the directory, "
                               "in the Authorization header."},
                              {"specUri", "https://www.rfc-editor.org/info/rfc6750"},
                              {"primary", true}}}},
                {"meta", meta("ServiceProviderConfig", base_url, "/ServiceProviderConfig")}};
}

Json resource_types(std::string_view base_url) { return list_of(all_types(base_url)); }

std::optional<Json> resource_type_named(std::string_view id, std::string_view base_url) {
  return find(all_types(base_url), id);
}

Json schemas(std::string_view base_url) { return list_of(all_schemas(base_url)); }

std::optional<Json> schema_named(std::string_view id, std::string_view base_url) {
  return find(all_schemas(base_url), id);
}

}  // namespace wardlock::scim
