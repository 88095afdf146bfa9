#include "net/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/flood_guard.h"
#include "net/http2_streams.h"
#include "net/response_writer.h"

namespace wardlock::net {
namespace {

/// Of one connection, not yet taken by the peer; beyond it nothing more is answered.
constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 10;
constexpr std::size_t kBufferBytes = std::size_t{16} << 10;
constexpr int kStreamWindow = 256 << 10;
constexpr std::array<std::uint8_t, 8> kDrainPing = {'d', 'r', 'a', 'i', 'n', 'i', 'n', 'g'};

std::string_view view_of(nghttp2_rcbuf* buffer) {
  const nghttp2_vec bytes = nghttp2_rcbuf_get_buf(buffer);
  return {reinterpret_cast<const char*>(bytes.base), bytes.len};
}

nghttp2_nv field_of(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

bool is_flag_set(const nghttp2_frame_hd& header, std::uint8_t flag) {
  return (header.flags & flag) != 0;
}

}  // namespace

/// nghttp2 calls back into this. No exception may pass through its frames: `guarded` stops them.
class Http2Session::Engine {
 public:
  explicit Engine(SessionContext& context);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() { nghttp2_session_del(session_); }

  char* buffer() { return buffer_.data(); }
  void received(std::size_t bytes) { filled_ = bytes; }
  Next advance(Clock::time_point now, std::string& out);
  Clock::time_point deadline() const;
  void expire(Clock::time_point now);

 private:
  void set_up();
  void introduce();
  void feed();
  void begin_drain();
  void end_drain();
  void cut_off();

  int on_frame_header(const nghttp2_frame_hd& header);
  int on_begin_header(const nghttp2_frame& frame);
  int on_field(const nghttp2_frame& frame, std::string_view name, std::string_view value);
  int on_frame(const nghttp2_frame& frame);
  int on_body(std::int32_t id, std::string_view bytes);
  int on_sent(const nghttp2_frame& frame);
  int on_close(std::int32_t id);
  ssize_t read_answer(Http2Stream& stream, std::span<std::uint8_t> space, std::uint32_t& flags);

  Http2Stream* find(std::int32_t id) {
    return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session_, id));
  }
  void end_header(Http2Stream& stream, bool is_last);
  void end_request(Http2Stream& stream);
  void ask(Http2Stream& stream);
  bool ask_again();
  void respond(Http2Stream& stream, HttpResponse& response);
  void submit(Http2Stream& stream, const HttpResponse& response, bool has_body);
  void release_body(Http2Stream& stream);
  void count_reset();

  template <typename Call>
  static auto guarded(Call call) -> decltype(call());
  template <auto Member, typename... Arguments>
  static int call(void* self, Arguments&&... arguments) {
    return guarded([&] {
      return (static_cast<Engine*>(self)->*Member)(std::forward<Arguments>(arguments)...);
    });
  }

  SessionContext& context_;
  nghttp2_session* session_ = nullptr;
  std::array<char, kBufferBytes> buffer_;
  std::size_t filled_ = 0;
  Http2Streams streams_;
  Http2ResponseHeader header_;
  std::vector<nghttp2_nv> fields_;
  std::size_t held_bytes_ = 0;  ///< of bodies, in all streams
  FloodGuard guard_;
  Clock::time_point now_{};
  Clock::time_point idle_deadline_{};
  bool is_draining_ = false;
  bool is_cut_off_ = false;
  bool is_broken_ = false;
};

template <typename Call>
auto Http2Session::Engine::guarded(Call call) -> decltype(call()) {
  try {
    return call();
  } catch (...) {  // out of memory: this connection ends
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
}

Http2Session::Engine::Engine(SessionContext& context)
    : context_(context), guard_(context.options.limits.max_header_bytes) {
  set_up();
  introduce();
}

void Http2Session::Engine::set_up() {
  nghttp2_session_callbacks* calls = nullptr;
  nghttp2_option* options = nullptr;
  if (nghttp2_session_callbacks_new(&calls) != 0 || nghttp2_option_new(&options) != 0) {
    nghttp2_session_callbacks_del(calls);
    throw std::bad_alloc();
  }
  nghttp2_session_callbacks_set_on_begin_frame_callback(
      calls, [](nghttp2_session*, const nghttp2_frame_hd* header, void* self) {
        return call<&Engine::on_frame_header>(self, *header);
      });
  nghttp2_session_callbacks_set_on_begin_headers_callback(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
        return call<&Engine::on_begin_header>(self, *frame);
      });
  nghttp2_session_callbacks_set_on_header_callback2(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, nghttp2_rcbuf* name,
                nghttp2_rcbuf* value, std::uint8_t, void* self) {
        return call<&Engine::on_field>(self, *frame, view_of(name), view_of(value));
      });
  // Without this, nghttp2 would leave a malformed header out and go on.
  nghttp2_session_callbacks_set_on_invalid_header_callback2(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, nghttp2_rcbuf*, nghttp2_rcbuf*,
                std::uint8_t, void* self) {
        Http2Stream* const stream = static_cast<Engine*>(self)->find(frame->hd.stream_id);
        if (stream != nullptr) stream->request.refuse({400, "malformed header"});
        return 0;
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
        return call<&Engine::on_frame>(self, *frame);
      });
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      calls, [](nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                std::size_t size, void* self) {
        return call<&Engine::on_body>(self, id,
                                      std::string_view(reinterpret_cast<const char*>(bytes), size));
      });
  nghttp2_session_callbacks_set_on_frame_send_callback(
      calls, [](nghttp2_session*, const nghttp2_frame* frame, void* self) {
        return call<&Engine::on_sent>(self, *frame);
      });
  nghttp2_session_callbacks_set_on_stream_close_callback(
      calls, [](nghttp2_session*, std::int32_t id, std::uint32_t, void* self) {
        return call<&Engine::on_close>(self, id);
      });
  nghttp2_option_set_no_auto_window_update(options, 1);
  nghttp2_option_set_no_closed_streams(options, 1);
  const int made = nghttp2_session_server_new2(&session_, calls, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(calls);
  if (made != 0) throw std::bad_alloc();
}

/// Our settings and window. The connection's window is twice what may be held: what was answered
/// and what is not announced yet never close it.
void Http2Session::Engine::introduce() {
  const HttpLimits& limits = context_.options.limits;
  const std::array<nghttp2_settings_entry, 4> settings{{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(limits.max_streams)},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.max_header_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  const auto window = static_cast<std::int32_t>(
      std::min<std::size_t>(2 * limits.max_buffered_bytes + kBufferBytes, INT32_MAX));
  is_broken_ =
      nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) != 0 ||
      nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, window) != 0;
}

Session::Next Http2Session::Engine::advance(Clock::time_point now, std::string& out) {
  if (now_ == Clock::time_point{}) idle_deadline_ = now + context_.options.header_timeout;
  now_ = now;
  feed();
  const bool is_awaiting = ask_again();
  if (!is_draining_ && context_.stopping.load(std::memory_order_relaxed)) begin_drain();
  while (!is_broken_ && out.size() < kMuch) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size < 0) is_broken_ = true;
    if (size <= 0) break;
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  if (is_broken_) return Next::kEnd;
  if (out.size() >= kMuch) return Next::kSend;
  if (is_awaiting) return Next::kAwait;
  const bool is_over =
      nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  return is_over ? Next::kEnd : Next::kReceive;
}

void Http2Session::Engine::feed() {
  if (filled_ == 0 || is_broken_) return;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(buffer_.data());
  const ssize_t used = nghttp2_session_mem_recv(session_, bytes, std::exchange(filled_, 0));
  if (used < 0) is_broken_ = true;
  if (used == NGHTTP2_ERR_FLOODED || guard_.is_flooded()) cut_off();
}

void Http2Session::Engine::cut_off() {
  if (std::exchange(is_cut_off_, true)) return;
  context_.counters.floods.add();
  nghttp2_session_terminate_session(session_, NGHTTP2_ENHANCE_YOUR_CALM);
}

/// Two steps (RFC 9113 §6.8): what the peer sent before it knew is answered too.
void Http2Session::Engine::begin_drain() {
  is_draining_ = true;
  nghttp2_submit_shutdown_notice(session_);
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, kDrainPing.data());
}

void Http2Session::Engine::end_drain() {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE,
                        nghttp2_session_get_last_proc_stream_id(session_), NGHTTP2_NO_ERROR,
                        nullptr, 0);
}

Clock::time_point Http2Session::Engine::deadline() const {
  return streams_.empty() ? idle_deadline_ : streams_.first_deadline();
}

void Http2Session::Engine::expire(Clock::time_point now) {
  if (streams_.empty()) {
    nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
    return;
  }
  for (Http2Stream& stream : streams_) {
    if (now < stream.deadline) continue;
    if (stream.phase == Http2Stream::Phase::kBody) {
      respond(stream, context_.refuse({408, "the request took too long to arrive"}));
      continue;
    }
    context_.counters.timeouts.add();
    if (stream.phase == Http2Stream::Phase::kAnswered) {
      stream.deadline = Clock::time_point::max();
      nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_CANCEL);
    } else {  // nothing else can be read before the rest of this header
      nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR);
      return;
    }
  }
}

int Http2Session::Engine::on_frame_header(const nghttp2_frame_hd& header) {
  switch (header.type) {
    case NGHTTP2_HEADERS: guard_.on_header_begin(); break;
    case NGHTTP2_CONTINUATION: guard_.on_continuation(now_); break;
    case NGHTTP2_DATA:
      if (header.length == 0 && !is_flag_set(header, NGHTTP2_FLAG_END_STREAM)) {
        guard_.on_idle_frame(now_);
      }
      break;
    default: guard_.on_idle_frame(now_);
  }
  return 0;
}

int Http2Session::Engine::on_begin_header(const nghttp2_frame& frame) {
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  Http2Stream& stream = streams_.open(frame.hd.stream_id, now_ + context_.options.header_timeout);
  nghttp2_session_set_stream_user_data(session_, stream.id, &stream);
  return 0;
}

int Http2Session::Engine::on_field(const nghttp2_frame& frame, std::string_view name,
                                   std::string_view value) {
  guard_.on_field(name.size() + value.size());
  if (frame.headers.cat != NGHTTP2_HCAT_REQUEST) return 0;  // trailers are read over
  if (Http2Stream* stream = find(frame.hd.stream_id)) {
    stream->request.add_field(name, value, context_.options.limits);
  }
  return 0;
}

int Http2Session::Engine::on_frame(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_RST_STREAM) count_reset();
  if (frame.hd.type == NGHTTP2_PING && is_flag_set(frame.hd, NGHTTP2_FLAG_ACK) && is_draining_ &&
      std::ranges::equal(frame.ping.opaque_data, kDrainPing)) {
    end_drain();
  }
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return 0;
  Http2Stream* const stream = find(frame.hd.stream_id);
  if (stream == nullptr) return 0;
  stream->is_whole = is_flag_set(frame.hd, NGHTTP2_FLAG_END_STREAM);
  if (stream->phase == Http2Stream::Phase::kHead) end_header(*stream, stream->is_whole);
  if (stream->is_whole && stream->phase == Http2Stream::Phase::kBody) end_request(*stream);
  return 0;
}

void Http2Session::Engine::end_header(Http2Stream& stream, bool is_last) {
  stream.phase = Http2Stream::Phase::kBody;
  stream.deadline = now_ + context_.options.body_timeout;
  stream.request.end_header(is_last, context_.options.limits);
  if (stream.request.refusal()) {
    respond(stream, context_.refuse(*stream.request.refusal()));
  } else if (stream.request.expects_continue()) {
    const nghttp2_nv status = field_of(":status", "100");
    nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream.id, nullptr, &status, 1, nullptr);
  }
}

int Http2Session::Engine::on_body(std::int32_t id, std::string_view bytes) {
  nghttp2_session_consume_stream(session_, id, bytes.size());
  Http2Stream* const stream = find(id);
  if (stream == nullptr || stream->phase != Http2Stream::Phase::kBody) {
    nghttp2_session_consume_connection(session_, bytes.size());
    return 0;
  }
  held_bytes_ += bytes.size();
  if (held_bytes_ > context_.options.limits.max_buffered_bytes) {
    stream->request.refuse({503, "too many bodies at once; try again later"});
  }
  if (!stream->request.refusal() && stream->request.add_body(bytes, context_.options.limits)) {
    return 0;
  }
  held_bytes_ -= bytes.size();
  nghttp2_session_consume_connection(session_, bytes.size());
  respond(*stream, context_.refuse(*stream->request.refusal()));
  return 0;
}

void Http2Session::Engine::end_request(Http2Stream& stream) {
  context_.counters.http2_requests.add();
  // A peer that asks and takes no answers would have us keep them all.
  if (streams_.answer_bytes() > kMaxAnswerBytes) {
    return respond(stream, context_.refuse({503, "take the answers that wait for you first"}));
  }
  ask(stream);
}

/// While it is not answered no time runs: who asks waits for us.
void Http2Session::Engine::ask(Http2Stream& stream) {
  HttpResponse& response = context_.answer(stream.request.assemble(), stream.unfinished);
  if (stream.unfinished == nullptr) return respond(stream, response);
  stream.phase = Http2Stream::Phase::kAsked;
  stream.deadline = Clock::time_point::max();
}

/// Whether there is something to wait for.
bool Http2Session::Engine::ask_again() {
  if (is_broken_) return false;
  bool is_awaiting = false;
  for (Http2Stream& stream : streams_) {
    if (stream.phase == Http2Stream::Phase::kAsked) ask(stream);
    is_awaiting |= stream.phase == Http2Stream::Phase::kAsked;
  }
  return is_awaiting;
}

void Http2Session::Engine::respond(Http2Stream& stream, HttpResponse& response) {
  const bool is_head = stream.request.is_head();
  release_body(stream);
  stream.phase = Http2Stream::Phase::kAnswered;
  stream.deadline = now_ + context_.options.write_timeout;
  if (!is_sendable(response)) response = unsendable();
  const bool has_body = !is_head && !has_no_body(response.status) && !response.body.empty();
  submit(stream, response, has_body);
  stream.answer = has_body ? std::string_view(response.body) : std::string_view{};
}

void Http2Session::Engine::submit(Http2Stream& stream, const HttpResponse& response,
                                  bool has_body) {
  fields_.clear();
  for (const HttpHeader& field : header_.of(response, context_.is_secure)) {
    fields_.push_back(field_of(field.name, field.value));
  }
  nghttp2_data_provider body{};
  body.source.ptr = &stream;
  body.read_callback = [](nghttp2_session*, std::int32_t, std::uint8_t* space, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source* source, void* self) {
    return static_cast<Engine*>(self)->read_answer(*static_cast<Http2Stream*>(source->ptr),
                                                   {space, size}, *flags);
  };
  if (nghttp2_submit_response(session_, stream.id, fields_.data(), fields_.size(),
                              has_body ? &body : nullptr) != 0) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream.id, NGHTTP2_INTERNAL_ERROR);
  }
}

ssize_t Http2Session::Engine::read_answer(Http2Stream& stream, std::span<std::uint8_t> space,
                                          std::uint32_t& flags) {
  const std::size_t some = std::min(space.size(), stream.answer.size() - stream.sent);
  std::memcpy(space.data(), stream.answer.data() + stream.sent, some);
  stream.sent += some;
  if (stream.sent == stream.answer.size()) flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(some);
}

void Http2Session::Engine::release_body(Http2Stream& stream) {
  const std::size_t size = stream.request.body_size();
  held_bytes_ -= size;
  nghttp2_session_consume_connection(session_, size);
  stream.request.drop_body();
}

int Http2Session::Engine::on_sent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_RST_STREAM && frame.rst_stream.error_code != NGHTTP2_NO_ERROR) {
    count_reset();
  }
  if (frame.hd.type == NGHTTP2_DATA) guard_.on_data_sent();
  const bool can_end = frame.hd.type == NGHTTP2_DATA || frame.hd.type == NGHTTP2_HEADERS;
  if (!can_end || !is_flag_set(frame.hd, NGHTTP2_FLAG_END_STREAM)) return 0;
  guard_.on_answer_sent();
  const Http2Stream* const stream = find(frame.hd.stream_id);
  if (stream != nullptr && !stream->is_whole) {  // RFC 9113 §8.1: the rest is not wanted
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
  }
  return 0;
}

int Http2Session::Engine::on_close(std::int32_t id) {
  Http2Stream* const closed = find(id);
  if (closed == nullptr) return 0;
  release_body(*closed);
  streams_.close(*closed);
  if (streams_.empty()) idle_deadline_ = now_ + context_.options.idle_timeout;
  return 0;
}

void Http2Session::Engine::count_reset() {
  context_.counters.http2_streams_reset.add();
  guard_.on_reset(now_);
}

Http2Session::Http2Session(SessionContext& context, std::string_view received)
    : engine_(std::make_unique<Engine>(context)) {
  CHECK(received.size() <= kBufferBytes);
  std::ranges::copy(received, engine_->buffer());
  engine_->received(received.size());
}
Http2Session::~Http2Session() = default;

std::span<char> Http2Session::space() { return {engine_->buffer(), kBufferBytes}; }
void Http2Session::received(std::size_t bytes) { engine_->received(bytes); }
Session::Next Http2Session::advance(Clock::time_point now, std::string& out) {
  return engine_->advance(now, out);
}
Clock::time_point Http2Session::deadline() const { return engine_->deadline(); }
void Http2Session::expire(Clock::time_point now) { engine_->expire(now); }

}  // namespace wardlock::net
