// Two lines: what a client registers as its redirect URI, and what is asked for. Nothing is taken
// that browsers read in several ways, and nothing is found that was not registered to the letter,
// but for the port of a program on somebody's own machine.
#include <algorithm>
#include <string>

#include "authn/oauth/redirect_uri.h"
#include "base/check.h"

using namespace wardlock;

namespace {

bool is_loopback(std::string_view uri) {
  return uri.starts_with("http://127.0.0.1") || uri.starts_with("http://[::1]");
}

void check_good(std::string_view uri, bool is_native) {
  CHECK(std::ranges::all_of(uri, [](char c) { return c > ' ' && c <= '~'; }));
  CHECK(uri.find_first_of("#*\\<>\"") == std::string_view::npos);
  const std::string_view scheme = uri.substr(0, uri.find(':'));
  CHECK(scheme != "javascript" && scheme != "data" && scheme != "file");
  CHECK(scheme == "https" || is_native);
  CHECK(scheme != "http" || is_loopback(uri));
  CHECK(oauth::is_registered_uri(uri, uri, is_native));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), size);
  const std::string_view registered = text.substr(0, end);
  const std::string_view asked = end == size ? registered : text.substr(end + 1);
  for (const bool is_native : {false, true}) {
    const auto checked = oauth::check_redirect_uri(registered, is_native);
    if (!checked) {
      CHECK(!checked.error().message.empty());
      continue;
    }
    check_good(registered, is_native);
    if (!oauth::is_registered_uri(asked, registered, is_native) || asked == registered) continue;
    CHECK(is_native && is_loopback(asked) && is_loopback(registered));
    CHECK(asked.substr(asked.find('/', 7) == std::string_view::npos ? asked.size()
                                                                    : asked.find('/', 7)) ==
          registered.substr(registered.find('/', 7) == std::string_view::npos
                                ? registered.size()
                                : registered.find('/', 7)));
  }
  return 0;
}
