#include "net/http2_streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "net/protective_fields.h"
#include "net/response_writer.h"

namespace wardlock::net {
namespace {

constexpr std::size_t kKeptStreams = 8;
constexpr std::size_t kKeptAnswerBytes = std::size_t{4} << 10;

}  // namespace

Http2Stream& Http2Streams::open(std::int32_t id, Clock::time_point deadline) {
  if (spare_.empty()) spare_.emplace_back();
  open_.splice(open_.begin(), spare_, spare_.begin());
  Http2Stream& stream = open_.front();
  stream.id = id;
  stream.phase = Http2Stream::Phase::kHead;
  stream.is_whole = false;
  stream.deadline = deadline;
  stream.sent = 0;
  return stream;
}

void Http2Streams::close(const Http2Stream& stream) {
  const auto at = std::ranges::find(open_, &stream, [](const Http2Stream& each) { return &each; });
  at->request.clear();
  at->unfinished = nullptr;
  at->answer.clear();
  if (at->answer.capacity() > kKeptAnswerBytes) std::string().swap(at->answer);
  if (spare_.size() < kKeptStreams) {
    spare_.splice(spare_.begin(), open_, at);
  } else {
    open_.erase(at);
  }
}

Clock::time_point Http2Streams::first_deadline() const {
  Clock::time_point first = Clock::time_point::max();
  for (const Http2Stream& stream : open_) first = std::min(first, stream.deadline);
  return first;
}

std::size_t Http2Streams::answer_bytes() const {
  std::size_t bytes = 0;
  for (const Http2Stream& stream : open_) bytes += stream.answer.size() - stream.sent;
  return bytes;
}

const std::vector<HttpHeader>& Http2ResponseHeader::of(const HttpResponse& response,
                                                       bool is_secure) {
  text_.clear();
  fmt::format_to(std::back_inserter(text_), "{:03}{}", response.status, response.body.size());
  const std::size_t numbers = text_.size();
  for (const ResponseHeaders::Field& field : response.headers) {
    for (const char c : field.name) text_ += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  const std::string_view text = text_;
  fields_.clear();
  fields_.push_back({":status", text.substr(0, 3)});
  if (!response.content_type.empty()) fields_.push_back({"content-type", response.content_type});
  if (!has_no_body(response.status)) {
    fields_.push_back({"content-length", text.substr(3, numbers - 3)});
  }
  for (const HttpHeader& field : protective_fields(is_secure)) {
    if (!sets_field(response, field.name)) fields_.push_back(field);
  }
  std::string_view names = text.substr(numbers);
  for (const ResponseHeaders::Field& field : response.headers) {
    fields_.push_back({names.substr(0, field.name.size()), field.value});
    names.remove_prefix(field.name.size());
  }
  return fields_;
}

}  // namespace wardlock::net
