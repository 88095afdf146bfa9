// What accesses stand on besides rights: break-glass grants, delegations, consents, approvals. See
// README.md.
//
// usage: wardlock_access_bench context POLICIES
//        wardlock_access_bench count POLICIES COUNT

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <string_view>
#include <vector>

#include "bench/access/parts.h"

int main(int argc, char** argv) {
  using namespace wardlock;
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  std::size_t count = 0;
  const bool is_context = arguments.size() == 2 && arguments[0] == "context";
  const bool is_count =
      arguments.size() == 3 && arguments[0] == "count" &&
      std::from_chars(arguments[2].begin(), arguments[2].end(), count).ec == std::errc();
  if (!is_context && !is_count) {
    fmt::print(stderr, "usage: wardlock_access_bench context POLICIES | count POLICIES COUNT\n");
    return 2;
  }
  const std::string policies(arguments[1]);
  const Result<bool> holds =
      is_context ? bench::bench_context(policies) : bench::count_decisions(policies, count);
  if (!holds) fmt::print(stderr, "{}\n", holds.error().message);
  return holds && *holds ? 0 : 1;
}
