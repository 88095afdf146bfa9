#include "net/http2_request.h"

#include <charconv>
#include <utility>

namespace wardlock::net {
namespace {

constexpr std::size_t kKeptBodyBytes = std::size_t{16} << 10;
constexpr std::size_t kFieldOverhead = 32;

std::optional<UniqueFields::Field> unique_field(std::string_view name) {
  if (name == "host") return UniqueFields::kHost;
  if (name == "content-length") return UniqueFields::kContentLength;
  if (name == "expect") return UniqueFields::kExpect;
  if (name == "authorization") return UniqueFields::kAuthorization;
  if (name == "content-type") return UniqueFields::kContentType;
  if (name == "origin") return UniqueFields::kOrigin;
  return std::nullopt;
}

bool is_of_http1(std::string_view name) {
  return name == "connection" || name == "transfer-encoding" || name == "keep-alive" ||
         name == "upgrade" || name == "proxy-connection";
}

}  // namespace

void Http2Request::clear() {
  std::string text = std::move(text_);
  std::string body = std::move(body_);
  std::vector<Field> fields = std::move(fields_);
  std::vector<HttpHeader> headers = std::move(request_.headers);
  *this = {};
  text_ = std::move(text);
  body_ = std::move(body);
  fields_ = std::move(fields);
  request_.headers = std::move(headers);
  text_.clear();
  fields_.clear();
  drop_body();
}

void Http2Request::drop_body() {
  body_.clear();
  if (body_.capacity() > kKeptBodyBytes) std::string().swap(body_);
}

void Http2Request::refuse(const Refusal& refusal) {
  if (!refusal_) refusal_ = refusal;
}

Http2Request::Piece Http2Request::keep(std::string_view text) {
  const Piece piece{.begin = text_.size(), .size = text.size()};
  text_.append(text);
  return piece;
}

void Http2Request::add_field(std::string_view name, std::string_view value,
                             const HttpLimits& limits) {
  if (refusal_) return;
  list_size_ += name.size() + value.size() + kFieldOverhead;
  if (list_size_ > limits.max_header_bytes) return refuse({431, "the header is too long"});
  if (name.starts_with(':')) return add_pseudo_field(name, value);
  if (fields_.size() == kMaxHeaders) return refuse({431, "too many headers"});
  check_field(name, value);
  if (refusal_) return;
  // One `Host` goes to the handler, the authority; this one is compared with it.
  if (name == "host") {
    host_ = keep(value);
  } else {
    const Piece kept = keep(name);
    fields_.push_back({kept, keep(value)});
  }
}

void Http2Request::add_pseudo_field(std::string_view name, std::string_view value) {
  if (name == ":method") {
    method_ = keep(value);
  } else if (name == ":path") {
    path_ = keep(value);
  } else if (name == ":scheme") {
    scheme_ = keep(value);
  } else if (name == ":authority") {
    authority_ = keep(value);
  } else {
    refuse({400, "unknown pseudo-header"});
  }
}

void Http2Request::check_field(std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value)) return refuse({400, "malformed header"});
  if (is_of_http1(name)) return refuse({400, "a header of HTTP/1.1's connections"});
  const std::optional<UniqueFields::Field> field = unique_field(name);
  if (!field) return;
  if (const auto twice = seen_.add(*field)) return refuse(*twice);
  if (*field == UniqueFields::kContentLength) {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
    if (!is_digits(value) || error != std::errc()) {
      return refuse({400, "invalid `Content-Length`: send one decimal number"});
    }
    content_length_ = length;
  } else if (*field == UniqueFields::kExpect) {
    expects_continue_ = equal_ignoring_case(value, "100-continue");
    if (!expects_continue_) {
      refuse({417, "the only expectation understood is `100-continue`"});
    }
  }
}

void Http2Request::end_header(bool is_last, const HttpLimits& limits) {
  if (refusal_) return;
  refusal_ = check_head();
  if (!refusal_ && content_length_.value_or(0) > limits.max_body_bytes) {
    refuse({413, "the body is too large"});
  }
  if (is_last) expects_continue_ = false;
}

/// What can be judged only when the whole head is known.
std::optional<Refusal> Http2Request::check_head() {
  if (!is_token(text(method_))) return Refusal{400, "malformed method"};
  if (text(path_).empty() || !is_target(text(path_))) {
    return Refusal{400, "malformed target: percent-encode what is not visible ASCII"};
  }
  if (text(scheme_) != "http" && text(scheme_) != "https") {
    return Refusal{400, "`:scheme` must be http or https"};
  }
  if (!authority_ && !seen_.has(UniqueFields::kHost)) return Refusal{400, "`Host` is missing"};
  if (!is_host(host())) return Refusal{400, "malformed `Host`"};
  if (seen_.has(UniqueFields::kHost) && !equal_ignoring_case(text(host_), host())) {
    return Refusal{400, "`:authority` and `Host` differ"};
  }
  if (!text(path_).starts_with('/') && text(path_) != "*") {
    return Refusal{400, "malformed target: expected a path that begins with `/`"};
  }
  HttpRequest probe{.method = text(method_), .target = text(path_)};
  return split_target(probe, host());
}

bool Http2Request::add_body(std::string_view bytes, const HttpLimits& limits) {
  if (body_.size() + bytes.size() > limits.max_body_bytes) {
    refuse({413, "the body is too large"});
    return false;
  }
  body_.append(bytes);
  return true;
}

HttpRequest& Http2Request::assemble() {
  std::vector<HttpHeader> headers = std::move(request_.headers);
  headers.clear();
  headers.push_back({"Host", host()});
  for (const Field& field : fields_) headers.push_back({text(field.name), text(field.value)});
  request_ = {.method = text(method_), .target = text(path_)};
  request_.headers = std::move(headers);
  request_.body = body_;
  static_cast<void>(split_target(request_, host()));  // checked at the header's end
  return request_;
}

}  // namespace wardlock::net
