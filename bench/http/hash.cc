// Verifies one password with Argon2id at its tuned cost, again and again: what signing in is
// measured by.
//
// usage: wardlock_hash_loop SECONDS

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "crypto/password_hash.h"

int main(int argc, char** argv) {
  using namespace wardlock;
  using Clock = std::chrono::steady_clock;
  const double wanted = argc == 2 ? std::atof(argv[1]) : 0;
  if (!(wanted > 0)) {
    fmt::print(stderr, "usage: wardlock_hash_loop SECONDS\n");
    return 2;
  }
  const Secret password("correct horse battery staple");
  const std::string hash = crypto::hash_password(password, {});
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
