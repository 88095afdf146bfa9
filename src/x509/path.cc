#include "x509/path.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <string>

#include "base/check.h"
#include "x509/openssl_memory.h"

namespace wardlock::x509 {
namespace {

/// One verification by OpenSSL. The certificates must outlive it.
struct Verification {
  Verification(std::span<const Certificate> chain, std::span<const Certificate> anchors,
               std::chrono::sys_seconds now);

  X509_VERIFY_PARAM* settings() { return X509_STORE_CTX_get0_param(context.get()); }
  Result<void> run();

  Owned<X509_STORE> store{X509_STORE_new()};
  Owned<STACK_OF(X509)> others{sk_X509_new_null()};
  Owned<X509_STORE_CTX> context{X509_STORE_CTX_new()};
};

Verification::Verification(std::span<const Certificate> chain, std::span<const Certificate> anchors,
                           std::chrono::sys_seconds now) {
  CHECK(store && context && others && !chain.empty());
  for (const Certificate& anchor : anchors) {
    CHECK(X509_STORE_add_cert(store.get(), as_openssl(anchor)) == 1);
  }
  for (const Certificate& other : chain.subspan(1)) {
    CHECK(sk_X509_push(others.get(), as_openssl(other)) > 0);
  }
  CHECK(X509_STORE_CTX_init(context.get(), store.get(), as_openssl(chain.front()), others.get()) ==
        1);
  constexpr int kLevel112Bits = 2;  // which also refuses SHA-1
  X509_VERIFY_PARAM_set_auth_level(settings(), kLevel112Bits);
  X509_VERIFY_PARAM_set_time(settings(), now.time_since_epoch().count());
  X509_VERIFY_PARAM_set_depth(settings(), 6);
  CHECK(X509_VERIFY_PARAM_set_flags(settings(), X509_V_FLAG_PARTIAL_CHAIN) == 1);
}

Result<void> Verification::run() {
  if (X509_verify_cert(context.get()) == 1) return {};
  const int reason = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  return invalid(fmt::format("the certificates lead to no anchor that is trusted: {}",
                             X509_verify_cert_error_string(reason)));
}

}  // namespace

Result<void> verify_chain(std::span<const Certificate> chain, std::span<const Certificate> anchors,
                          std::chrono::sys_seconds now) {
  return Verification(chain, anchors, now).run();
}

Result<std::vector<Certificate>> verified_path(std::span<const Certificate> chain,
                                               std::span<const Certificate> anchors,
                                               std::chrono::sys_seconds now) {
  Verification verification(chain, anchors, now);
  TRY_VOID(verification.run());
  const STACK_OF(X509)* found = X509_STORE_CTX_get0_chain(verification.context.get());
  std::vector<Certificate> path;
  for (int i = 0; i < sk_X509_num(found); ++i) {
    path.push_back(TRY(copy_of(sk_X509_value(found, i))));
  }
  return path;
}

bool is_valid_for_policy(std::span<const Certificate> chain, std::span<const Certificate> anchors,
                         std::chrono::sys_seconds now, std::string_view policy) {
  Verification verification(chain, anchors, now);
  ASN1_OBJECT* wanted = OBJ_txt2obj(std::string(policy).c_str(), 1);
  ERR_clear_error();
  if (wanted == nullptr) return false;
  CHECK(X509_VERIFY_PARAM_add0_policy(verification.settings(), wanted) == 1);
  CHECK(X509_VERIFY_PARAM_set_flags(verification.settings(),
                                    X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_EXPLICIT_POLICY) == 1);
  return verification.run().has_value();
}

}  // namespace wardlock::x509
