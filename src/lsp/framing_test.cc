#include "lsp/framing.h"

#include <gtest/gtest.h>

namespace wardlock::lsp {
namespace {

TEST(Framing, a_framed_message_is_read_again) {
  MessageReader reader;
  reader.append(frame("{}") + frame("") + frame("[1]"));
  EXPECT_EQ(**reader.next(), "{}");
  EXPECT_EQ(**reader.next(), "");
  EXPECT_EQ(**reader.next(), "[1]");
  EXPECT_EQ(*reader.next(), std::nullopt);
}

TEST(Framing, a_message_may_come_byte_by_byte) {
  MessageReader reader;
  const std::string bytes =
      "content-length:  7 \r\nContent-Type: application/vscode-jsonrpc; "
      "charset=utf-8\r\n\r\n{\"a\":1}";
  for (const char c : bytes) {
    EXPECT_EQ(*reader.next(), std::nullopt);
    reader.append({&c, 1});
  }
  EXPECT_EQ(**reader.next(), "{\"a\":1}");
}

TEST(Framing, what_is_no_header_ends_the_stream) {
  for (const std::string_view bytes :
       {"Content-Length: \r\n\r\n", "Content-Length: -1\r\n\r\n", "Content-Length: 1x\r\n\r\n",
        "Content-Length: 99999999999999999999999\r\n\r\n", "Content-Length 2\r\n\r\n",
        "Content-Type: text/plain\r\n\r\n", "\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
        "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    MessageReader reader;
    reader.append(bytes);
    const auto next = reader.next();
    ASSERT_FALSE(next.has_value()) << bytes;
    EXPECT_EQ(next.error().code, ErrorCode::kInvalidArgument) << bytes;
  }
}

TEST(Framing, a_header_has_a_bound) {
  MessageReader reader;
  reader.append(std::string(4096, 'a'));
  EXPECT_TRUE(reader.next().has_value());
  reader.append("a");
  EXPECT_FALSE(reader.next().has_value());
}

TEST(Framing, a_body_over_the_limit_is_skipped) {
  MessageReader reader({.max_header_bytes = 100, .max_body_bytes = 4});
  reader.append("Content-Length: 5\r\n\r\n12");
  EXPECT_EQ(reader.next().error().code, ErrorCode::kResourceExhausted);
  EXPECT_EQ(*reader.next(), std::nullopt);
  reader.append("345" + frame("next"));
  EXPECT_EQ(**reader.next(), "next");
}

}  // namespace
}  // namespace wardlock::lsp
