// What a browser sends with a form: is read whole, or refused; what is read is what was sent, in
// UTF-8, each name once.
#include <string>

#include "base/check.h"
#include "base/utf8.h"
#include "net/query_string.h"
#include "page/form.h"

using namespace wardlock;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  net::HttpRequest request{.method = "POST", .target = "/sign-in", .path = "/sign-in"};
  request.body = body;
  CHECK(!page::Form::read(request).has_value());  // nobody said that it is a form
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  const auto form = page::Form::read(request);
  if (!form) {
    CHECK(!form.error().message.empty());
    return 0;
  }
  CHECK(size <= page::Form::kMaxBytes);
  // Another reader of the same finds the same.
  const auto others = net::read_query_string(body);
  if (!others) return 0;
  for (const net::QueryParameter& each : *others) {
    CHECK(form->has(each.name));
    CHECK(form->of(each.name) == each.value);
    CHECK(!find_invalid_utf8(form->of(each.name)));
  }
  return 0;
}
