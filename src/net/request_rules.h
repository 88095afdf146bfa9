#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/http.h"

// What HTTP/1.1 and HTTP/2 ask of a request alike.
namespace wardlock::net {

/// Why a request is refused.
struct Refusal {
  int status = 400;
  std::string_view detail;  ///< a constant
};

constexpr std::size_t kMaxHeaders = 128;

/// A character of RFC 9110's `token`.
bool is_token_char(char c);
bool is_token(std::string_view text);
/// Visible ASCII. `#` is refused: a fragment is never sent, and readers differ on what it ends.
bool is_target(std::string_view target);
/// Narrower than RFC 3986's reg-name by the delimiters that no host has.
bool is_host(std::string_view host);
bool is_digits(std::string_view text);
/// Free of control characters, except tab.
bool is_field_value(std::string_view value);

/// The headers that may come only once.
class UniqueFields {
 public:
  enum Field : std::uint8_t {
    kHost = 1,
    kContentLength = 2,
    kTransferEncoding = 4,
    kExpect = 8,
    kAuthorization = 16,
    kContentType = 32,
    kOrigin = 64,
  };

  /// Nothing the first time.
  std::optional<Refusal> add(Field field);
  bool has(Field field) const { return (seen_ & field) != 0; }

 private:
  unsigned seen_ = 0;
};

/// Fills in path and query. RFC 9112 §3.2: origin-form, absolute-form, and `*` for OPTIONS.
std::optional<Refusal> split_target(HttpRequest& request, std::string_view host);

}  // namespace wardlock::net
