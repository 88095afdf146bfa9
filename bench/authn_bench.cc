// Signing in and what comes of it, beside the cryptography or the database alone.
//
// usage: wardlock_authn_bench [--folder FOLDER] [PART…]

#include <array>

#include "bench/authn/parts.h"
#include "bench/parts.h"

int main(int argc, char** argv) {
  using wardlock::bench::Part;
  using namespace wardlock::authn;
  static constexpr std::array kParts{Part{"cryptography", bench_cryptography},
                                     Part{"tokens", bench_tokens},
                                     Part{"sessions", bench_sessions}};
  return wardlock::bench::run_parts(kParts, {argv + 1, argv + argc});
}
