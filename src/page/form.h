#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"

namespace wardlock::page {

/// What a browser sent with a form: `application/x-www-form-urlencoded`, each name once. What it
/// held is zeroed when it ends, since passwords come so.
class Form {
 public:
  static constexpr std::size_t kMaxBytes = std::size_t{64} << 10;
  static constexpr std::size_t kMaxFields = 32;

  /// Errors: kInvalidArgument, the body is of another type, malformed, not UTF-8, too long, or has
  /// a name twice.
  static Result<Form> read(const net::HttpRequest& request);

  Form(const Form&) = delete;
  Form& operator=(const Form&) = delete;
  Form(Form&& other) noexcept = default;
  Form& operator=(Form&&) = delete;
  ~Form();

  /// The field's text, as it was typed; empty where there is none. Borrows from this.
  std::string_view of(std::string_view name) const;
  bool has(std::string_view name) const { return fields_.contains(name); }

 private:
  Form() = default;
  std::map<std::string, std::string, std::less<>> fields_;
};

}  // namespace wardlock::page
