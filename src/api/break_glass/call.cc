#include "api/break_glass/call.h"

namespace wardlock::glass_api {

Result<access::GlassProof> proof_of(const Call& call) {
  const auto sign_in = TRY(administration::signed_in(call.errand.sign_in, "the glass is broken"));
  return access::GlassProof{.session = sign_in.session,
                            .level = sign_in.level,
                            .methods = sign_in.methods,
                            .authenticated_ms = sign_in.at_ms};
}

}  // namespace wardlock::glass_api
