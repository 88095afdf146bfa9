#include "authn/password/strength.h"

#include <zxcvbn.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

namespace wardlock::authn {
namespace {

struct FreeMatches {
  void operator()(ZxcMatch_t* matches) const { ZxcvbnFreeInfo(matches); }
};
using Matches = std::unique_ptr<ZxcMatch_t, FreeMatches>;

constexpr std::size_t kMaxBytes = 100;

/// As zxcvbn's authors draw the lines: 10^3 online and throttled, 10^6 not, 10^8 and 10^10 offline.
std::uint8_t score_of(double guesses_log10) {
  static constexpr std::array kLimits = {3.0, 6.0, 8.0, 10.0};
  return static_cast<std::uint8_t>(
      std::ranges::count_if(kLimits, [&](double limit) { return guesses_log10 >= limit; }));
}

std::string_view advice_for(int type) {
  switch (type & ~static_cast<int>(MULTIPLE_MATCH)) {
    case DICTIONARY_MATCH: return "Words that many use are tried first; put several together.";
    case DICT_LEET_MATCH: return "Digits for letters (`p4ssw0rd`) are tried, too.";
    case USER_MATCH:
    case USER_LEET_MATCH: return "Your name and ours are tried first.";
    case REPEATS_MATCH: return "Repeated characters add little.";
    case SEQUENCE_MATCH: return "Sequences such as `abc` and `6543` add little.";
    case SPATIAL_MATCH: return "Rows of the keyboard are tried.";
    case DATE_MATCH:
    case YEAR_MATCH: return "Dates and years are tried.";
    default: return {};
  }
}

}  // namespace

PasswordStrength strength_of(const PreparedPassword& password,
                             std::span<const std::string> context_words) {
  std::vector<const char*> words;
  words.reserve(context_words.size() + 1);
  for (const std::string& word : context_words) words.push_back(word.c_str());
  words.push_back(nullptr);
  std::string text(password.secret().reveal().substr(0, kMaxBytes));
  ZxcMatch_t* found = nullptr;
  const double bits = ZxcvbnMatch(text.c_str(), words.data(), &found);
  const Matches matches(found);
  wipe(text);

  PasswordStrength strength;
  strength.guesses_log10 = bits * std::log10(2.0);
  strength.score = score_of(strength.guesses_log10);
  if (strength.score == 4) return strength;
  for (const ZxcMatch_t* match = matches.get(); match != nullptr; match = match->Next) {
    const std::string_view advice = advice_for(match->Type);
    const bool is_new = std::ranges::find(strength.advice, advice) == strength.advice.end();
    if (!advice.empty() && is_new) strength.advice.push_back(advice);
  }
  return strength;
}

}  // namespace wardlock::authn
