#include "net/http2_for_test.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>

namespace wardlock::net::http2 {
namespace {

std::uint32_t read_number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

Fields unpack(nghttp2_hd_inflater* inflater, std::string_view block) {
  Fields fields;
  auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
  std::size_t left = block.size();
  for (;;) {
    nghttp2_nv field;
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater, &field, &flags, at, left, 1);
    if (used < 0) return {{"broken", "header"}};
    at += used;
    left -= static_cast<std::size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      fields.emplace_back(std::string(reinterpret_cast<char*>(field.name), field.namelen),
                          std::string(reinterpret_cast<char*>(field.value), field.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) {
      nghttp2_hd_inflate_end_headers(inflater);
      return fields;
    }
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0) return fields;
  }
}

std::string length_of(std::string_view text) {
  if (text.size() < 127) return {static_cast<char>(text.size())};
  std::string bytes{'\x7f'};
  std::size_t rest = text.size() - 127;
  for (; rest >= 128; rest /= 128) bytes += static_cast<char>(rest % 128 + 128);
  return bytes += static_cast<char>(rest);
}

}  // namespace

std::string number(std::uint32_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift & 0xff);
  }
  return text;
}

std::string frame(int type, int flags, std::uint32_t stream, std::string_view payload) {
  std::string bytes = number(static_cast<std::uint32_t>(payload.size()), 3);
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  return bytes.append(number(stream)).append(payload);
}

std::string pack(const Fields& fields) {
  std::string block;
  for (const auto& [name, value] : fields) {
    block += '\0';
    block.append(length_of(name)).append(name).append(length_of(value)).append(value);
  }
  return block;
}

Fields request_fields(std::string_view method, std::string_view path) {
  return {{":method", std::string(method)},
          {":path", std::string(path)},
          {":scheme", "http"},
          {":authority", "h"}};
}

std::string request(std::uint32_t stream, const Fields& fields) {
  return frame(kHeaders, kEndHeaders | kEndStream, stream, pack(fields));
}

std::string request(std::uint32_t stream, std::string_view path) {
  return request(stream, request_fields("GET", path));
}

std::string hello() { return std::string(kPreface) + frame(kSettings, kNone, 0); }

Reading::Reading(std::string_view bytes) {
  nghttp2_hd_inflater* inflater = nullptr;
  nghttp2_hd_inflate_new(&inflater);
  while (bytes.size() >= 9) {
    const std::size_t size = read_number(bytes.substr(0, 3));
    if (bytes.size() < 9 + size) break;
    Frame frame{.type = bytes[3],
                .flags = bytes[4],
                .stream = read_number(bytes.substr(5, 4)),
                .payload = std::string(bytes.substr(9, size))};
    bytes.remove_prefix(9 + size);
    Response& response = responses[frame.stream];
    if (frame.type == kHeaders) {
      for (auto& [name, value] : unpack(inflater, frame.payload)) {
        if (value == "100" && name == ":status") {
          ++interim;
        } else {
          response.fields[name] = value;
        }
      }
    }
    if (frame.type == kData) response.body += frame.payload;
    if (frame.type == kReset) response.reset = static_cast<int>(read_number(frame.payload));
    if (frame.type == kGoaway) {
      last_stream = read_number(frame.payload.substr(0, 4));
      goaway = static_cast<int>(read_number(frame.payload.substr(4, 4)));
    }
    if (frame.type <= kHeaders && (frame.flags & kEndStream) != 0) response.is_whole = true;
    frames.push_back(std::move(frame));
  }
  responses.erase(0);
  nghttp2_hd_inflate_del(inflater);
}

int Reading::count(int type) const {
  return static_cast<int>(
      std::ranges::count_if(frames, [&](const Frame& frame) { return frame.type == type; }));
}

}  // namespace wardlock::net::http2
