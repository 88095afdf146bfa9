#include "api/scim/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "api/scim/bulk.h"
#include "api/scim/changes.h"
#include "api/scim/discovery.h"
#include "api/scim/lists.h"
#include "api/scim/refusal.h"
#include "api/scim/renderer.h"
#include "api/scim/resource.h"
#include "base/utf8.h"
#include "directory/registry/registry.h"

namespace wardlock::scim {
namespace {

using administration::Deed;
using administration::Errand;
using codec::Json;
using directory::Thing;
using net::HttpRequest;
using net::HttpResponse;

constexpr std::string_view kScimType = "application/scim+json";
constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kMe = "/Me";
constexpr codec::JsonLimits kBodyLimits = {
    .max_bytes = kMaxBodyBytes, .max_depth = 32, .max_members = 1000};

std::unexpected<Refusal> not_there(std::string_view path) {
  return refused(404, {}, fmt::format("nothing is at `{}`", printable(path)));
}

/// Those who do not know SCIM's type get JSON's.
std::string_view answer_type(const HttpRequest& request) {
  const auto accept = request.header("Accept");
  const bool wants_json = accept && accept->contains(kJsonType) && !accept->contains(kScimType) &&
                          !accept->contains("*/*");
  return wants_json ? kJsonType : kScimType;
}

Answered<Json> read_body(const HttpRequest& request) {
  const std::string_view type = request.header("Content-Type").value_or("");
  const std::string_view media = type.substr(0, type.find_first_of("; \t"));
  if (!net::equal_ignoring_case(media, kScimType) && !net::equal_ignoring_case(media, kJsonType)) {
    return refused(415, {}, fmt::format("send `{}`", kScimType));
  }
  if (request.body.size() > kMaxBodyBytes) {
    return refused(413, {}, fmt::format("send at most {} bytes at once", kMaxBodyBytes));
  }
  auto body = codec::parse_json(request.body, kBodyLimits);
  if (!body) return refused(400, to_string(ErrorType::kInvalidSyntax), body.error().message);
  if (!body->is_object()) {
    return refused(400, to_string(ErrorType::kInvalidSyntax), "the body is no JSON object");
  }
  return *std::move(body);
}

/// Answers one request.
class Exchange {
 public:
  Exchange(const HttpRequest& request, const Errand& errand, HttpResponse& response)
      : request_(request), errand_(errand), response_(response) {}

  void answer() {
    response_.content_type = answer_type(request_);
    std::string_view path = request_.path;
    if (path.starts_with(kBasePath)) path.remove_prefix(kBasePath.size());
    if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    const Answered<void> done = route(path);
    if (done) return;
    response_.status = done.error().status;
    response_.body = codec::to_json_text(to_json(done.error()));
    if (response_.status == 503) response_.headers.add("Retry-After", "1");
  }

 private:
  Answered<void> route(std::string_view path);
  Answered<void> route_resources(std::string_view path);
  Answered<void> discover(std::string_view path);
  Answered<void> on_type(const ResourceType& type);
  Answered<void> on_resource(const ResourceType& type, std::string_view id);

  Answered<void> search(const ResourceType* type);
  Answered<void> list(const ResourceType* type, const SearchRequest& asked);
  Answered<void> bulk();
  Answered<void> me();
  Answered<void> create(const ResourceType& type);
  Answered<void> read(const ResourceType& type, std::string_view id);
  Answered<void> replace(const ResourceType& type, std::string_view id);
  Answered<void> patch(const ResourceType& type, std::string_view id);
  Answered<void> remove(const ResourceType& type, std::string_view id);

  using Change = std::function<Answered<Thing>(Changes&)>;
  Answered<Thing> write(const Change& change);
  Answered<void> show(const ResourceType& type, Thing thing, const Projection& projection);
  void send(const Json& json) { response_.body = codec::to_json_text(json); }
  Answered<void> allow(std::initializer_list<std::string_view> methods);
  Condition condition() const;
  bool is(std::string_view method) const {
    return request_.method == method || (method == "GET" && request_.method == "HEAD");
  }

  const HttpRequest& request_;
  const Errand& errand_;
  HttpResponse& response_;
};

Answered<void> Exchange::allow(std::initializer_list<std::string_view> methods) {
  if (std::ranges::any_of(methods, [this](std::string_view one) { return is(one); })) return {};
  std::string all;
  for (const std::string_view method : methods) {
    if (!all.empty()) all += ", ";
    all += method;
  }
  response_.headers.add("Allow", all);
  return refused(405, {}, fmt::format("here one may {}", all));
}

Condition Exchange::condition() const {
  const auto tags = request_.header("If-Match");
  if (!tags) return std::nullopt;
  return std::string(*tags);
}

Answered<void> Exchange::route(std::string_view path) {
  if (path == "/ServiceProviderConfig" || path.starts_with("/ResourceTypes") ||
      path.starts_with("/Schemas")) {
    return discover(path);
  }
  if (path == "/Bulk") {
    TRY_VOID(allow({"POST"}));
    return bulk();
  }
  if (path == kMe) return me();
  return route_resources(path);
}

Answered<void> Exchange::route_resources(std::string_view path) {
  constexpr std::string_view kSearch = "/.search";
  if (path.empty() || path == "/") {
    TRY_VOID(allow({"GET"}));
    return list(nullptr, TRY(read_search_query(request_.query)));
  }
  if (path == kSearch) {
    TRY_VOID(allow({"POST"}));
    return search(nullptr);
  }
  const std::size_t slash = path.find('/', 1);
  const ResourceType* type = find_resource_type(path.substr(0, slash));
  if (type == nullptr) return not_there(path);
  if (slash == std::string_view::npos) return on_type(*type);
  if (path.substr(slash) == kSearch) {
    TRY_VOID(allow({"POST"}));
    return search(type);
  }
  return on_resource(*type, path.substr(slash + 1));
}

Answered<void> Exchange::discover(std::string_view path) {
  TRY_VOID(allow({"GET"}));
  const auto asked = TRY(read_search_query(request_.query));
  if (asked.filter) return refused(403, {}, "what the server says of itself is not filtered");
  if (path == "/ServiceProviderConfig") {
    send(service_provider_config(errand_.base_url));
    return {};
  }
  const std::size_t slash = path.find('/', 1);
  const std::string_view list = path.substr(0, slash);
  const bool is_type = list == "/ResourceTypes";
  if (!is_type && list != "/Schemas") return not_there(path);
  if (slash == std::string_view::npos) {
    send(is_type ? resource_types(errand_.base_url) : schemas(errand_.base_url));
    return {};
  }
  const std::string_view id = path.substr(slash + 1);
  const auto found =
      is_type ? resource_type_named(id, errand_.base_url) : schema_named(id, errand_.base_url);
  if (!found) return not_there(path);
  send(*found);
  return {};
}

Answered<void> Exchange::on_type(const ResourceType& type) {
  TRY_VOID(allow({"GET", "POST"}));
  if (is("POST")) return create(type);
  return list(&type, TRY(read_search_query(request_.query)));
}

Answered<void> Exchange::on_resource(const ResourceType& type, std::string_view id) {
  TRY_VOID(allow({"GET", "PUT", "PATCH", "DELETE"}));
  if (is("PUT")) return replace(type, id);
  if (is("PATCH")) return patch(type, id);
  if (is("DELETE")) return remove(type, id);
  return read(type, id);
}

Answered<void> Exchange::search(const ResourceType* type) {
  const Json body = TRY(read_body(request_));
  return list(type, TRY(read_search_body(body)));
}

Answered<void> Exchange::list(const ResourceType* type, const SearchRequest& asked) {
  response_.body =
      type == nullptr ? TRY(list_of_all(errand_, asked)) : TRY(list_of_type(errand_, *type, asked));
  return {};
}

Answered<void> Exchange::bulk() {
  const Json body = TRY(read_body(request_));
  const BulkAnswer answer = TRY(answer_bulk(errand_, body));
  if (answer.revision != 0) {
    response_.headers.add(administration::kRevisionHeader, fmt::format("{}", answer.revision));
  }
  send(answer.message);
  return {};
}

/// Whoever asks, if it is a thing of the directory.
Answered<void> Exchange::me() {
  if (is("POST")) return refused(501, {}, "nobody enters themselves here");
  const directory::Mandate& mandate = errand_.mandate;
  const auto found = is_id(mandate.actor_id)
                         ? errand_.registry.find(mandate.tenant, mandate.actor_id)
                         : fail(ErrorCode::kNotFound, "");
  if (!found && found.error().code != ErrorCode::kNotFound) {
    return std::unexpected(Refusal(found.error()));
  }
  if (!found) return refused(404, {}, "who asks is not in the directory");
  const ResourceType& type = resource_type(found->kind);
  TRY_VOID(on_resource(type, found->id));
  response_.headers.add("Content-Location", location_of(errand_.base_url, type, found->id));
  return {};
}

Answered<Thing> Exchange::write(const Change& change) {
  std::optional<Thing> made;
  std::optional<Refusal> refusal;
  const auto written =
      errand_.registry.write(errand_.mandate, [&](directory::Edit& edit) -> Result<void> {
        made.reset();
        refusal.reset();
        Changes changes(errand_, edit);
        auto thing = change(changes);
        if (thing) {
          made = *std::move(thing);
          return {};
        }
        refusal = std::move(thing).error();
        return fail(ErrorCode::kCancelled, "the change is refused");
      });
  if (refusal) return std::unexpected(*refusal);
  if (!written) return std::unexpected(Refusal(written.error()));
  response_.headers.add(administration::kRevisionHeader, fmt::format("{}", *written));
  return std::move(*made);
}

Answered<void> Exchange::show(const ResourceType& type, Thing thing, const Projection& projection) {
  Renderer renderer(errand_, type, projection);
  TRY_VOID(renderer.load({&thing, 1}));
  response_.headers.add("ETag", etag_of(thing));
  send(renderer.render(thing));
  return {};
}

Answered<void> Exchange::create(const ResourceType& type) {
  const Projection projection = TRY(read_projection(request_.query));
  const Json body = TRY(read_body(request_));
  const Change change = [&](Changes& changes) -> Answered<Thing> {
    Thing thing = TRY(changes.create(type, body.as_object()));
    TRY_VOID(Renderer(errand_, type, projection).check_sensitive(thing));
    return thing;
  };
  const Thing made = TRY(write(change));
  response_.status = 201;
  response_.headers.add("Location", location_of(errand_.base_url, type, made.id));
  return show(type, made, projection);
}

Answered<void> Exchange::read(const ResourceType& type, std::string_view id) {
  const Projection projection = TRY(read_projection(request_.query));
  const auto found = is_id(id) ? errand_.registry.find(errand_.mandate.tenant, id)
                               : fail(ErrorCode::kNotFound, "");
  if (!found && found.error().code != ErrorCode::kNotFound) {
    return std::unexpected(Refusal(found.error()));
  }
  if (!found || found->kind != type.kind) {
    TRY_VOID(errand_.gate.check(Deed::kRead, type.kind));  // who may not ask is not told
    return refused(404, {}, fmt::format("nothing here has the id `{}`", printable(id)));
  }
  TRY_VOID(errand_.gate.check(Deed::kRead, *found));
  TRY_VOID(Renderer(errand_, type, projection).check_sensitive(*found));
  const auto known = request_.header("If-None-Match");
  if (known && is_named_by(*found, *known)) {
    response_.status = 304;
    response_.content_type = {};
    response_.headers.add("ETag", etag_of(*found));
    return {};
  }
  const auto wanted = request_.header("If-Match");
  if (wanted && !is_named_by(*found, *wanted)) {
    return refused(412, {}, fmt::format("it has the version `{}`", etag_of(*found)));
  }
  return show(type, *found, projection);
}

Answered<void> Exchange::replace(const ResourceType& type, std::string_view id) {
  const Projection projection = TRY(read_projection(request_.query));
  const Json body = TRY(read_body(request_));
  const Change change = [&](Changes& changes) -> Answered<Thing> {
    Thing after = TRY(changes.replace(type, id, condition(), body.as_object()));
    TRY_VOID(Renderer(errand_, type, projection).check_sensitive(after));
    return after;
  };
  const Thing thing = TRY(write(change));
  return show(type, thing, projection);
}

Answered<void> Exchange::patch(const ResourceType& type, std::string_view id) {
  const Projection projection = TRY(read_projection(request_.query));
  const Json body = TRY(read_body(request_));
  const Change change = [&](Changes& changes) -> Answered<Thing> {
    auto operations = TRY(parse_patch(body));
    Thing after = TRY(changes.patch(type, id, condition(), std::move(operations)));
    TRY_VOID(Renderer(errand_, type, projection).check_sensitive(after));
    return after;
  };
  const Thing thing = TRY(write(change));
  // A group may have more members than a client wants to read after each change; one that does
  // says so (RFC 7644, 3.5.2).
  if (type.kind != directory::Kind::kGroup || !projection.is_usual()) {
    return show(type, thing, projection);
  }
  response_.status = 204;
  response_.content_type = {};
  response_.headers.add("ETag", etag_of(thing));
  return {};
}

Answered<void> Exchange::remove(const ResourceType& type, std::string_view id) {
  std::optional<Refusal> refusal;
  const auto written =
      errand_.registry.write(errand_.mandate, [&](directory::Edit& edit) -> Result<void> {
        refusal.reset();
        Changes changes(errand_, edit);
        const auto done = changes.remove(type, id, condition());
        if (done) return {};
        refusal = done.error();
        return fail(ErrorCode::kCancelled, "the change is refused");
      });
  if (refusal) return std::unexpected(*refusal);
  if (!written) return std::unexpected(Refusal(written.error()));
  response_.headers.add(administration::kRevisionHeader, fmt::format("{}", *written));
  response_.status = 204;
  response_.content_type = {};
  return {};
}

}  // namespace

void answer(const HttpRequest& request, const Errand& errand, HttpResponse& response) {
  Exchange(request, errand, response).answer();
}

}  // namespace wardlock::scim
