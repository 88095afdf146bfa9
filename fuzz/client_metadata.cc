// What a client says of itself when it registers: is taken, or refused in words that an answer may
// hold; what is taken reads the same when it is shown and sent again.
#include <algorithm>
#include <string>

#include "authn/oauth/client.h"
#include "authn/oauth/redirect_uri.h"
#include "base/check.h"
#include "codec/json.h"
#include "net/egress.h"

using namespace wardlock;

namespace {

bool is_descriptive(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

void check_taken(const oauth::Client& client) {
  CHECK(!client.name.empty());
  for (const std::string& uri : client.redirect_uris) {
    CHECK(oauth::check_redirect_uri(uri, client.is_native).has_value());
  }
  if (!client.jwks_uri.empty()) {
    CHECK(client.jwks.is_null());
    CHECK(net::EgressUrl::parse(client.jwks_uri).has_value());
    CHECK(client.jwks_uri.starts_with("https://"));
  }
  if (client.is_public()) {
    CHECK(!client.may(oauth::GrantType::kClientCredentials) && !client.may_introspect);
  }
  const boost::json::object shown = to_json(client);
  const auto again = oauth::read_client(shown);
  CHECK(again.has_value());
  CHECK(to_json(*again) == shown);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = codec::parse_json(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!json || !json->is_object()) return 0;
  const auto client = oauth::read_client(json->get_object());
  if (client) {
    check_taken(*client);
  } else {
    CHECK(!client.error().description.empty());
    CHECK(std::ranges::all_of(client.error().description, is_descriptive));
  }
  return 0;
}
