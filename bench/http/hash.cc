// Verifies one password with Argon2id, again and again: what signing in is measured by.
//
// usage: wardlock_hash_loop SECONDS PASSES MIB

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "crypto/password_hash.h"

int main(int argc, char** argv) {
  using namespace wardlock;
  using Clock = std::chrono::steady_clock;
  const double wanted = argc == 4 ? std::atof(argv[1]) : 0;
  const int passes = argc == 4 ? std::atoi(argv[2]) : 0;
  const int mib = argc == 4 ? std::atoi(argv[3]) : 0;
  if (!(wanted > 0) || passes < 1 || mib < 1) {
    fmt::print(stderr, "usage: wardlock_hash_loop SECONDS PASSES MIB\n");
    return 2;
  }
  const Secret password("correct horse battery staple");
  const std::string hash =
      crypto::hash_password(password, {.passes = static_cast<std::uint32_t>(passes),
                                       .memory_kib = static_cast<std::uint32_t>(mib) * 1024});
  const auto begin = Clock::now();
  double seconds = 0;
  int verified = 0;
  do {
    if (!crypto::verify_password(hash, password)) return 1;
    ++verified;
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  } while (seconds < wanted);
  fmt::print("{}\n", verified / seconds);
  return 0;
}
