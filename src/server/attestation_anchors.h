#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "x509/certificate.h"

namespace wardlock::server {

/// The certificates of a PEM file (RFC 7468). Error: it cannot be read, has none, or one of them is
/// malformed; it names the file.
Result<std::vector<x509::Certificate>> read_anchors(const std::string& path);

}  // namespace wardlock::server
