#include "api/account/enrol_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "api/account/provider_pages.h"
#include "authn/otp/enrolment.h"
#include "authn/password/strength.h"
#include "base/utf8.h"
#include "codec/json.h"
#include "page/protection.h"

namespace wardlock::account {
namespace {

using authn::AccountChange;

constexpr std::size_t kMaxLabel = 64;

std::string label_of(const page::Form& form) {
  const std::string_view typed = form.of("label");
  return printable(typed.substr(0, std::min(typed.size(), kMaxLabel)));
}

void show_choices_to(Visit& visit, const Owner& owner, int status, std::string notice,
                     std::string fault) {
  page::Model model = adding_model(visit, owner, "enrol.title");
  model.set("is_enrolling", owner.session.empty());
  const auto& environments = visit.parts().sessions.settings().environments;
  model.set("unlocks", std::ranges::any_of(environments, &authn::SessionEnvironment::locks));
  model.set("sends_codes", visit.parts().sends_codes);
  model.set("providers", provider_models(visit, /*for_linking=*/true));
  model.set("notice", std::move(notice));
  model.set("fault", std::move(fault));
  visit.show(status, "enrol", model);
}

void show_token_page(Visit& visit, int status, std::string fault) {
  page::Model model = visit.model("token.title");
  model.set("fault", std::move(fault));
  visit.show(status, "enrol_token", model);
}

void show_passkey_to(Visit& visit, const Owner& owner, int status, std::string fault) {
  auto offer = visit.parts().accounts.offer_passkey(adding_change(visit, owner, {}));
  if (!offer) {
    const std::string_view key = adding_fault(offer.error(), "passkey.refused");
    if (key.empty()) return visit.show_error(offer.error());
    return show_choices_to(visit, owner, 403, {}, visit.words(key));
  }
  page::Model model = adding_model(visit, owner, "passkey.title");
  model.set("passkey_options", offer->options);
  model.set("handle", offer->handle.reveal());
  model.set("fault", std::move(fault));
  visit.show(status, "passkey", model);
}

/// As a sentence: other rooms' messages begin small and have no full stop.
std::string sentence(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') text.front() -= 'a' - 'A';
  if (!text.ends_with('.')) text += '.';
  return text;
}

/// How long a password must be, which is shorter beside another factor.
std::uint32_t least_length(const Visit& visit, const Owner& owner) {
  using enum authn::AuthenticatorKind;
  const authn::PasswordPolicy& policy = visit.parts().passwords;
  const auto all = visit.parts().accounts.list(visit.asked().tenant, owner.person);
  const auto is_second = [&](const authn::Authenticator& each) {
    return each.state == authn::AuthenticatorState::kActive &&
           (each.kind == kTotp || each.kind == kHotp || each.kind == kPasskey);
  };
  return all && std::ranges::any_of(*all, is_second) ? policy.min_length_with_second_factor
                                                     : policy.min_length_alone;
}

page::Model password_model(Visit& visit, const Owner& owner) {
  page::Model model = adding_model(visit, owner, "new_password.title");
  model.set("least", std::to_string(least_length(visit, owner)));
  return model;
}

/// How an app or a token comes to its codes.
enum class Codes : std::uint8_t { kTimed, kCounted };

page::Model app_model(Visit& visit, const Owner& owner, Codes codes) {
  const bool counts = codes == Codes::kCounted;
  page::Model model = adding_model(visit, owner, counts ? "hotp.title" : "totp.title");
  model.set("counts", counts);
  model.set("kind", counts ? "hotp" : "totp");
  return model;
}

void show_app(Visit& visit, Codes codes) {
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  const AccountChange change = adding_change(visit, *owner, {});
  authn::Accounts& accounts = visit.parts().accounts;
  auto offer = codes == Codes::kCounted ? accounts.offer_hotp(change) : accounts.offer_totp(change);
  if (!offer) {
    const std::string_view key = adding_fault(offer.error(), "totp.wrong");
    if (key.empty()) return visit.show_error(offer.error());
    return show_choices_to(visit, *owner, 403, {}, visit.words(key));
  }
  page::Model model = app_model(visit, *owner, codes);
  model.set("qr", page::Markup::trusted(std::string(authn::qr_svg(offer->uri).reveal())));
  model.set("typed", offer->typed.reveal());
  model.set("pending", offer->authenticator.id);
  visit.show(200, "totp", model);
}

/// As people read it off.
std::string digits_of(std::string_view typed) {
  std::string digits(typed);
  std::erase_if(digits, [](char c) { return c == ' ' || c == '-'; });
  return digits;
}

void add_app(Visit& visit, Codes codes) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  const AccountChange change = adding_change(visit, *owner, label_of(*form));
  auto added =
      visit.parts().accounts.confirm_app(change, form->of("pending"), digits_of(form->of("code")));
  // It was offered before it had a name.
  if (added && !change.label.empty()) added = visit.parts().accounts.rename(change, added->id);
  if (added) return tell_added(visit, *owner, *added);
  const bool counts = codes == Codes::kCounted;
  const std::string_view key =
      adding_fault(added.error(), counts ? "totp.wrong_count" : "totp.wrong");
  if (key.empty()) return visit.show_error(added.error());
  // The secret was shown once. The app has it by now, so that another code is all that is needed.
  page::Model model = app_model(visit, *owner, codes);
  model.set("pending", form->of("pending"));
  model.set("label", label_of(*form));
  model.set("fault", visit.words(key));
  visit.show(403, "totp", model);
}

/// Answers with JSON that no cache keeps.
void write_json(int status, const boost::json::object& json, net::HttpResponse& response) {
  response.status = status;
  response.content_type = "application/json";
  response.body = codec::to_json_text(json);
  page::protect(response);
}

}  // namespace

const Owner* adding_owner(Visit& visit) {
  const Owner* owner = visit.owner();
  if (owner == nullptr)
    visit.go_to(visit.session() == nullptr ? "/account/enrol" : "/sign-in?again=1");
  return owner;
}

AccountChange adding_change(const Visit& visit, const Owner& owner, std::string label) {
  return {.mandate = visit.mandate_of(owner.person),
          .person = owner.person,
          .label = std::move(label),
          .expires_ms = {}};
}

page::Model adding_model(Visit& visit, const Owner& owner, std::string_view title_key) {
  page::Model model = visit.model(title_key);
  model.set("user", owner.name);
  model.set("back", owner.session.empty() ? "/account/enrol" : "/account");
  model.set("label", "");
  return model;
}

void tell_added(Visit& visit, const Owner& owner, const authn::Authenticator& added) {
  page::Model values;
  values.set("label", added.label.empty()
                          ? visit.words(fmt::format("kind.{}", to_string(added.kind)))
                          : added.label);
  show_choices_to(visit, owner, 200, visit.words("enrol.added", values), {});
}

std::string_view adding_fault(const Error& error, std::string_view if_wrong) {
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kUnauthenticated ||
      error.code == ErrorCode::kAlreadyExists) {
    return if_wrong;
  }
  return error.code == ErrorCode::kResourceExhausted ? "enrol.full" : "";
}

void show_choices(Visit& visit) {
  if (const Owner* owner = visit.owner()) {
    return show_choices_to(visit, *owner, 200,
                           visit.has_query("linked") ? visit.words("provider.linked") : "", {});
  }
  if (visit.session() != nullptr) return visit.go_to("/sign-in?again=1");
  show_token_page(visit, 200, {});
}

void take_token(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  std::string_view typed = form->of("token");
  while (typed.starts_with(' ')) typed.remove_prefix(1);
  while (typed.ends_with(' ')) typed.remove_suffix(1);
  const auto begun = visit.parts().enrolments.begin(visit.asked().tenant, Secret(typed));
  if (!begun) {
    const ErrorCode code = begun.error().code;
    if (code == ErrorCode::kUnavailable || code == ErrorCode::kInternal) {
      return visit.show_error(begun.error());
    }
    const bool is_over = code == ErrorCode::kAlreadyExists;
    return show_token_page(visit, 403, visit.words(is_over ? "token.needless" : "token.wrong"));
  }
  const std::chrono::milliseconds left(begun->enrolment.until_ms - visit.asked().now);
  visit.cookies().set(kEnrolmentCookie, begun->handle.reveal(), page::SameSite::kStrict,
                      std::chrono::duration_cast<std::chrono::seconds>(left), visit.response());
  visit.go_to("/account/enrol");
}

void finish_enrolment(Visit& visit) {
  if (visit.form() == nullptr) return;
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  if (!owner->session.empty()) return visit.go_to("/account");
  const auto finished =
      visit.parts().enrolments.finish(visit.mandate_of(owner->person), Secret(visit.enrolment()));
  if (!finished) {
    if (finished.error().code == ErrorCode::kFailedPrecondition) {
      return show_choices_to(visit, *owner, 403, {}, visit.words("enrol.nothing"));
    }
    return visit.show_error(finished.error());
  }
  visit.cookies().remove(kEnrolmentCookie, visit.response());
  visit.show_message(200, "enrol.finished.title", "enrol.finished.text", "/sign-in",
                     "sign_in.title");
}

void show_passkey(Visit& visit) {
  const Owner* owner = adding_owner(visit);
  if (owner != nullptr) show_passkey_to(visit, *owner, 200, {});
}

void add_passkey(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  const auto added =
      visit.parts().accounts.add_passkey(adding_change(visit, *owner, label_of(*form)),
                                         Secret(form->of("handle")), form->of("answer"));
  if (added) return tell_added(visit, *owner, *added);
  const std::string_view key = adding_fault(added.error(), "passkey.refused");
  if (key.empty()) return visit.show_error(added.error());
  show_passkey_to(visit, *owner, 403, visit.words(key));
}

void show_totp(Visit& visit) { show_app(visit, Codes::kTimed); }

void add_totp(Visit& visit) { add_app(visit, Codes::kTimed); }

void show_hotp(Visit& visit) { show_app(visit, Codes::kCounted); }

void add_hotp(Visit& visit) { add_app(visit, Codes::kCounted); }

void show_password(Visit& visit) {
  const Owner* owner = adding_owner(visit);
  if (owner != nullptr) visit.show(200, "password", password_model(visit, *owner));
}

void set_password(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  const auto chosen = visit.parts().accounts.set_password(adding_change(visit, *owner, {}),
                                                          Secret(form->of("new")), owner->session);
  if (!chosen && chosen.error().code != ErrorCode::kInvalidArgument) {
    return visit.show_error(chosen.error());
  }
  if (chosen && chosen->kept) return tell_added(visit, *owner, *chosen->kept);
  page::Model model = password_model(visit, *owner);
  std::vector<std::string> sentences =
      chosen ? chosen->faults : std::vector<std::string>{chosen.error().message};
  std::vector<page::Model> more;
  for (std::size_t i = 1; i < sentences.size(); ++i) {
    more.emplace_back().set("text", sentence(std::move(sentences[i])));
  }
  model.set("fault",
            sentences.empty() ? visit.words("fault.request") : sentence(sentences.front()));
  model.set("faults", std::move(more));
  visit.show(403, "password", model);
}

void show_recovery_codes(Visit& visit) {
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  visit.show(200, "recovery_codes", adding_model(visit, *owner, "codes.title"));
}

void make_recovery_codes(Visit& visit) {
  if (visit.form() == nullptr) return;
  const Owner* owner = adding_owner(visit);
  if (owner == nullptr) return;
  const auto sheet = visit.parts().accounts.make_recovery_codes(adding_change(visit, *owner, {}));
  if (!sheet) return visit.show_error(sheet.error());
  page::Model model = adding_model(visit, *owner, "codes.title");
  std::vector<page::Model> codes;
  for (const Secret& code : sheet->codes) codes.emplace_back().set("code", code.reveal());
  model.set("has_codes", true);
  model.set("codes", std::move(codes));
  visit.show(200, "recovery_codes", model);
}

void tell_strength(Visit& visit) {
  const page::Form* form = visit.form();
  if (form == nullptr) return;
  const Owner* owner = visit.owner();
  if (owner == nullptr) return net::write_problem(403, "sign in first", visit.response());
  const auto prepared = authn::prepare_password(Secret(form->of("new")), visit.parts().passwords);
  if (!prepared)
    return write_json(200, {{"score", 0}, {"advice", {prepared.error().message}}},
                      visit.response());
  const std::vector<std::string> words = {owner->name};
  const authn::PasswordStrength strength = authn::strength_of(*prepared, words);
  boost::json::array advice;
  for (const std::string_view sentence : strength.advice) advice.emplace_back(sentence);
  write_json(200, {{"score", strength.score}, {"advice", std::move(advice)}}, visit.response());
}

}  // namespace wardlock::account
