#include "net/response_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "net/protective_fields.h"
#include "net/request_rules.h"

namespace wardlock::net {
namespace {

/// Of the connection or the framing. Most have no place in HTTP/2.
bool is_ours(std::string_view name) {
  constexpr std::array<std::string_view, 7> kOurs = {
      "content-length", "content-type", "connection",      "transfer-encoding",
      "keep-alive",     "upgrade",      "proxy-connection"};
  return std::ranges::any_of(
      kOurs, [&](std::string_view ours) { return equal_ignoring_case(name, ours); });
}

void append_field(std::string_view name, std::string_view value, std::string& out) {
  const std::size_t before = out.size();
  const std::size_t after = before + name.size() + value.size() + 4;
  out.resize_and_overwrite(after, [&](char* bytes, std::size_t) {
    char* at = std::copy(name.begin(), name.end(), bytes + before);
    *at++ = ':';
    *at++ = ' ';
    at = std::copy(value.begin(), value.end(), at);
    *at++ = '\r';
    *at = '\n';
    return after;
  });
}

void append_status(int status, std::string& out) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
  } else {
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status, reason_phrase(status));
  }
}

void append_protective_fields(const HttpResponse& response, bool is_secure, std::string& out) {
  for (const HttpHeader& field : protective_fields(is_secure)) {
    if (!sets_field(response, field.name)) append_field(field.name, field.value, out);
  }
}

}  // namespace

bool is_sendable(const HttpResponse& response) {
  if (response.status < 200 || response.status > 599) return false;
  if (!is_field_value(response.content_type)) return false;
  return std::ranges::all_of(response.headers, [](const ResponseHeaders::Field& field) {
    return is_token(field.name) && is_field_value(field.value) && !is_ours(field.name);
  });
}

bool has_no_body(int status) { return status == 204 || status == 304; }

HttpResponse unsendable() {
  HttpResponse response;
  write_problem(500, "the answer could not be sent", response);
  return response;
}

void append_response(const HttpResponse& response, const ResponseFraming& framing,
                     std::string& out) {
  if (!is_sendable(response)) {
    return append_response(unsendable(), framing, out);
  }
  append_status(response.status, out);
  if (!response.content_type.empty()) append_field("Content-Type", response.content_type, out);
  const bool bodiless = has_no_body(response.status);
  if (!bodiless) append_field("Content-Length", fmt::format_int(response.body.size()).c_str(), out);
  if (!framing.keep_alive) {
    append_field("Connection", "close", out);
  } else if (!framing.http11) {
    append_field("Connection", "keep-alive", out);
  }
  append_protective_fields(response, framing.is_secure, out);
  for (const ResponseHeaders::Field& field : response.headers) {
    append_field(field.name, field.value, out);
  }
  out.append("\r\n");
  if (!bodiless && !framing.head_request) out.append(response.body);
}

}  // namespace wardlock::net
