// HTTP/1.1: the same requests and the same refusal, however the bytes arrive.
#include <string>
#include <vector>

#include "base/check.h"
#include "net/request_reader.h"

using namespace wardlock;

namespace {

std::vector<std::string> read_all(std::string_view bytes, std::size_t piece) {
  const net::HttpLimits limits{.max_header_bytes = 1024, .max_body_bytes = 4096};
  std::vector<std::string> seen;
  const auto refusal =
      net::parse_http_requests(bytes, limits, piece, [&](const net::HttpRequest& request) {
        CHECK(!request.method.empty());
        CHECK(request.body.size() <= limits.max_body_bytes);
        seen.push_back(std::string(request.method) + " " + std::string(request.target) + " " +
                       std::string(request.body));
      });
  if (refusal) seen.push_back("refused " + std::to_string(refusal->status));
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = read_all(bytes, size == 0 ? 1 : size);
  CHECK(whole == read_all(bytes, 1));
  CHECK(whole == read_all(bytes, 7));
  return 0;
}
