#include "audit/forward/transport.h"

#include "audit/forward/fhir_transport.h"
#include "audit/forward/file_transport.h"
#include "audit/forward/secret_file.h"
#include "audit/forward/stream_transport.h"
#include "audit/forward/webhook_transport.h"

namespace wardlock::audit {

Result<std::unique_ptr<Transport>> make_transport(const ForwarderOptions& options, Files& files,
                                                  const net::Interruption& interruption) {
  if (options.receiver == Receiver::kFile) {
    return std::make_unique<FileTransport>(options, files);
  }
  if (options.receiver != Receiver::kSyslog || options.has_tls) {
    TRY_VOID(net::check_client_tls(options.tls));
  }
  if (!options.token_file.empty()) TRY(read_token_file(options.token_file));
  switch (options.receiver) {
    case Receiver::kSyslog: return std::make_unique<StreamTransport>(options, interruption);
    case Receiver::kFhir: return std::make_unique<FhirTransport>(options, interruption);
    default: break;
  }
  TRY(read_webhook_secrets(options.secret_file));
  return std::make_unique<WebhookTransport>(options, interruption);
}

}  // namespace wardlock::audit
