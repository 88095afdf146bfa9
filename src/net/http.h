#pragma once

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/answer_gate.h"
#include "net/peer_certificate.h"

namespace wardlock::net {

/// Of texts of the same size.
bool equal_letters_ignoring_case(std::string_view a, std::string_view b);

/// ASCII letters only, as HTTP's names and most of its values compare.
inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && equal_letters_ignoring_case(a, b);
}

struct HttpHeader {
  std::string_view name;
  std::string_view value;  ///< without the white space around it
};

/// What a handler keeps of a request that it cannot answer yet.
struct Unfinished {
  Unfinished() = default;
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  virtual ~Unfinished() = default;
};

/// One complete request. Every view borrows from the connection and is valid during the handler's
/// call only.
///
/// What a handler may rely on: the method is a token; the target is visible ASCII; header names are
/// tokens and values free of control characters except tab; `Authorization`, `Content-Length`,
/// `Content-Type`, `Expect`, `Host`, `Origin` and `Transfer-Encoding` come at most once; an
/// HTTP/1.1 request has a `Host`. The body is any bytes, decoded when it came in chunks.
struct HttpRequest {
  std::string_view method = {};
  std::string_view target = {};          ///< as it was sent
  std::string_view path = {};            ///< begins with `/` (or is `*`), still percent-encoded
  std::string_view query = {};           ///< what follows the first `?`, without it
  std::vector<HttpHeader> headers = {};  ///< in the order they came
  std::string_view body = {};
  std::string_view remote_address = {};  ///< the peer's IP address, without its port
  bool is_secure = false;                ///< came by TLS
  /// Of a client that proved who it is, as long as the certificate is valid; else null.
  const PeerCertificate* peer_certificate = nullptr;
  /// What the handler left in `HttpResponse::unfinished` when it was asked this before.
  std::shared_ptr<Unfinished> unfinished = nullptr;

  /// The value of the first header of that name, in any case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// Header fields of an answer, in the order they were added. `clear` keeps their memory for the
/// next answer.
class ResponseHeaders {
 public:
  struct Field {
    std::string name;
    std::string value;
  };

  ResponseHeaders() = default;
  ResponseHeaders(std::initializer_list<HttpHeader> fields) {
    for (const HttpHeader& field : fields) add(field.name, field.value);
  }

  void add(std::string_view name, std::string_view value);
  void clear() { used_ = 0; }

  std::size_t size() const { return used_; }
  auto begin() const { return all().begin(); }
  auto end() const { return all().end(); }
  const Field& operator[](std::size_t i) const { return all()[i]; }

 private:
  std::span<const Field> all() const { return std::span(fields_).first(used_); }

  std::vector<Field> fields_;
  std::size_t used_ = 0;
};

/// The server adds `Content-Length` and `Connection`; for HEAD it leaves the body out.
struct HttpResponse {
  int status = 200;                    ///< 200 to 599
  std::string_view content_type = {};  ///< a constant; left out when empty
  ResponseHeaders headers = {};
  std::string body = {};
  Tickets tickets = {};  ///< what it waits for before it is sent, at the thread's gate
  /// Not null: there is no answer yet, and nothing of this is sent. The same request comes again,
  /// with this, whenever the thread's gate tells of a change, and a few times a second; its
  /// connection waits meanwhile. Who leaves this must answer in the end. Gone where the connection
  /// ended before.
  std::shared_ptr<Unfinished> unfinished = nullptr;

  /// As new, but for memory to be used again.
  void clear();
};

/// Answers one request on the connection's thread; the thread serves nothing else meanwhile. The
/// response comes as new, and goes out as it is left.
using Handler = std::function<void(const HttpRequest&, HttpResponse&)>;

/// What one thread serves with; both may own what only that thread uses.
struct Service {
  Handler handler;
  std::shared_ptr<AnswerGate> gate = nullptr;  ///< null: answers are sent at once
};

/// Called once on each of the server's threads, before it serves; must not throw.
using ServiceFactory = std::function<Service()>;

/// The phrase of RFC 9110 for a status code, e.g. `Not Found`; `Unknown` for others.
std::string_view reason_phrase(int status);

/// The status that stands for an error code.
int http_status(ErrorCode code);

/// Makes the response an RFC 9457 `application/problem+json` answer; fields that were added stay.
/// `detail` says what is wrong with this request and what to do next, in UTF-8.
void write_problem(int status, std::string_view detail, HttpResponse& response);

}  // namespace wardlock::net
