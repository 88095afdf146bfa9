#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "call/answer.h"
#include "net/http.h"

namespace wardlock::call {

/// Something that can be asked of an interface. `Asked` is what its calls have in common; it has an
/// `id`, a std::string_view.
template <typename Asked>
struct Operation {
  std::string_view method;  ///< `GET` is `HEAD`, too
  std::string_view path;    ///< below the prefix; `{id}` stands for one step
  Result<void> (*answer)(const Asked& call, net::HttpResponse& response);
};

/// Finds what a request asks for, operation after operation. What is written out comes before what
/// `{id}` stands for. Borrows the request; one thread's.
class Route {
 public:
  /// `prefix`: what the path begins with.
  Route(const net::HttpRequest& request, std::string_view prefix);

  /// Whether the request is for the operation with this method and path.
  bool leads_to(std::string_view method, std::string_view path);
  /// What the path has in the place of `{id}`, once it has led somewhere.
  std::string_view id() const { return id_; }
  /// Where it led nowhere: there is nothing, or something that is asked with other methods.
  void refuse(net::HttpResponse& response) const;

 private:
  std::string_view method_;
  std::string_view path_;
  std::string_view id_;
  std::string allowed_;
  bool is_written_out_ = false;  // and no id of anything
};

/// Answers the request by the table alone. `call` is what is handed on, with the id that the path
/// names. The response comes as new.
template <typename Asked, std::size_t N>
void answer_by(const std::array<Operation<Asked>, N>& operations, const net::HttpRequest& request,
               std::string_view prefix, Asked call, net::HttpResponse& response) {
  Route route(request, prefix);
  for (const Operation<Asked>& operation : operations) {
    if (!route.leads_to(operation.method, operation.path)) continue;
    call.id = route.id();
    const auto answered = operation.answer(call, response);
    if (!answered) refuse(answered.error(), response);
    return;
  }
  route.refuse(response);
}

}  // namespace wardlock::call
