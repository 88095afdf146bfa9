// What a provider says of itself: is read, or says why not; an address that is taken is read one
// way.
#include "authn/federation/provider_metadata.h"

#include "base/check.h"
#include "net/egress.h"

using namespace wardlock;

namespace {

void check_address(std::string_view text) {
  const auto url = net::EgressUrl::parse(text);
  if (!url) {
    CHECK(!url.error().message.empty());
    return;
  }
  CHECK(text.starts_with(url->origin) && url->path.starts_with('/'));
  if (text.size() == 2048) return;  // a `/` that is put in is one too many
  const auto again = net::EgressUrl::parse(url->origin + url->path);
  CHECK(again && again->origin == url->origin && again->path == url->path);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_address(text);
  const auto metadata = authn::ProviderMetadata::parse(text, "https://login.example");
  if (!metadata) {
    CHECK(!metadata.error().message.empty());
    return 0;
  }
  for (const std::string& each :
       {metadata->authorization_endpoint, metadata->token_endpoint, metadata->jwks_uri}) {
    CHECK(each.starts_with("https://"));
    check_address(each);
  }
  return 0;
}
