#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "audit/format/format.h"
#include "audit/forward/progress.h"
#include "audit/forward/selection.h"
#include "net/client_tls_files.h"

namespace wardlock::audit {

/// Who is sent events.
enum class Receiver : std::uint8_t {
  kSyslog,   ///< over TCP or TLS
  kFile,     ///< a file that others read
  kFhir,     ///< a FHIR server
  kWebhook,  ///< whoever takes a signed POST (Standard Webhooks)
};

/// How syslog messages are told apart on a connection (RFC 6587).
enum class Framing : std::uint8_t {
  kOctetCounting,  ///< each behind its length; RFC 5425 has no other
  kLineFeed,       ///< each ends its line
};

/// What a receiver is told of whom an event speaks of.
enum class Disclosure : std::uint8_t {
  kMasked,  ///< its fields as their masks have them
  kOpen,    ///< all of it
  kSealed,  ///< nothing of what is sealed
};

/// Paths as they are to be opened.
struct ForwarderOptions {
  std::string name = {};  ///< of files and metrics
  Receiver receiver = Receiver::kSyslog;

  // syslog
  std::string host = {};
  std::uint16_t port = 0;
  bool has_tls = true;
  std::string server_name = {};  ///< what it must prove to be; empty: `host`
  Framing framing = Framing::kOctetCounting;

  // a FHIR server's base, or a webhook's
  std::string url = {};
  std::string proxy = {};
  std::string token_file = {};   ///< with a bearer token; empty: none is shown
  std::string secret_file = {};  ///< that webhooks are signed with

  net::ClientTlsFiles tls = {};

  // file
  std::string path = {};
  std::uint64_t max_file_bytes = 0;  ///< then another one is begun; 0: never

  Format format = Format::kNdjson;
  FormatOptions format_options = {};
  Selection selection = {};
  Disclosure disclosure = Disclosure::kMasked;

  bool begins_now = false;  ///< where it has no place yet: at the log's end, not at its beginning
  std::size_t batch = 1;    ///< so many messages at once, at most
  Overlap overlap = {};
  unsigned tries = 5;  ///< before a message that is refused is set aside
  std::chrono::milliseconds longest_wait{60'000};  ///< between two tries
  std::chrono::milliseconds timeout{30'000};       ///< of whatever is waited for
};

}  // namespace wardlock::audit
