// The directory beside its database, asked without it.
//
// usage: wardlock_directory_bench [--folder FOLDER] [PART…]

#include <array>

#include "bench/directory/parts.h"
#include "bench/parts.h"

int main(int argc, char** argv) {
  using wardlock::bench::Part;
  using namespace wardlock::directory;
  static constexpr std::array kParts{Part{"store", bench_store}, Part{"registry", bench_registry},
                                     Part{"scim", bench_scim},   Part{"feed", bench_feed},
                                     Part{"nodes", bench_nodes}, Part{"import", bench_import}};
  return wardlock::bench::run_parts(kParts, {argv + 1, argv + argc});
}
