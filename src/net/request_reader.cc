#include "net/request_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace wardlock::net {
namespace {

constexpr std::size_t kFirstCapacity = 4096;
/// A buffer that grew beyond this for a large body is given back.
constexpr std::size_t kKeptCapacity = std::size_t{64} << 10;
/// A chunk's size and extensions, or one trailer.
constexpr std::size_t kMaxFramingLine = 1024;

bool is_folded(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

/// The size a chunk's first line gives. Extensions are passed over; they must follow a `;`.
std::optional<std::uint64_t> chunk_size_of(std::string_view line) {
  constexpr std::size_t kMaxDigits = 15;  // cannot overflow
  std::uint64_t size = 0;
  std::size_t digits = 0;
  for (; digits < line.size(); ++digits) {
    const std::optional<unsigned> digit = hex_digit(line[digits]);
    if (!digit) break;
    size = size * 16 + *digit;
    if (digits == kMaxDigits) return std::nullopt;
  }
  if (digits == 0) return std::nullopt;
  if (digits < line.size() && line[digits] != ';') return std::nullopt;
  return size;
}

bool has_control(std::string_view line) {
  return std::ranges::any_of(line, [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

}  // namespace

std::span<char> RequestReader::space() {
  CHECK(state_ != State::kComplete);
  if (begin_ == end_ && state_ == State::kHead) begin_ = end_ = 0;
  if (end_ == capacity_) make_room();
  return {buffer_.get() + end_, capacity_ - end_};
}

/// Moves the request to the front of the buffer; if it fills more than half of it, to a larger one.
void RequestReader::make_room() {
  const std::size_t held = size();
  if (held > capacity_ / 2 || capacity_ == 0) {
    const std::size_t larger = std::max(kFirstCapacity, capacity_ * 2);
    auto buffer = std::make_unique_for_overwrite<char[]>(larger);
    if (held > 0) std::memcpy(buffer.get(), front(), held);
    buffer_ = std::move(buffer);
    capacity_ = larger;
  } else {
    std::memmove(buffer_.get(), front(), held);
  }
  begin_ = 0;
  end_ = held;
  moved_ = true;
}

void RequestReader::received(std::size_t bytes) {
  CHECK(bytes <= capacity_ - end_);
  end_ += bytes;
}

RequestReader::Step RequestReader::next() {
  // Each state either moves on or stays for want of bytes.
  for (;;) {
    const State before = state_;
    switch (state_) {
      case State::kHead: find_head(); break;
      case State::kFixedBody: read_fixed_body(); break;
      case State::kChunkSize: read_chunk_size(); break;
      case State::kChunkData: read_chunk_data(); break;
      case State::kChunkEnd: read_chunk_end(); break;
      case State::kTrailer: read_trailer(); break;
      case State::kComplete: return Step::kComplete;
      case State::kRefused: return Step::kRefused;
    }
    if (state_ == before) return Step::kNeedMore;
  }
}

/// Goes on through the header, line by line, to the empty one.
void RequestReader::find_head() {
  skip_empty_line();
  if (size() == 0 || (may_skip_line_ && *front() == '\r' && size() == 1)) return;
  if (!is_token_char(*front())) return refuse(400, "malformed request line");
  const std::size_t limit = limits_.max_header_bytes;
  while (const void* found = std::memchr(front() + raw_, '\n', size() - raw_)) {
    const auto newline = static_cast<std::size_t>(static_cast<const char*>(found) - front());
    if (newline >= limit) break;
    const std::string_view line(front() + line_, newline - line_);
    raw_ = line_ = newline + 1;
    if (!check_line(line)) return;
    if (line == "\r") {
      head_size_ = line_;
      return enter_body();
    }
  }
  if (size() <= limit) {
    raw_ = size();
  } else if (line_ == 0) {
    refuse(414, "the request line is too long");
  } else {
    refuse(431, "the header is too long");
  }
}

/// RFC 9112 §2.2: one empty line before a request is forgiven.
void RequestReader::skip_empty_line() {
  if (!may_skip_line_ || size() < 2 || std::memcmp(front(), "\r\n", 2) != 0) return;
  begin_ += 2;
  may_skip_line_ = false;
}

bool RequestReader::check_line(std::string_view line) {
  if (!line.ends_with('\r')) {
    refuse(400, "a line ends with a bare line feed; lines end with CR LF");
    return false;
  }
  if (is_folded(line)) {
    refuse(400, "folded header lines are obsolete; send one line");
    return false;
  }
  return true;
}

void RequestReader::enter_body() {
  if (const auto refusal = parse_request_head({front(), head_size_}, head_)) {
    return refuse(refusal->status, refusal->detail);
  }
  moved_ = false;
  if (head_.chunked) {
    state_ = State::kChunkSize;
  } else if (head_.content_length.value_or(0) > limits_.max_body_bytes) {
    refuse(413, "the body is too large");
  } else if (head_.content_length.value_or(0) > 0) {
    remaining_ = *head_.content_length;
    state_ = State::kFixedBody;
  } else {
    complete();
  }
}

void RequestReader::read_fixed_body() {
  if (size() - raw_ < remaining_) return;
  body_size_ = remaining_;
  raw_ += body_size_;
  complete();
}

/// A line of chunk framing without its CR LF; nothing when it is not complete, or refused.
std::optional<std::string_view> RequestReader::take_framing_line() {
  const std::string_view rest(front() + raw_, size() - raw_);
  const std::size_t newline = rest.find('\n');
  if (std::min(newline, rest.size()) > kMaxFramingLine) {
    refuse(400, "a chunk's framing is too long");
    return std::nullopt;
  }
  if (newline == std::string_view::npos) return std::nullopt;
  // What a body may be padded with; it takes room in the buffer.
  framing_ += newline + 1;
  if (framing_ > limits_.max_header_bytes + body_size_) {
    refuse(400, "the body's chunks are too small for their framing");
    return std::nullopt;
  }
  raw_ += newline + 1;
  if (newline == 0 || rest[newline - 1] != '\r' || has_control(rest.substr(0, newline - 1))) {
    refuse(400, "malformed chunk");
    return std::nullopt;
  }
  return rest.substr(0, newline - 1);
}

void RequestReader::read_chunk_size() {
  const std::optional<std::string_view> line = take_framing_line();
  if (!line) return;
  const std::optional<std::uint64_t> size = chunk_size_of(*line);
  if (!size) return refuse(400, "malformed chunk size");
  if (*size > limits_.max_body_bytes - body_size_) return refuse(413, "the body is too large");
  remaining_ = *size;
  state_ = remaining_ > 0 ? State::kChunkData : State::kTrailer;
}

void RequestReader::read_chunk_data() {
  const std::size_t bytes = std::min<std::uint64_t>(remaining_, size() - raw_);
  char* const to = front() + head_size_ + body_size_;
  if (bytes > 0) std::memmove(to, front() + raw_, bytes);
  body_size_ += bytes;
  raw_ += bytes;
  remaining_ -= bytes;
  if (remaining_ == 0) state_ = State::kChunkEnd;
}

void RequestReader::read_chunk_end() {
  if (size() - raw_ < 2) return;
  if (std::memcmp(front() + raw_, "\r\n", 2) != 0) {
    return refuse(400, "a chunk is not as long as its size says");
  }
  framing_ += 2;
  raw_ += 2;
  state_ = State::kChunkSize;
}

/// Trailers are read over: nothing that decides may come after the body.
void RequestReader::read_trailer() {
  while (const std::optional<std::string_view> line = take_framing_line()) {
    if (line->empty()) return complete();
    if (is_folded(*line) || !line->contains(':')) return refuse(400, "malformed trailer");
  }
}

void RequestReader::complete() {
  if (moved_) CHECK(!parse_request_head({front(), head_size_}, head_));
  head_.request.body = {front() + head_size_, body_size_};
  state_ = State::kComplete;
}

void RequestReader::refuse(int status, std::string_view detail) {
  refusal_ = Refusal{status, detail};
  state_ = State::kRefused;
}

void RequestReader::consume() {
  CHECK(state_ == State::kComplete);
  begin_ += raw_;
  line_ = head_size_ = body_size_ = raw_ = framing_ = 0;
  state_ = State::kHead;
  may_skip_line_ = true;
  if (begin_ == end_ && capacity_ > kKeptCapacity) {
    buffer_.reset();
    capacity_ = begin_ = end_ = 0;
  }
}

RequestReader::Phase RequestReader::phase() const {
  if (state_ != State::kHead) return Phase::kBody;
  return size() == 0 ? Phase::kIdle : Phase::kHead;
}

bool RequestReader::take_continue() {
  const bool body_expected = state_ == State::kFixedBody || state_ == State::kChunkSize;
  const bool none_came = body_expected && body_size_ == 0 && size() == raw_;
  return none_came && std::exchange(head_.expects_continue, false);
}

std::optional<Refusal> parse_http_requests(std::string_view bytes, const HttpLimits& limits,
                                           std::size_t piece,
                                           const std::function<void(const HttpRequest&)>& visit) {
  CHECK(piece > 0);
  RequestReader reader(limits);
  for (;;) {
    switch (reader.next()) {
      case RequestReader::Step::kComplete:
        visit(reader.request());
        reader.consume();
        break;
      case RequestReader::Step::kRefused: return reader.refusal();
      case RequestReader::Step::kNeedMore: {
        if (bytes.empty()) return std::nullopt;
        const std::span<char> space = reader.space();
        const std::size_t some = std::min({bytes.size(), space.size(), piece});
        std::memcpy(space.data(), bytes.data(), some);
        reader.received(some);
        bytes.remove_prefix(some);
        break;
      }
    }
  }
}

}  // namespace wardlock::net
