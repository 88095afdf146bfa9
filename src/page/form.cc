#include "page/form.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/secret.h"
#include "base/utf8.h"

namespace wardlock::page {
namespace {

constexpr std::string_view kType = "application/x-www-form-urlencoded";

bool is_form(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return net::equal_ignoring_case(type, kType);
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) {
        wipe(out);
        return invalid("the form is not percent-encoded as it should be");
      }
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  if (find_invalid_utf8(out)) {
    wipe(out);
    return invalid("the form is not in UTF-8");
  }
  return out;
}

}  // namespace

Result<Form> Form::read(const net::HttpRequest& request) {
  if (!is_form(request.header("Content-Type").value_or(""))) {
    return invalid(fmt::format("send `{}`", kType));
  }
  if (request.body.size() > kMaxBytes) return invalid("the form is too long");
  Form form;
  std::string_view rest = request.body;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const bool has_value = equals != std::string_view::npos;
    std::string name = TRY(decoded(pair.substr(0, equals)));
    std::string value = TRY(decoded(has_value ? pair.substr(equals + 1) : std::string_view()));
    const bool is_new = !form.fields_.contains(name);
    if (!is_new || form.fields_.size() >= kMaxFields) {
      wipe(value);
      return invalid(is_new ? "the form has too many fields" : "the form has a field twice");
    }
    form.fields_.emplace(std::move(name), value);
    wipe(value);
  }
  return form;
}

Form::~Form() {
  for (auto& [name, value] : fields_) wipe(value);
}

std::string_view Form::of(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace wardlock::page
