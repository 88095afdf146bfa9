// Policy bundles: what reads is written again as the same bytes, its hash is the one it states, and
// no bundle is verified that nobody has signed. Its parts are read alone, too, since a bundle whose
// hash does not fit is not looked into.
#include "base/check.h"
#include "bundle/bundle_for_test.h"
#include "bundle/verify.h"

using namespace wardlock;
using namespace wardlock::bundle;

namespace {

void read_parts(std::string_view bytes) {
  if (const auto envelope = parse_envelope(bytes)) CHECK(envelope_text(*envelope) == bytes);
  if (const auto statement = parse_statement(bytes)) CHECK(statement_text(*statement) == bytes);
  if (const auto content = Content::parse(bytes)) {
    CHECK(content->bytes() == bytes);
    CHECK(content->size() == bytes.size());
    CHECK(content->hash() == crypto::sha256(bytes));
    for (const BundledFile& file : content->files()) {
      CHECK(kind_of(file.name).has_value() && file.name.find("/../") == std::string::npos);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Trust trust{.keys = {fixed_key('a').public_key()}};
  static const std::string good = signed_bytes(fixed_key('a'));
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_parts(bytes);
  if (const auto bundle = UnverifiedBundle::parse(bytes)) CHECK(bundle->bytes() == bytes);
  const auto verified = verify_bundle(bytes, trust, {.now = small_statement().created});
  CHECK(!verified || bytes == good);  // nothing else was ever signed with that key
  return 0;
}
