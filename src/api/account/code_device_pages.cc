#include "api/account/code_device_pages.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "api/account/enrol_pages.h"
#include "base/utf8.h"

namespace wardlock::account {
namespace {

constexpr std::size_t kMaxLabel = 64;

/// `pending`: the device that is to be confirmed; empty: there is none yet.
void show_form(Visit& visit, const Owner& owner, int status, std::string_view fault_key,
               std::string_view pending, std::string_view label) {
  page::Model model = adding_model(visit, owner, "code_device.title");
  model.set("is_restricted", visit.parts().are_codes_restricted);
  model.set("pending", pending);
  model.set("label", label);
  if (!fault_key.empty()) model.set("fault", visit.words(fault_key));
  visit.show(status, "code_device", model);
}

void send_code(Visit& visit, const Owner& owner, const page::Form& form) {
  const std::string_view typed = form.of("label");
  const std::string label = printable(typed.substr(0, std::min(typed.size(), kMaxLabel)));
  const auto offer = visit.parts().accounts.offer_device(adding_change(visit, owner, label),
                                                         Secret(form.of("address")));
  if (offer) return show_form(visit, owner, 200, {}, offer->id, label);
  switch (offer.error().code) {
    case ErrorCode::kInvalidArgument:
      return show_form(visit, owner, 403, "code_device.refused", {}, label);
    case ErrorCode::kResourceExhausted:
      return show_form(visit, owner, 429, "code_device.too_many", {}, label);
    default: return visit.show_error(offer.error());
  }
}

void confirm(Visit& visit, const Owner& owner, const page::Form& form) {
  const std::string_view pending = form.of("pending");
  const auto added = visit.parts().accounts.confirm_device(adding_change(visit, owner, {}), pending,
                                                           form.of("code"));
  if (added) return tell_added(visit, owner, *added);
  switch (added.error().code) {
    case ErrorCode::kInvalidArgument:
      return show_form(visit, owner, 403, "code_device.wrong", pending, {});
    case ErrorCode::kNotFound:
    case ErrorCode::kFailedPrecondition:
      return show_form(visit, owner, 403, "code_device.over", {}, {});
    default: return visit.show_error(added.error());
  }
}

/// Who may add one; null: they are told otherwise.
const Owner* owner_here(Visit& visit) {
  if (visit.parts().sends_codes) return adding_owner(visit);
  visit.show_message(404, "fault.title", "fault.unknown", "/account", "account.title");
  return nullptr;
}

}  // namespace

void show_code_device(Visit& visit) {
  const Owner* owner = owner_here(visit);
  if (owner != nullptr) show_form(visit, *owner, 200, {}, {}, {});
}

void take_code_device(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const Owner* owner = owner_here(visit);
  if (owner == nullptr) return;
  if (form->of("do") == "confirm") return confirm(visit, *owner, *form);
  send_code(visit, *owner, *form);
}

}  // namespace wardlock::account
