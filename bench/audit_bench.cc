// The audit log beside bare loops that do the least that its work takes.
//
// usage: wardlock_audit_bench [--folder FOLDER] [PART…]

#include <array>

#include "bench/audit/parts.h"
#include "bench/parts.h"

int main(int argc, char** argv) {
  using wardlock::bench::Part;
  using namespace wardlock::audit;
  static constexpr std::array kParts{Part{"append", bench_append}, Part{"verify", bench_verify},
                                     Part{"query", bench_query}};
  return wardlock::bench::run_parts(kParts, {argv + 1, argv + argc});
}
