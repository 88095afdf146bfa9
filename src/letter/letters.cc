#include "letter/letters.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <utility>

#include "letter/word_files.h"

namespace wardlock::letter {
namespace {

using authn::About;
using authn::Message;

constexpr std::string_view kWordsFile = "words.en";

/// The same wherever it is read.
std::string time_text(std::int64_t ms) {
  const std::chrono::sys_seconds time(std::chrono::seconds(ms / 1000));
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", time);
}

std::string key_of(About about, std::string_view part) {
  return fmt::format("{}.{}", to_string(about), part);
}

/// Whether it is of something that somebody else could have done as them. Reminders are not, nor is
/// what others did or ask for.
bool may_be_not_you(About about) {
  switch (about) {
    case About::kAuthenticatorExpires:
    case About::kAuthenticatorExpired:
    case About::kGlassBroken:
    case About::kGlassBrokenForYou:
    case About::kReviewWaits:
    case About::kReviewLate:
    case About::kRequestWaits: return false;
    default: return true;
  }
}

}  // namespace

Result<Letters> Letters::build(std::string service, std::string contact) {
  page::Words words;
  for (const WordFile& file : word_files()) {
    if (file.name == kWordsFile) words = TRY(page::Words::read(file.text));
  }
  for (std::size_t i = 0; i < authn::kAbouts; ++i) {
    const auto about = static_cast<About>(i);
    for (const char* part : {"subject", "text"}) {
      if (words.has(key_of(about, part))) continue;
      return fail(ErrorCode::kInternal, fmt::format("no words for `{}`", key_of(about, part)));
    }
  }
  return Letters(std::move(words), std::move(service), std::move(contact));
}

std::string Letters::kinds_of(const authn::MessageDetails& details) const {
  std::string kinds;
  for (const std::string& each : details.authenticators) {
    kinds += kinds.empty() ? "" : ", ";
    kinds += words_.of("kind." + each);
  }
  return kinds;
}

Result<std::string> Letters::filled(std::string_view key, const Message& message) const {
  return words_.filled(key, [&](std::string_view name) -> Result<std::string> {
    if (name == "service") return service_;
    if (name == "contact") return contact_.empty() ? std::string(words_.of("contact")) : contact_;
    if (name == "happened") return time_text(message.details.happened_ms);
    if (name == "expires") {
      const bool is_code = authn::is_code(message.about);
      return time_text(is_code ? message.until_ms : message.details.expires_ms.value_or(0));
    }
    if (name == "what") return kinds_of(message.details);
    if (name == "of") return message.details.of;
    if (name == "code" && authn::is_code(message.about)) {
      return std::string(message.code.reveal());
    }
    return fail(ErrorCode::kInternal, fmt::format("a message has no `{}`", name));
  });
}

Result<Letter> Letters::write(const Message& message) const {
  for (const std::string& each : message.details.authenticators) {
    if (words_.has("kind." + each)) continue;
    return fail(ErrorCode::kInternal, fmt::format("no words for a `{}`", each));
  }
  Letter letter{.subject = TRY(filled(key_of(message.about, "subject"), message)), .text = {}};
  std::string text = TRY(filled(key_of(message.about, "text"), message));
  if (!authn::is_code(message.about)) {
    std::string more;
    if (may_be_not_you(message.about)) more = TRY(filled("not_you", message)) + "\n\n";
    text = fmt::format("{}\n\n{}\n\n{}{}\n", words_.of("greeting"), text, more,
                       TRY(filled("closing", message)));
  }
  letter.text = Secret(text);
  wipe(text);
  return letter;
}

}  // namespace wardlock::letter
