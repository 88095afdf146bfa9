// Codes that are sent to registered devices.
#include <algorithm>
#include <chrono>
#include <utility>

#include "authn/account/device_code.h"
#include "authn/account/sign_in_state.h"

namespace wardlock::authn {
namespace {

using storage::Work;

constexpr std::string_view kSignIn = "sign-in";

SignInStep expired() {
  SignInStep step;
  step.refusal = SignInRefusal::kExpired;
  step.shown = Factor::kDeviceCode;
  return step;
}

}  // namespace

/// To the device that was registered last. The code is kept in what goes to the browser, as a keyed
/// hash and sealed: it is good in this sign-in alone. False: none is sent, for now.
Result<bool> SignIn::State::draw_device_code(Progress& progress, Familiarity who) const {
  const Messages* const messages = accounts().messages;
  if (messages == nullptr) return false;
  const Secret code = new_device_code(accounts().directory);
  const std::int64_t until = now() + kDeviceCodeMs;
  bool is_sent = false;
  std::string hash;
  std::string device;
  const auto written = accounts().store.write([&](Work& work) -> Result<void> {
    is_sent = false;
    auto rows = TRY(find_authenticators(work, progress.tenant, progress.person));
    const auto devices = good_ones(std::move(rows), AuthenticatorKind::kDevice, now());
    if (devices.empty() || !devices.back().shown.failures.may_try(who)) return {};
    const Secret address = TRY(open_secret(work, accounts(), devices.back()));
    device = devices.back().shown.id;
    hash = TRY(keyed_place(work, accounts(), progress.tenant, "device code", code));
    is_sent = TRY(messages->send_code(work, {.tenant = progress.tenant,
                                             .person = progress.person,
                                             .about = About::kDeviceCode,
                                             .address = address,
                                             .code = code,
                                             .who = who,
                                             .until_ms = until}));
    return {};
  });
  TRY_VOID(written);
  if (!is_sent) return false;
  progress.device_code = std::move(hash);
  progress.device = std::move(device);
  progress.device_until_ms = until;
  progress.device_tries = 0;
  return true;
}

Result<SignInStep> SignIn::send_device_code(const Secret& handle, const SignInSource& source) {
  const auto taken = TRY(state_->ceremonies.take(kSignIn, handle));
  if (!taken) return expired();
  Progress progress = read_progress(taken->body);
  const auto offered = state_->offered_to(progress);
  if (!offered) {
    if (!is_store_down(offered.error())) return std::unexpected(offered.error());
    return state_->refuse(progress, Factor::kDeviceCode, SignInRefusal::kBusy);
  }
  if (std::ranges::find(*offered, Factor::kDeviceCode) == offered->end()) {
    return state_->refuse(progress, Factor::kDeviceCode, SignInRefusal::kWrong);
  }
  const auto origin = state_->origin_of(progress, source);
  if (!TRY(state_->draw_device_code(progress, origin.familiarity))) {
    return state_->refuse(progress, Factor::kDeviceCode, SignInRefusal::kWait,
                          std::chrono::milliseconds(CodeLimits::kLeastBetweenMs));
  }
  auto next = TRY(state_->offered_to(progress));
  SignInStep step = TRY(state_->offer(progress, std::move(next)));
  step.shown = Factor::kDeviceCode;
  return step;
}

Result<std::optional<AuthenticatorRow>> SignIn::State::find_sent_to(Work& work,
                                                                    const Progress& progress,
                                                                    Familiarity who) const {
  if (progress.device_code.empty() || now() >= progress.device_until_ms) return std::nullopt;
  auto device = TRY(find_authenticator(work, progress.tenant, progress.device));
  const bool counts = device && device->shown.person == progress.person &&
                      device->shown.is_good_at(now()) && device->shown.failures.may_try(who);
  if (!counts) return std::nullopt;
  return device;
}

}  // namespace wardlock::authn
