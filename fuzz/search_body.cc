// The body of an AuthZEN search: always answered, and what is found is allowed when it is asked
// about.
#include <string>
#include <vector>

#include "authzen_world.h"
#include "codec/json.h"

using namespace wardlock;

namespace {

using boost::json::object;

/// A search's path, the member that it fills, and with what.
struct Kind {
  std::string_view path, member, key;
};
constexpr Kind kKinds[] = {{"/access/v1/search/subject", "subject", "id"},
                           {"/access/v1/search/resource", "resource", "id"},
                           {"/access/v1/search/action", "action", "name"}};

/// The replies without a schema and with one; null for a refusal.
std::vector<codec::Json> ask(std::string_view path, std::string_view body) {
  std::vector<codec::Json> replies;
  authzen::ask_both(path, "", body, [&](const net::HttpResponse& response) {
    CHECK(response.status == 200 || response.status == 400);
    auto reply = codec::parse_json(response.body);
    CHECK(reply && reply->is_string() == (response.status != 200));
    replies.push_back(response.status == 200 ? *std::move(reply) : nullptr);
  });
  return replies;
}

/// Whether the search's question is allowed with the gap filled.
void check_allowed(const Kind& kind, object question, const object& result, std::size_t world) {
  auto& filled = question[kind.member];
  if (!filled.is_object()) filled = object();
  filled.as_object()[kind.key] = result.at(kind.key);
  if (kind.member == "action") filled.as_object().erase("properties");
  const auto reply = ask("/access/v1/evaluation", codec::to_json_text(question)).at(world);
  CHECK(!reply.is_null() && reply.as_object().at("decision").as_bool());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const Kind& kind : kKinds) {
    const auto replies = ask(kind.path, body);
    for (std::size_t world = 0; world < replies.size(); ++world) {
      if (replies[world].is_null()) continue;
      const object request = codec::parse_json(body)->as_object();
      for (const auto& result : replies[world].at("results").as_array()) {
        check_allowed(kind, request, result.as_object(), world);
      }
    }
  }
  return 0;
}
