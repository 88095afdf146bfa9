// The body of an AuthZEN evaluations request: always answered; as many replies as questions, or
// fewer where a semantic ended it; and the same decisions, however much is told of them.
#include <algorithm>

#include "authzen_world.h"
#include "codec/json.h"

using namespace wardlock;

namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view kPath = "/access/v1/evaluations";

/// The decisions of an answer, e.g. `+-`; a single reply has one.
std::string decisions(const object& reply) {
  if (!reply.contains("evaluations")) return reply.at("decision").as_bool() ? "+" : "-";
  std::string signs;
  for (const auto& item : reply.at("evaluations").as_array()) {
    const object& decision = item.as_object();
    const bool is_allowed = decision.at("decision").as_bool();
    const object* context =
        decision.contains("context") ? &decision.at("context").as_object() : nullptr;
    CHECK(!is_allowed || context == nullptr || !context->contains("error"));
    signs += is_allowed ? '+' : '-';
  }
  return signs;
}

/// How many questions the body holds, or 0 where it is a single one.
std::size_t count_questions(const codec::Json& body) {
  const auto* questions = body.as_object().if_contains("evaluations");
  return questions == nullptr || questions->is_null() ? 0 : questions->as_array().size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  std::string first[2], second[2];
  const auto collect = [&](std::string* out) {
    return [&, out, i = 0](const net::HttpResponse& response) mutable {
      CHECK(response.status == 200 || response.status == 400);
      const auto reply = codec::parse_json(response.body);
      CHECK(reply);
      if (response.status == 200) {
        out[i] = decisions(reply->as_object());
        const std::size_t questions = count_questions(*codec::parse_json(body));
        CHECK(out[i].size() <= std::max<std::size_t>(questions, 1) && !out[i].empty());
      } else {
        CHECK(reply->is_string());
      }
      ++i;
    };
  };
  auto collect_first = collect(first);
  auto collect_second = collect(second);
  authzen::ask_both(kPath, "return=minimal", body, [&](const auto& r) { collect_first(r); });
  authzen::ask_both(kPath, "return=representation", body,
                    [&](const auto& r) { collect_second(r); });
  for (int i = 0; i < 2; ++i) CHECK(first[i] == second[i]);
  return 0;
}
