#include "net/response_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "net/request_head.h"

namespace wardlock::net {
namespace {

bool is_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

bool is_ours(std::string_view name) {
  return equal_ignoring_case(name, "connection") || equal_ignoring_case(name, "content-length") ||
         equal_ignoring_case(name, "content-type") ||
         equal_ignoring_case(name, "transfer-encoding");
}

bool is_sendable(const HttpResponse& response) {
  if (response.status < 200 || response.status > 599) return false;
  if (!is_value(response.content_type)) return false;
  return std::ranges::all_of(response.headers, [](const HttpResponse::Field& field) {
    return !field.name.empty() && std::ranges::all_of(field.name, is_token_char) &&
           is_value(field.value) && !is_ours(field.name);
  });
}

bool has_no_body(int status) { return status == 204 || status == 304; }

void append_field(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

void append_response(const HttpResponse& response, const ResponseFraming& framing,
                     std::string& out) {
  if (!is_sendable(response)) {
    return append_response(problem(500, "the answer could not be sent"), framing, out);
  }
  if (response.status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
  } else {
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status,
                   reason_phrase(response.status));
  }
  if (!response.content_type.empty()) append_field("Content-Type", response.content_type, out);
  const bool bodiless = has_no_body(response.status);
  if (!bodiless) append_field("Content-Length", fmt::format_int(response.body.size()).c_str(), out);
  if (!framing.keep_alive) {
    append_field("Connection", "close", out);
  } else if (!framing.http11) {
    append_field("Connection", "keep-alive", out);
  }
  for (const HttpResponse::Field& field : response.headers) {
    append_field(field.name, field.value, out);
  }
  out.append("\r\n");
  if (!bodiless && !framing.head_request) out.append(response.body);
}

}  // namespace wardlock::net
