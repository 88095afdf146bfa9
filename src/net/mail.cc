#include "net/mail.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/utf8.h"
#include "codec/base64.h"

namespace wardlock::net {
namespace {

constexpr std::size_t kMaxAddressBytes = 254;
constexpr std::size_t kMaxLocalBytes = 64;
constexpr std::size_t kLineBytes = 76;
/// Of a text that becomes one encoded word, so that its line, with the header's name, has at most
/// 76 characters (RFC 2047, 2).
constexpr std::size_t kWordBytes = 39;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Atoms with dots between them (RFC 5322, 3.2.3).
bool is_dot_atom(std::string_view text) {
  constexpr std::string_view kSigns = "!#$%&'*+-/=?^_`{|}~";
  char before = '.';
  for (const char c : text) {
    if (c == '.' ? before == '.' : !is_letter_or_digit(c) && !kSigns.contains(c)) return false;
    before = c;
  }
  return before != '.';
}

bool is_domain(std::string_view text) {
  char before = '.';
  for (const char c : text) {
    const bool is_inner = c == '.' || c == '-';
    if (!is_inner && !is_letter_or_digit(c)) return false;
    if (is_inner && (before == '.' || (c == '.' && before == '-'))) return false;
    before = c;
  }
  return is_letter_or_digit(before) && text.size() <= 253;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; });
}

std::string base64_of(std::string_view text) {
  return codec::to_base64({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

bool has_control(std::string_view text) {
  return find_invalid_utf8(text).has_value() || std::ranges::any_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
         });
}

/// In encoded words, each of whole characters.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = std::min(text.size(), kWordBytes);
    while (end < text.size() && (text[end] & '\xc0') == '\x80') --end;
    out +=
        fmt::format("{}=?utf-8?B?{}?=", out.empty() ? "" : "\r\n ", base64_of(text.substr(0, end)));
    text.remove_prefix(end);
  }
  return out;
}

/// As a header has it.
std::string header_text(std::string_view text) {
  const bool is_plain = is_ascii(text) && text.size() <= kLineBytes && !text.contains("=?");
  return is_plain ? std::string(text) : encoded_words(text);
}

/// Other ASCII than these would mean something, but for in an encoded word.
std::string name_before(std::string_view name) {
  if (name.empty()) return {};
  const bool is_plain = name.size() <= kWordBytes && std::ranges::all_of(name, [](char c) {
                          return c == ' ' || is_letter_or_digit(c);
                        });
  return fmt::format("{} ", is_plain ? std::string(name) : encoded_words(name));
}

/// In lines of 76 characters.
std::string body_of(std::string_view text) {
  std::string with_ends;
  for (const char c : text) {
    if (c == '\n') with_ends += '\r';
    with_ends += c;
  }
  const std::string encoded = base64_of(with_ends);
  std::string out;
  for (std::size_t at = 0; at < encoded.size(); at += kLineBytes) {
    out += encoded.substr(at, kLineBytes);
    out += "\r\n";
  }
  return out;
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || text.size() > kMaxAddressBytes) return false;
  const std::string_view local = text.substr(0, at);
  return !local.empty() && local.size() <= kMaxLocalBytes && is_dot_atom(local) &&
         is_domain(text.substr(at + 1));
}

Result<std::string> to_wire(const Mail& mail) {
  if (!is_mail_address(mail.from)) return invalid("the sender is no address of mail");
  if (!is_mail_address(mail.to)) return invalid("the receiver is no address of mail");
  const auto is_of_id = [](char c) { return is_letter_or_digit(c) || c == '-'; };
  if (mail.id.empty() || !std::ranges::all_of(mail.id, is_of_id)) {
    return invalid("a mail's id has letters, digits and hyphens");
  }
  if (has_control(mail.subject) || has_control(mail.from_name)) {
    return invalid("a mail's subject and names are one line each");
  }
  const std::string_view domain = std::string_view(mail.from).substr(mail.from.rfind('@') + 1);
  return fmt::format(
      "Date: {:%a, %d %b %Y %H:%M:%S} +0000\r\n"
      "From: {}<{}>\r\n"
      "To: <{}>\r\n"
      "Subject: {}\r\n"
      "Message-ID: <{}@{}>\r\n"
      "Auto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "\r\n"
      "{}",
      mail.date, name_before(mail.from_name), mail.from, mail.to, header_text(mail.subject),
      mail.id, domain, body_of(mail.text));
}

}  // namespace wardlock::net
