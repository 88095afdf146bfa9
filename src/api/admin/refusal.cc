#include "api/admin/refusal.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "codec/json.h"

namespace wardlock::admin {
namespace {

/// RFC 6901 §3.
void append_escaped(std::string& out, std::string_view name) {
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string pointer_to(std::string_view at, std::string_view path) {
  std::string pointer(at);
  while (!path.empty()) {
    const std::size_t end = std::min(path.find_first_of(".[]"), path.size());
    if (end > 0) {
      pointer += '/';
      append_escaped(pointer, path.substr(0, end));
    }
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return pointer;
}

std::unexpected<Refusal> refuse(int status, ErrorCode code, std::string message) {
  Refusal refusal(Error{code, std::move(message)});
  refusal.status = status;
  return std::unexpected(std::move(refusal));
}

std::unexpected<Refusal> refuse(const directory::Faults& faults, std::string_view at) {
  Refusal refusal(directory::to_error(faults));
  for (const directory::Fault& fault : faults) {
    const std::string subject = fault.path.empty() ? "it" : fmt::format("`{}`", fault.path);
    refusal.wrong.push_back({.pointer = pointer_to(at, fault.path),
                             .detail = fmt::format("{} {}", subject, fault.message)});
  }
  return std::unexpected(std::move(refusal));
}

void write_refusal(const Refusal& refusal, net::HttpResponse& response) {
  const int status = refusal.status != 0 ? refusal.status : net::http_status(refusal.error.code);
  const std::string detail = printable(refusal.error.message);
  if (status == 503) response.headers.add("Retry-After", "1");
  if (refusal.wrong.empty()) return net::write_problem(status, detail, response);
  boost::json::array errors;
  for (const WrongPart& part : refusal.wrong) {
    errors.push_back(boost::json::object{{"pointer", printable(part.pointer)},
                                         {"detail", printable(part.detail)}});
  }
  response.status = status;
  response.content_type = "application/problem+json";
  response.body = codec::to_json_text(boost::json::object{{"type", "about:blank"},
                                                          {"title", net::reason_phrase(status)},
                                                          {"status", status},
                                                          {"detail", detail},
                                                          {"errors", std::move(errors)}});
}

}  // namespace wardlock::admin
