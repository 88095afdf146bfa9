#include "server/world.h"

#include <fmt/format.h>

#include "server/tenant_files.h"

namespace wardlock::server {

Result<std::shared_ptr<const pdp::Snapshot>> load_snapshot(const config::Config& config,
                                                           const config::Tenant& tenant,
                                                           std::uint64_t revision,
                                                           const pdp::Snapshot* before) {
  const pdp::Sources sources = TRY(read_tenant(tenant));
  return pdp::build_snapshot(
      sources,
      {.mode = config.mode,
       .is_schema_required = !config.is_lenient,
       .unknown_annotations = config.is_lenient ? Severity::kWarning : Severity::kError,
       .invalid_policies = config.is_lenient ? Severity::kWarning : Severity::kError,
       .revision = revision},
      before);
}

}  // namespace wardlock::server
