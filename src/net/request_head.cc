#include "net/request_head.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

namespace wardlock::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::string_view;
using BeastError = boost::beast::error_code;

std::string_view to_std(string_view text) { return {text.data(), text.size()}; }

/// Whether the request line is well-formed but for a version that is not 1.0 or 1.1.
bool names_other_version(std::string_view block) {
  const std::string_view line = block.substr(0, block.find('\r'));
  if (std::ranges::count(line, ' ') != 2) return false;
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && is_digits(version.substr(5, 1)) &&
         version[6] == '.' && is_digits(version.substr(7));
}

Refusal to_refusal(const BeastError& error, std::string_view block) {
  if (error == http::error::bad_version) {
    if (names_other_version(block)) return {505, "the version must be HTTP/1.1 or HTTP/1.0"};
    return {400, "malformed request line: expected `METHOD target HTTP/1.1`"};
  }
  if (error == http::error::bad_method || error == http::error::bad_target) {
    return {400, "malformed request line: expected `METHOD target HTTP/1.1`"};
  }
  if (error == http::error::bad_field) return {400, "malformed header name"};
  if (error == http::error::bad_content_length || error == http::error::multiple_content_length) {
    return {400, "invalid `Content-Length`: send one decimal number"};
  }
  if (error == http::error::bad_transfer_encoding) {
    return {400, "invalid `Transfer-Encoding`: send it once, and no `Content-Length` beside it"};
  }
  return {400, "malformed header"};
}

/// Fills a RequestHead from what Beast finds. Beast's handling of bodies is not used: it asserts
/// when the end of an empty chunked body arrives byte by byte.
class HeadParser final : public http::basic_parser<true> {
 public:
  HeadParser(std::string_view block, RequestHead& head) : block_(block), head_(head) {
    header_limit(std::numeric_limits<std::uint32_t>::max());
    skip(true);
  }

  std::optional<Refusal> parse() {
    BeastError error;
    const std::size_t used = put({block_.data(), block_.size()}, error);
    if (refusal_) return refusal_;
    if (error) return to_refusal(error, block_);
    if (!is_header_done() || used != block_.size()) return Refusal{400, "malformed header"};
    head_.keep_alive = keep_alive();
    return check_whole();
  }

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       BeastError& error) override {
    head_.http11 = version == 11;
    head_.request.method = to_std(method);
    head_.request.target = to_std(target);
    if (!is_target(head_.request.target)) {
      refuse(error, 400, "malformed target: percent-encode what is not visible ASCII");
    }
  }

  void on_field_impl(http::field field, string_view name, string_view value,
                     BeastError& error) override {
    const std::string_view text = to_std(value);
    if (head_.request.headers.size() == kMaxHeaders) return refuse(error, 431, "too many headers");
    head_.request.headers.push_back({to_std(name), text});
    take_field(field, text, error);
  }

  void take_field(http::field field, std::string_view value, BeastError& error) {
    switch (field) {
      case http::field::host:
        if (!once(UniqueFields::kHost, error)) return;
        host_ = value;
        if (!is_host(value)) refuse(error, 400, "malformed `Host`");
        return;
      case http::field::content_length:
        if (!once(UniqueFields::kContentLength, error)) return;
        // Beast has checked the number, but takes a list too.
        if (!is_digits(value))
          return refuse(error, 400, "invalid `Content-Length`: send one decimal number");
        head_.content_length = content_length_of(value);
        return;
      case http::field::transfer_encoding:
        if (!once(UniqueFields::kTransferEncoding, error)) return;
        if (!head_.http11) return refuse(error, 400, "`Transfer-Encoding` needs HTTP/1.1");
        if (!equal_ignoring_case(value, "chunked")) {
          return refuse(error, 501, "the only transfer coding understood is `chunked`");
        }
        head_.chunked = true;
        return;
      case http::field::expect:
        if (!once(UniqueFields::kExpect, error)) return;
        if (!equal_ignoring_case(value, "100-continue")) {
          return refuse(error, 417, "the only expectation understood is `100-continue`");
        }
        head_.expects_continue = head_.http11;
        return;
      case http::field::authorization: once(UniqueFields::kAuthorization, error); return;
      case http::field::content_type: once(UniqueFields::kContentType, error); return;
      case http::field::origin: once(UniqueFields::kOrigin, error); return;
      default: return;
    }
  }

  static std::uint64_t content_length_of(std::string_view digits) {
    std::uint64_t length = 0;
    for (const char digit : digits) length = length * 10 + static_cast<std::uint64_t>(digit - '0');
    return length;
  }

  /// What can be judged only when the whole head is known.
  std::optional<Refusal> check_whole() {
    if (head_.chunked && head_.content_length) {
      return Refusal{400, "`Content-Length` and `Transfer-Encoding` exclude each other"};
    }
    if (head_.http11 && !seen_.has(UniqueFields::kHost)) return Refusal{400, "`Host` is missing"};
    return split_target(head_.request, host_);
  }

  bool once(UniqueFields::Field field, BeastError& error) {
    refusal_ = seen_.add(field);
    if (refusal_) error = http::error::bad_value;
    return !refusal_;
  }

  void refuse(BeastError& error, int status, std::string_view detail) {
    refusal_ = Refusal{status, detail};
    error = http::error::bad_value;
  }

  void on_response_impl(int, string_view, int, BeastError&) override {}
  void on_header_impl(BeastError&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) override {}
  std::size_t on_body_impl(string_view, BeastError&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, BeastError&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, BeastError&) override { return 0; }
  void on_finish_impl(BeastError&) override {}

  std::string_view block_;
  RequestHead& head_;
  std::string_view host_;
  UniqueFields seen_;
  std::optional<Refusal> refusal_;
};

}  // namespace

std::optional<Refusal> parse_request_head(std::string_view block, RequestHead& head) {
  std::vector<HttpHeader> headers = std::move(head.request.headers);
  headers.clear();
  head = {};
  head.request.headers = std::move(headers);
  return HeadParser(block, head).parse();
}

}  // namespace wardlock::net
