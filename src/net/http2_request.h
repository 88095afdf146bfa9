#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/request_reader.h"
#include "net/request_rules.h"

namespace wardlock::net {

/// A request that arrives field by field, as HTTP/2 delivers it, and becomes one that a handler
/// can't tell from HTTP/1.1: `:authority` is its `Host`.
///
/// INVARIANT: holds no more than the limits allow. Memory is kept for the next request.
class Http2Request {
 public:
  void clear();

  /// The first refusal counts; what comes after it is not kept.
  void add_field(std::string_view name, std::string_view value, const HttpLimits& limits);
  void refuse(const Refusal& refusal);
  /// The header is complete. `is_last`: no body follows.
  void end_header(bool is_last, const HttpLimits& limits);
  /// False when it would be too large: then it is refused.
  bool add_body(std::string_view bytes, const HttpLimits& limits);

  const std::optional<Refusal>& refusal() const { return refusal_; }
  bool expects_continue() const { return expects_continue_; }
  bool is_head() const { return text(method_) == "HEAD"; }
  std::size_t body_size() const { return body_.size(); }
  void drop_body();

  /// When all of it has come, and nothing was refused. Borrows from this until it changes.
  HttpRequest& assemble();

 private:
  struct Piece {
    std::size_t begin = 0;
    std::size_t size = 0;
  };
  struct Field {
    Piece name;
    Piece value;
  };

  Piece keep(std::string_view text);
  std::string_view text(Piece piece) const {
    return std::string_view(text_).substr(piece.begin, piece.size);
  }
  void add_pseudo_field(std::string_view name, std::string_view value);
  void check_field(std::string_view name, std::string_view value);
  std::optional<Refusal> check_head();
  std::string_view host() const { return text(authority_ ? *authority_ : host_); }

  std::string text_;  ///< of all fields
  std::vector<Field> fields_;
  Piece method_, path_, scheme_, host_;
  std::optional<Piece> authority_;
  std::optional<std::uint64_t> content_length_;
  UniqueFields seen_;
  std::size_t list_size_ = 0;  ///< RFC 9113 §6.5.2
  bool expects_continue_ = false;
  std::optional<Refusal> refusal_;
  std::string body_;
  HttpRequest request_;
};

}  // namespace wardlock::net
