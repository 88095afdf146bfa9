#include "directory/ldap/simple_bind.h"

#include <strings.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "directory/ldap/ldap_memory.h"

namespace wardlock::directory {
namespace {

/// What stands behind `data ` in Active Directory's diagnostic message, as Windows numbers errors.
constexpr auto kWindowsErrors = std::to_array<std::pair<std::string_view, PasswordVerdict>>({
    {"532", PasswordVerdict::kExpired},
    {"773", PasswordVerdict::kMustChange},
    {"775", PasswordVerdict::kLocked},
    {"533", PasswordVerdict::kDisabled},
    {"701", PasswordVerdict::kDisabled},  // the account has expired
    {"530", PasswordVerdict::kDisabled},  // not at this time
    {"531", PasswordVerdict::kDisabled},  // not from this machine
});

PasswordVerdict windows_verdict(std::string_view diagnostic) {
  constexpr std::string_view kBefore = ", data ";
  const std::size_t at = diagnostic.find(kBefore);
  if (at == std::string_view::npos) return PasswordVerdict::kWrong;
  const std::string_view rest = diagnostic.substr(at + kBefore.size());
  const std::string_view number = rest.substr(0, rest.find(','));
  for (const auto& [each, verdict] : kWindowsErrors) {
    if (number == each) return verdict;
  }
  return PasswordVerdict::kWrong;
}

/// Reads an answer, and passes over what of it is not understood.
int read_answer(LDAP* ldap, LDAPMessage* message, BindAnswer& answer) {
  char* diagnostic = nullptr;
  LDAPControl** controls = nullptr;
  const int code =
      ldap_parse_result(ldap, message, &answer.code, nullptr, &diagnostic, nullptr, &controls, 0);
  const LdapText owned_text(diagnostic);
  const LdapControls owned(controls);
  if (code != LDAP_SUCCESS) return code;
  if (diagnostic != nullptr) answer.diagnostic = diagnostic;
  LDAPControl* policy = ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, nullptr);
  if (policy == nullptr) return LDAP_SUCCESS;
  ber_int_t expires = -1;
  ber_int_t grace = -1;
  return ldap_parse_passwordpolicy_control(ldap, policy, &expires, &grace, &answer.policy);
}

}  // namespace

std::string_view to_string(PasswordVerdict verdict) {
  switch (verdict) {
    case PasswordVerdict::kRight: return "right";
    case PasswordVerdict::kWrong: return "wrong";
    case PasswordVerdict::kExpired: return "expired";
    case PasswordVerdict::kMustChange: return "must_change";
    case PasswordVerdict::kLocked: return "locked";
    case PasswordVerdict::kDisabled: return "disabled";
  }
  __builtin_unreachable();
}

int simple_bind(LDAP* ldap, const std::string& dn, std::string_view password,
                std::chrono::milliseconds timeout, BindAnswer& answer) {
  LDAPControl* wanted = nullptr;
  int code = ldap_create_passwordpolicy_control(ldap, &wanted);  // not critical
  const LdapControl owned(wanted);
  if (code != LDAP_SUCCESS) return code;
  LDAPControl* controls[] = {wanted, nullptr};
  std::string secret(password);
  berval credentials = {.bv_len = secret.size(), .bv_val = secret.data()};
  int id = -1;
  code = ldap_sasl_bind(ldap, dn.c_str(), LDAP_SASL_SIMPLE, &credentials, controls, nullptr, &id);
  ::explicit_bzero(secret.data(), secret.size());
  if (code != LDAP_SUCCESS) return code;
  timeval limit = {.tv_sec = timeout.count() / 1000, .tv_usec = (timeout.count() % 1000) * 1000};
  LDAPMessage* message = nullptr;
  const int kind = ldap_result(ldap, id, LDAP_MSG_ALL, &limit, &message);
  const LdapMessage kept(message);
  if (kind == 0) return LDAP_TIMEOUT;
  if (kind < 0) {
    ldap_get_option(ldap, LDAP_OPT_RESULT_CODE, &code);
    return code == LDAP_SUCCESS ? LDAP_SERVER_DOWN : code;
  }
  return read_answer(ldap, message, answer);
}

std::optional<PasswordVerdict> verdict_of(const BindAnswer& answer, LdapFlavour flavour) {
  switch (answer.policy) {
    case PP_passwordExpired: return PasswordVerdict::kExpired;
    case PP_accountLocked: return PasswordVerdict::kLocked;
    case PP_changeAfterReset: return PasswordVerdict::kMustChange;
    default: break;
  }
  switch (answer.code) {
    case LDAP_SUCCESS: return PasswordVerdict::kRight;
    case LDAP_INVALID_CREDENTIALS:
      return flavour == LdapFlavour::kActiveDirectory ? windows_verdict(answer.diagnostic)
                                                      : PasswordVerdict::kWrong;
    case LDAP_NO_SUCH_OBJECT:                                      // gone meanwhile
    case LDAP_INAPPROPRIATE_AUTH: return PasswordVerdict::kWrong;  // it has no password
    default: return std::nullopt;
  }
}

}  // namespace wardlock::directory
