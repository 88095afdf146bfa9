// The body of an AuthZEN evaluation: always answered, with a decision or with what is wrong.
#include "authzen_world.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  authzen::ask_both("/access/v1/evaluation", "", body, [](const net::HttpResponse& response) {
    CHECK(response.status == 200 || response.status == 400);
    CHECK(!response.body.empty());
  });
  return 0;
}
