#include "authn/network.h"

namespace wardlock::authn {

std::string_view network_of(std::string_view address) {
  if (!address.contains(':')) return address;
  std::size_t end = 0;
  for (int group = 0; group < 4; ++group) {
    const std::size_t colon = address.find(':', end);
    if (colon == std::string_view::npos) return address;
    if (address.substr(colon).starts_with("::")) return address.substr(0, colon);
    end = colon + 1;
  }
  return address.substr(0, end - 1);
}

}  // namespace wardlock::authn
