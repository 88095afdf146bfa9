#include "server/log_reader.h"

#include "api/audit/log_endpoints.h"

namespace wardlock::server {

LogReader::LogReader(AuditLog& audit)
    : audit_(audit),
      tiles_(audit.files(), audit.folder()),
      records_(audit.files(), audit.folder()) {}

void LogReader::answer(const net::HttpRequest& request, net::HttpResponse& response) {
  // The size first: the checkpoint that is read after it covers at least as much.
  const std::uint64_t size = audit_.log().status().checkpoint_size;
  const std::string checkpoint = audit_.log().checkpoint();
  audit_api::answer(request,
                    {.tiles = tiles_, .records = records_, .checkpoint = checkpoint, .size = size},
                    response);
}

}  // namespace wardlock::server
