// What a browser sends of a passkey, as JSON: is read, or says why not; what was read is whole, is
// read the same when it is written again, and lets nobody in.
#include <boost/json/object.hpp>
#include <string>

#include "base/check.h"
#include "codec/base64url.h"
#include "codec/json.h"
#include "webauthn/response_json.h"

using namespace wardlock;
using namespace wardlock::webauthn;

namespace {

std::string encoded(std::string_view bytes) {
  return codec::to_base64url(
      std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

std::string envelope(const std::string& id, boost::json::object response) {
  return codec::to_json_text(boost::json::object{
      {"type", "public-key"}, {"rawId", encoded(id)}, {"response", std::move(response)}});
}

void check_registration(std::string_view text) {
  const auto read = read_registration_json(text);
  if (!read) {
    CHECK(read.error().step == Step::kForm && !read.error().message.empty());
    return;
  }
  CHECK(!read->credential_id.empty() && !read->client_data_json.empty() &&
        !read->attestation_object.empty());
  const auto again = read_registration_json(
      envelope(read->credential_id, {{"clientDataJSON", encoded(read->client_data_json)},
                                     {"attestationObject", encoded(read->attestation_object)}}));
  CHECK(again && again->credential_id == read->credential_id &&
        again->client_data_json == read->client_data_json &&
        again->attestation_object == read->attestation_object);
}

void check_assertion(std::string_view text) {
  const auto read = read_assertion_json(text);
  if (!read) {
    CHECK(read.error().step == Step::kForm && !read.error().message.empty());
    return;
  }
  CHECK(!read->credential_id.empty() && !read->client_data_json.empty() &&
        !read->authenticator_data.empty() && !read->signature.empty());
  boost::json::object response = {{"clientDataJSON", encoded(read->client_data_json)},
                                  {"authenticatorData", encoded(read->authenticator_data)},
                                  {"signature", encoded(read->signature)}};
  if (read->user_handle) response["userHandle"] = encoded(*read->user_handle);
  const auto again = read_assertion_json(envelope(read->credential_id, std::move(response)));
  CHECK(again && again->credential_id == read->credential_id &&
        again->client_data_json == read->client_data_json &&
        again->authenticator_data == read->authenticator_data &&
        again->signature == read->signature && again->user_handle == read->user_handle);
  static const RelyingParty party = {
      .id = "example.org", .origins = {"https://example.org"}, .top_origins = {}};
  const Credential known = {.id = read->credential_id, .public_key = read->authenticator_data};
  CHECK(!verify_assertion(
      read->response(), known,
      {.party = party, .challenge = "drawn", .user_handle = "", .is_user_known = true}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_registration(text);
  check_assertion(text);
  return 0;
}
