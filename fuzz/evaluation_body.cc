// The body of an AuthZEN evaluation: always answered, with a decision or with what is wrong.
#include "api/authzen/endpoints.h"
#include "base/check.h"
#include "pdp/snapshot.h"

using namespace wardlock;

namespace {

std::shared_ptr<const pdp::Snapshot> make_snapshot(bool has_schema) {
  pdp::Sources sources;
  sources.policies = {{"fuzz.cedar", R"(
    permit (principal, action, resource) when { principal has level && principal.level > 1 };
    forbid (principal, action == Action::"edit", resource) unless { context.rate < 10 };
    @override("break-glass") permit (principal, action, resource) when { context has override };)"}};
  sources.entities = pdp::Source{"entities.json", R"([
    {"uid": {"type": "User", "id": "a"}, "attrs": {"level": 2}, "parents": []}])"};
  if (has_schema) {
    sources.schemas = {{"fuzz.cedarschema", R"(
      entity User = { level?: Long, @source("request") from?: ipaddr };
      entity Chart = { @source("request") tags?: Set<String> };
      action view, edit appliesTo { principal: User, resource: [Chart, User],
        context: { rate?: Long, by?: User, at?: datetime } };)"}};
  }
  auto snapshot = pdp::build_snapshot(sources, pdp::Mode::kStrict);
  CHECK(snapshot);
  return *snapshot;
}

const pdp::Caller caller = pdp::Caller::unrestricted("fuzz");

std::string fixed_id() { return "id"; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto plain = make_snapshot(false), typed = make_snapshot(true);
  net::HttpRequest request;
  request.method = "POST";
  request.target = request.path = "/access/v1/evaluation";
  request.headers = {{"Host", "127.0.0.1"}, {"Content-Type", "application/json"}};
  request.body = {reinterpret_cast<const char*>(data), size};
  for (const auto& snapshot : {plain, typed}) {
    const net::HttpResponse response = authzen::answer(
        request,
        {.snapshot = *snapshot, .caller = caller, .now = 1'700'000'000'000, .new_id = &fixed_id});
    CHECK(response.status == 200 || response.status == 400);
    CHECK(!response.body.empty());
  }
  return 0;
}
