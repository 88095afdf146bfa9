#include "directory/identifier/email.h"

#include <fmt/format.h>

#include <cstddef>

#include "directory/identifier/ascii.h"
#include "directory/identifier/domain_name.h"
#include "directory/identifier/refusal.h"

namespace wardlock::directory {
namespace {

constexpr std::size_t kMaxBytes = 254;      // RFC 5321, 4.5.3.1.3, without the angle brackets
constexpr std::size_t kMaxLocalBytes = 64;  // 4.5.3.1.1
constexpr std::string_view kForm = "an e-mail address is name@domain, such as lee@hospital.example";

/// RFC 5322's atext.
bool is_atom_character(char c) {
  return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c);
}

Parsed<void> check_local_part(std::string_view local, std::size_t begin) {
  const std::size_t end = begin + local.size();
  if (local.empty())
    return refuse(begin, end, "there is nothing in front of the @", std::string(kForm));
  if (local.size() > kMaxLocalBytes) {
    return refuse(begin + kMaxLocalBytes, end, "there is too much in front of the @",
                  fmt::format("at most {} characters stand there", kMaxLocalBytes));
  }
  for (std::size_t place = 0; place < local.size(); ++place) {
    const bool is_stop = local[place] == '.';
    if (!is_stop && !is_atom_character(local[place])) {
      return refuse(begin + place, begin + place + 1, "this sign may not stand in front of the @",
                    "letters, digits, full stops and !#$%&'*+-/=?^_`{|}~ may");
    }
    const bool is_at_edge = place == 0 || place + 1 == local.size();
    if (is_stop && (is_at_edge || local[place + 1] == '.')) {
      return refuse(begin + place, begin + place + 1, "a full stop stands between no two parts",
                    "leave it out");
    }
  }
  return {};
}

}  // namespace

Parsed<std::string> normalise_email(std::string_view text) {
  const Trimmed given = TRY(trim(text, "e-mail address", kMaxBytes));
  const std::size_t end = given.begin + given.text.size();
  const std::size_t at = given.text.rfind('@');
  if (at == std::string_view::npos) {
    return refuse(given.begin, end, "there is no @ in this e-mail address", std::string(kForm));
  }
  const std::string_view local = given.text.substr(0, at);
  TRY_VOID(check_local_part(local, given.begin));
  const std::string_view domain = given.text.substr(at + 1);
  const std::size_t domain_begin = given.begin + at + 1;
  const auto name = ascii_domain_name(domain);
  if (!name) {
    return refuse(domain_begin, end,
                  fmt::format("`{}` is no domain's name: {}", domain, name.error().message),
                  std::string(kForm));
  }
  std::string normal;
  for (const char c : local) normal += to_lower(c);
  normal += '@';
  normal += *name;
  if (normal.size() > kMaxBytes) {
    return refuse(given.begin, end, "this is too long for an e-mail address",
                  fmt::format("it has at most {} bytes, its domain as `xn--…`", kMaxBytes));
  }
  return normal;
}

}  // namespace wardlock::directory
