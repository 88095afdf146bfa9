#include "authn/password/password_policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/folded.h"
#include "base/utf8.h"
#include "directory/identifier/opaque_string.h"

namespace wardlock::authn {
namespace {

/// A shorter word of the context says nothing: every password holds one by chance.
constexpr std::size_t kMinWord = 4;

/// Takes out each place at which the word stands; both without regard to ASCII's case.
void take_out(std::string& text, std::string_view word) {
  for (std::size_t place = 0; (place = text.find(word, place)) != std::string::npos;) {
    text.erase(place, word.size());
  }
}

/// Whether so little is left without the words of the context that these are the password.
bool is_made_of(const Secret& password, std::span<const std::string> words,
                std::uint32_t min_length) {
  std::string rest = folded(password.reveal());
  std::vector<std::string> parts;
  for (const std::string& word : words) {
    if (word.size() >= kMinWord) parts.push_back(folded(word));
  }
  std::ranges::sort(parts, std::ranges::greater(), &std::string::size);
  const std::size_t whole = rest.size();
  for (const std::string& part : parts) take_out(rest, part);
  const bool is_shorter = rest.size() < whole;
  const bool is_weak = is_shorter && 2 * count_code_points(rest) <= min_length;
  wipe(rest);
  return is_weak;
}

}  // namespace

Result<PreparedPassword> prepare_password(const Secret& typed, const PasswordPolicy& policy) {
  // Four bytes a code point at most, and room for what composes.
  if (typed.size() > std::size_t{policy.max_length} * 8) {
    return invalid(fmt::format("a password has at most {} characters", policy.max_length));
  }
  Secret secret = TRY(directory::opaque_string(typed));
  if (secret.empty()) return invalid("a password has characters");
  if (count_code_points(secret.reveal()) > policy.max_length) {
    return invalid(fmt::format("a password has at most {} characters", policy.max_length));
  }
  return PreparedPassword(std::move(secret));
}

std::vector<std::string> faults_of(const PreparedPassword& password,
                                   const PasswordQuestion& question) {
  const PasswordPolicy& policy = question.policy;
  const std::uint32_t min_length =
      question.is_only_factor ? policy.min_length_alone : policy.min_length_with_second_factor;
  const Secret& secret = password.secret();
  std::vector<std::string> faults;
  if (count_code_points(secret.reveal()) < min_length) {
    faults.push_back(fmt::format(
        "the password is too short: it needs {} characters; three or four words are easy to keep",
        min_length));
  }
  if (is_made_of(secret, question.context_words, min_length)) {
    faults.emplace_back("the password is made of your name or ours; choose other words");
  }
  const bool is_known = std::ranges::any_of(
      question.block_lists, [&](const BlockList* list) { return list->contains(secret); });
  if (is_known) {
    faults.emplace_back(
        "the password is among those that others have used and lost; choose another one");
  }
  return faults;
}

}  // namespace wardlock::authn
