#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace wardlock::x509 {

/// The DER of all blocks with that label (`CERTIFICATE`, `X509 CRL`) of a text in PEM (RFC 7468),
/// in their order; a text without any PEM is taken for DER. Error kInvalidArgument: a block is
/// malformed or encrypted, or there is none with the label.
Result<std::vector<std::string>> read_pem(std::string_view text, std::string_view label);

}  // namespace wardlock::x509
