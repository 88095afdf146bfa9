// Enrolling a device that codes are sent to.
#include <optional>
#include <string>
#include <utility>

#include "authn/account/account_edit.h"
#include "authn/account/accounts.h"
#include "authn/account/device_code.h"
#include "crypto/digest.h"

namespace wardlock::authn {
namespace {

constexpr std::int64_t kOfferMs = std::int64_t{10} * 60 * 1000;
constexpr std::string_view kWhat = "device confirmation";

std::unexpected<Error> nothing_to_confirm() {
  return fail(ErrorCode::kFailedPrecondition, "there is nothing to confirm; begin anew");
}

}  // namespace

Result<Authenticator> Accounts::offer_device(const AccountChange& change, const Secret& address) {
  const Messages* const messages = surroundings_.messages;
  if (messages == nullptr || !messages->settings().has_codes) {
    return fail(ErrorCode::kFailedPrecondition, "no codes are sent to devices here");
  }
  TRY_VOID(check_device_address(address));
  const Secret code = new_device_code(surroundings_.directory);
  std::optional<Authenticator> pending;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    TRY(edit.check_person());
    const std::int64_t until = edit.now() + kOfferMs;
    const std::string hash =
        TRY(keyed_place(edit.work(), surroundings_, edit.tenant(), kWhat, code));
    auto row = TRY(edit.add(AuthenticatorKind::kDevice, AuthenticatorState::kPending,
                            [&](AuthenticatorRow& made) {
                              made.verifier = hash;
                              made.shown.expires_ms = until;
                            }));
    TRY_VOID(edit.seal(row, address.reveal()));
    const bool is_sent = TRY(messages->send_code(edit.work(), {.tenant = edit.tenant(),
                                                               .person = change.person,
                                                               .about = About::kDeviceConfirmation,
                                                               .address = address,
                                                               .code = code,
                                                               .who = Familiarity::kFamiliar,
                                                               .until_ms = until}));
    if (!is_sent) {
      return fail(ErrorCode::kResourceExhausted,
                  "many codes were sent lately; try again in a while");
    }
    pending = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  return *std::move(pending);
}

Result<Authenticator> Accounts::confirm_device(const AccountChange& change, std::string_view id,
                                               std::string_view code) {
  std::optional<Authenticator> confirmed;
  const auto written = write_account(surroundings_, change, [&](AccountEdit& edit) -> Result<void> {
    confirmed.reset();
    TRY(edit.check_person());
    auto row = TRY(edit.find(id));
    const bool is_offer = row.shown.kind == AuthenticatorKind::kDevice &&
                          row.shown.state == AuthenticatorState::kPending &&
                          edit.now() < row.shown.expires_ms.value_or(0);
    if (!is_offer) return nothing_to_confirm();
    const std::string hash =
        TRY(keyed_place(edit.work(), surroundings_, edit.tenant(), kWhat, Secret(code)));
    if (!crypto::equal_in_constant_time(hash, row.verifier)) {
      // What was tried is kept: this is no error within the transaction.
      const std::uint32_t tries = row.shown.failures.familiar + 1;
      if (tries >= kDeviceCodeTries) return edit.end(row, AuthenticatorState::kRevoked);
      return note_failure(edit.work(), row.shown, Familiarity::kFamiliar);
    }
    TRY_VOID(set_verifier(edit.work(), edit.tenant(), id, ""));
    TRY_VOID(forget_failures(edit.work(), row.shown));
    row.shown.expires_ms = change.expires_ms;
    TRY_VOID(edit.activate(row));
    confirmed = std::move(row.shown);
    return {};
  });
  TRY_VOID(written);
  if (!confirmed) return invalid("the code is not the one that was sent there");
  return *std::move(confirmed);
}

}  // namespace wardlock::authn
