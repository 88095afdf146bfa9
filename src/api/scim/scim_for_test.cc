#include "api/scim/scim_for_test.h"

#include <fmt/format.h>

#include <algorithm>

namespace wardlock::scim {
namespace {

std::string_view word_of(administration::Deed deed) {
  using enum administration::Deed;
  switch (deed) {
    case kRead: return "read";
    case kReadSensitive: return "readSensitive";
    case kCreate: return "create";
    case kChange: return "change";
    case kSetState: return "setState";
    case kRemove: return "remove";
    case kRelate: return "relate";
    case kEndRelation: return "endRelation";
    default: return "other";
  }
}

}  // namespace

Result<void> GateForTest::check(Deed deed, directory::Kind kind) {
  return answer(deed, to_string(kind));
}
Result<void> GateForTest::check(Deed deed, const directory::Thing& thing) {
  return answer(deed, to_string(thing.kind));
}
Result<void> GateForTest::check(Deed deed, directory::Relation relation, const directory::Thing&,
                                const directory::Thing&) {
  return answer(deed, to_string(relation));
}

Result<void> GateForTest::check(administration::ClientDeed, const administration::ClientStanding&) {
  return fail(ErrorCode::kPermissionDenied, "SCIM has nothing to do with clients");
}

Result<void> GateForTest::check(administration::PolicyDeed, const administration::PolicyStanding&) {
  return fail(ErrorCode::kPermissionDenied, "SCIM has nothing to do with policies");
}

Result<void> GateForTest::answer(Deed deed, std::string_view what) {
  const std::string& question = asked.emplace_back(fmt::format("{} {}", word_of(deed), what));
  const bool is_refused = std::ranges::find(refused, deed) != refused.end() ||
                          std::ranges::find(denied, question) != denied.end();
  if (!is_refused) return {};
  return fail(ErrorCode::kPermissionDenied, fmt::format("you may not {} this", word_of(deed)));
}

codec::Json ReplyForTest::at(std::string_view pointer) const {
  boost::system::error_code error;
  const codec::Json* found = body.find_pointer(pointer, error);
  return found == nullptr ? codec::Json() : *found;
}

std::string ReplyForTest::text(std::string_view pointer) const {
  const codec::Json found = at(pointer);
  return found.is_string() ? std::string(found.as_string()) : "";
}

ReplyForTest ScimTest::send(std::string_view method, std::string_view target, std::string_view body,
                            const std::map<std::string, std::string>& headers) {
  const std::string whole = fmt::format("{}{}", kBasePath, target);
  const std::string_view view = whole;
  const std::size_t question = std::min(view.find('?'), view.size());
  net::HttpRequest request{.method = method, .target = view, .path = view.substr(0, question)};
  request.query = view.substr(std::min(question + 1, view.size()));
  request.body = body;
  const bool has_type = headers.contains("Content-Type");
  if (!body.empty() && !has_type)
    request.headers.push_back({"Content-Type", "application/scim+json"});
  for (const auto& [name, value] : headers) request.headers.push_back({name, value});
  const administration::Errand errand{.registry = *registry_,
                                      .gate = gate_,
                                      .mandate = mandate_,
                                      .base_url = "https://pdp.example/st-mary",
                                      .now = now_};
  net::HttpResponse response;
  answer(request, errand, response);
  ReplyForTest reply{.status = response.status, .type = std::string(response.content_type)};
  for (const auto& field : response.headers) reply.headers[field.name] = field.value;
  if (!response.body.empty()) reply.body = directory::json(response.body);
  return reply;
}

ReplyForTest ScimTest::patch(std::string_view target, std::string_view operations) {
  return send("PATCH", target,
              fmt::format(R"({{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],)"
                          R"("Operations":{}}})",
                          operations));
}

ReplyForTest ScimTest::bulk(std::string_view operations, std::string_view more) {
  return post("/Bulk",
              fmt::format(R"({{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],)"
                          R"("Operations":{}{}}})",
                          operations, more));
}

std::string ScimTest::user(const std::string& name, const std::string& more) {
  const auto made = post(
      "/Users", fmt::format(R"({{"schemas":["{}"],"userName":"{}"{}}})", kUserSchema, name, more));
  EXPECT_EQ(made.status, 201) << made.body;
  return made.id();
}

std::string ScimTest::group_over_scim(const std::string& name, const std::string& more) {
  const auto made =
      post("/Groups", fmt::format(R"({{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],)"
                                  R"("displayName":"{}"{}}})",
                                  name, more));
  EXPECT_EQ(made.status, 201) << made.body;
  return made.id();
}

std::vector<std::string> ScimTest::found(std::string_view target, std::string_view pointer) {
  const auto reply = get(target);
  EXPECT_EQ(reply.status, 200) << reply.body;
  std::vector<std::string> texts;
  if (reply.status != 200) return texts;
  const codec::Json resources = reply.at("/Resources");
  for (const codec::Json& each : resources.as_array()) {
    boost::system::error_code error;
    const codec::Json* text = each.find_pointer(pointer, error);
    texts.emplace_back(text == nullptr ? "" : std::string_view(text->as_string()));
  }
  return texts;
}

std::vector<std::string> ScimTest::values(const ReplyForTest& reply, std::string_view name) {
  std::vector<std::string> out;
  const codec::Json list = reply.at(name);
  if (!list.is_array()) return out;
  for (const codec::Json& each : list.as_array()) out.emplace_back(each.at("value").as_string());
  return out;
}

}  // namespace wardlock::scim
