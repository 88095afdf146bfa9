#include "audit/forward/framing.h"

namespace wardlock::audit {

void append_framed(std::string_view message, Framing framing, std::string& out) {
  if (framing == Framing::kOctetCounting) {
    out += std::to_string(message.size());
    out += ' ';
  }
  out += message;
  if (framing == Framing::kLineFeed) out += '\n';
}

}  // namespace wardlock::audit
