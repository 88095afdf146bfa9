// The body of an AuthZEN evaluation: always answered, with a decision or with what is wrong. And
// the same by both readers: what the quick one takes for a question, the other takes for the same.
#include <string>
#include <vector>

#include "authzen_world.h"

using namespace wardlock;

namespace {

std::vector<std::string> decisions_on(std::string_view body) {
  std::vector<std::string> decisions;
  authzen::ask_both("/access/v1/evaluation", "", body, [&](const net::HttpResponse& response) {
    CHECK(response.status == 200 || response.status == 400);
    CHECK(!response.body.empty());
    decisions.push_back(response.status == 200 ? response.body : "");
  });
  return decisions;
}

/// With a member that means nothing, as only the reader of documents bears.
std::string for_the_other_reader(std::string_view body) {
  std::string out(body);
  return out.insert(out.rfind('}'), R"(,"other reader":0)");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> decisions = decisions_on(body);
  if (decisions == std::vector<std::string>(2) || body.contains("other reader")) return 0;
  CHECK(decisions_on(for_the_other_reader(body)) == decisions);
  return 0;
}
