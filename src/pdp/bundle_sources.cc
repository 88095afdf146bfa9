#include "pdp/bundle_sources.h"

namespace wardlock::pdp {

Sources sources_of(const bundle::Content& content) {
  Sources sources;
  for (const bundle::BundledFile& file : content.files()) {
    Source source{file.name, file.text};
    switch (*bundle::kind_of(file.name)) {
      case bundle::FileKind::kPolicies: sources.policies.push_back(std::move(source)); break;
      case bundle::FileKind::kSchema: sources.schemas.push_back(std::move(source)); break;
      case bundle::FileKind::kLinks: sources.links = std::move(source); break;
      case bundle::FileKind::kTests:
      case bundle::FileKind::kTestWorld:
      case bundle::FileKind::kInvariants:
      case bundle::FileKind::kMetadata: break;
    }
  }
  return sources;
}

}  // namespace wardlock::pdp
