#include "authn/subject_token.h"

#include <algorithm>

namespace wardlock::authn {
namespace {

constexpr std::size_t kMostBytes = std::size_t{16} << 10;

constexpr Refused kTwice = {.rejection = Rejection::kMalformed,
                            .status = 400,
                            .detail = "`Wardlock-Subject-Token` may come once",
                            .challenge = ""};
constexpr Refused kNoToken = {.rejection = Rejection::kMalformed,
                              .status = 400,
                              .detail = "`Wardlock-Subject-Token` must hold the token alone",
                              .challenge = ""};

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kMostBytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::expected<std::optional<std::string_view>, Refused> subject_token(
    const net::HttpRequest& request) {
  std::optional<std::string_view> token;
  for (const net::HttpHeader& each : request.headers) {
    if (!net::equal_ignoring_case(each.name, kSubjectTokenHeader)) continue;
    if (token) return std::unexpected(kTwice);
    token = each.value;
  }
  if (token && !is_token(*token)) return std::unexpected(kNoToken);
  return token;
}

}  // namespace wardlock::authn
