#pragma once

#include <string>
#include <string_view>

#include "audit/forward/http_receiver.h"

namespace wardlock::audit {

/// AuditEvents for a FHIR server: each created by a POST of its own, or several in a Bundle of the
/// type batch, as IHE's RESTful ATNA has it.
class FhirTransport final : public Transport {
 public:
  FhirTransport(const ForwarderOptions& options, const net::Interruption& interruption);

  Result<bool> open() override;
  Delivery deliver(std::span<const Message> messages) override;
  bool is_open() override { return receiver_.is_open(); }

 private:
  const std::string base_;  // without a slash at its end
  HttpReceiver receiver_;
};

/// A Bundle that creates them all.
std::string fhir_batch(std::span<const Message> messages);

/// What a server's answer to such a Bundle says of each of so many.
Delivery read_fhir_answer(std::string_view body, std::size_t messages);

}  // namespace wardlock::audit
