#include "net/mail.h"

#include <gtest/gtest.h>

#include <string>

namespace wardlock::net {
namespace {

Mail mail(std::string subject = "A passkey was added", std::string text = "Hello\n") {
  return {.id = "019a-7",
          .from = "wardlock@st-mary.example",
          .from_name = "St Mary",
          .to = "grey@st-mary.example",
          .subject = std::move(subject),
          .text = std::move(text),
          .date = std::chrono::sys_seconds(std::chrono::seconds(1'800'000'000))};
}

TEST(MailAddress, IsOneThatCannotBeReadTwoWays) {
  for (const char* text : {"grey@st-mary.example", "ada.grey+ward@mail.st-mary.example", "a@b",
                           "o'brien@st-mary.example", "g_r-e=y@10.example"}) {
    EXPECT_TRUE(is_mail_address(text)) << text;
  }
  for (const char* text : {"",
                           "@",
                           "grey",
                           "grey@",
                           "@st-mary.example",
                           "grey@@st-mary.example",
                           "a@b@st-mary.example",
                           "grey @st-mary.example",
                           "grey@st-mary.example\r\nBcc: x@y",
                           "grey@st-mary.example>",
                           "<grey@st-mary.example>",
                           "\"grey\"@st-mary.example",
                           "grey(ada)@st-mary.example",
                           "grey,green@st-mary.example",
                           "grey;x@st-mary.example",
                           ".grey@st-mary.example",
                           "grey.@st-mary.example",
                           "gr..ey@st-mary.example",
                           "grey@.st-mary.example",
                           "grey@st-mary..example",
                           "grey@-st-mary.example",
                           "grey@st-mary.example.",
                           "grey@st-mary-.example",
                           "grey@[10.0.0.1]",
                           "gr\xC3\xA9y@b.example",
                           "grey@b\xC3\xA9.example",
                           "grey@st_mary.example"}) {
    EXPECT_FALSE(is_mail_address(text)) << text;
  }
  EXPECT_FALSE(is_mail_address(std::string(65, 'a') + "@b.example"));
  EXPECT_FALSE(is_mail_address("a@" + std::string(260, 'b')));
}

TEST(Mail, IsWrittenAsMailIs) {
  EXPECT_EQ(to_wire(mail()).value(),
            "Date: Fri, 15 Jan 2027 08:00:00 +0000\r\n"
            "From: St Mary <wardlock@st-mary.example>\r\n"
            "To: <grey@st-mary.example>\r\n"
            "Subject: A passkey was added\r\n"
            "Message-ID: <019a-7@st-mary.example>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: base64\r\n"
            "\r\n"
            "SGVsbG8NCg==\r\n");
}

TEST(Mail, NothingBecomesAHeader) {
  Mail bad = mail();
  bad.to = "grey@st-mary.example\r\nBcc: evil@evil.example";
  EXPECT_FALSE(to_wire(bad));
  bad = mail();
  bad.from = "wardlock";
  EXPECT_FALSE(to_wire(bad));
  bad = mail("A subject\r\nBcc: evil@evil.example");
  EXPECT_FALSE(to_wire(bad));
  EXPECT_FALSE(to_wire(mail("two\nlines")));
  EXPECT_FALSE(to_wire(mail("a\tb")));
  EXPECT_FALSE(to_wire(mail("\xff")));
  bad = mail();
  bad.from_name = "St Mary\r\nX: y";
  EXPECT_FALSE(to_wire(bad));
  for (const char* id : {"", "a>b", "a b", "a@b", "a\r\nb"}) {
    bad = mail();
    bad.id = id;
    EXPECT_FALSE(to_wire(bad)) << id;
  }
}

TEST(Mail, OtherLettersAreEncodedInWholeCharacters) {
  const std::string long_subject = "\xC3\xA4" + std::string(36, 'x') + "\xC3\xA4" + "b";
  const std::string wire = to_wire(mail(long_subject)).value();
  // The letter of two bytes that 39 bytes would tear is in the next word.
  EXPECT_NE(
      wire.find("Subject: =?utf-8?B?w6R4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=?=\r\n "
                "=?utf-8?B?w6Ri?=\r\n"),
      std::string::npos)
      << wire;
  for (std::size_t at = 0; at < wire.size();) {
    const std::size_t end = wire.find("\r\n", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_LE(end - at, 76U) << wire.substr(at, end - at);
    at = end + 2;
  }
  EXPECT_NE(to_wire(mail("=?utf-8?B?eA==?=")).value().find("Subject: =?utf-8?B?PT91"),
            std::string::npos)
      << "what looks like an encoded word is none";
  Mail named = mail();
  named.from_name = "St. Mary, \"Ward\"";
  EXPECT_NE(to_wire(named).value().find("From: =?utf-8?B?"), std::string::npos);
}

TEST(Mail, NoLineOfItsTextIsTooLong) {
  const std::string wire = to_wire(mail("x", std::string(5000, 'y') + "\n.\n")).value();
  EXPECT_EQ(wire.find("\r\n.\r\n"), std::string::npos) << "it would end there";
  EXPECT_EQ(wire.find(std::string(77, 'e')), std::string::npos);
}

}  // namespace
}  // namespace wardlock::net
