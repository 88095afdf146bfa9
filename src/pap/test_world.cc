#include "pap/test_world.h"

#include "pdp/bundle_sources.h"

namespace wardlock::pap {

pdp::Sources with_test_world(const bundle::Content& content) {
  pdp::Sources sources = pdp::sources_of(content);
  for (const bundle::BundledFile& file : content.files()) {
    if (bundle::kind_of(file.name) != bundle::FileKind::kTestWorld) continue;
    sources.entities = pdp::Source{file.name, file.text};
  }
  return sources;
}

}  // namespace wardlock::pap
