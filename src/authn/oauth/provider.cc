#include "authn/oauth/provider.h"

#include "authn/oauth/grant_rows.h"

namespace wardlock::oauth {

Result<void> Provider::tidy(std::int64_t now_ms) {
  tokens.tidy(now_ms);
  return parts_.store.write([&](storage::Work& work) -> Result<void> {
    TRY(erase_old(work, now_ms));
    return {};
  });
}

}  // namespace wardlock::oauth
