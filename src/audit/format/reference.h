#pragma once

#include <string>

namespace wardlock::audit {

/// What becomes of each kind of event and of each field, as Markdown, for
/// docs/formats/messages.md.
std::string message_reference();

}  // namespace wardlock::audit
