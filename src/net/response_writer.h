#pragma once

#include <string>

#include "net/http.h"

namespace wardlock::net {

struct ResponseFraming {
  bool head_request = false;  ///< the body is left out, its length is not
  bool http11 = true;
  bool keep_alive = true;
};

/// Appends the response's bytes to `out`. A response that no server may send (its status out of
/// range, a line break in a header, a header that is the server's to set) is answered as a 500.
void append_response(const HttpResponse& response, const ResponseFraming& framing,
                     std::string& out);

}  // namespace wardlock::net
