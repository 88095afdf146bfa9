#include "audit/forward/file_transport.h"

#include <gtest/gtest.h>

#include "audit/files/faulty_files_for_test.h"
#include "audit/forward/framing.h"
#include "audit/forward/set_aside.h"

namespace wardlock::audit {
namespace {

using Fault = FaultyFiles::Fault;

class WritingAFile : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(files_.make_folder("/out"));
    ASSERT_TRUE(files_.sync_folder("/"));
  }
  FileTransport transport(std::uint64_t max_bytes = 0) {
    return {{.receiver = Receiver::kFile, .path = kPath, .max_file_bytes = max_bytes}, files_};
  }
  std::string content(const std::string& path = kPath) {
    const std::string* text = files_.content(path);
    return text == nullptr ? "none" : *text;
  }
  static Message message(std::uint64_t record, std::string text) {
    return {.record = record, .id = "", .text = std::move(text)};
  }
  static Delivery deliver(FileTransport& transport, const std::vector<Message>& messages) {
    EXPECT_TRUE(transport.open());
    return transport.deliver(messages);
  }

  static constexpr const char* kPath = "/out/events.ndjson";
  FaultyFiles files_{7};
};

TEST_F(WritingAFile, a_line_each_behind_what_is_there) {
  FileTransport first = transport();
  EXPECT_EQ(deliver(first, {message(0, "a"), message(1, "b")}).delivered, 2);
  FileTransport second = transport();
  EXPECT_EQ(deliver(second, {message(2, "c")}).delivered, 1);
  EXPECT_EQ(content(), "a\nb\nc\n");
}

TEST_F(WritingAFile, what_was_delivered_survives_a_power_cut) {
  FileTransport before = transport();
  ASSERT_EQ(deliver(before, {message(0, "a"), message(1, "b")}).delivered, 2);
  files_.restart();
  EXPECT_EQ(content(), "a\nb\n");
}

TEST_F(WritingAFile, a_power_cut_at_any_moment_leaves_whole_lines_and_all_that_was_delivered) {
  for (std::uint64_t cut = 1; cut < 12; ++cut) {
    FaultyFiles files(cut * 31);
    ASSERT_TRUE(files.make_folder("/out"));
    ASSERT_TRUE(files.sync_folder("/"));
    const ForwarderOptions options{
        .receiver = Receiver::kFile, .path = kPath, .max_file_bytes = 30};
    std::vector<std::string> delivered;
    files.lose_power_at(cut);
    FileTransport transport(options, files);
    for (std::uint64_t record = 0; record < 6; ++record) {
      if (!transport.open()) break;
      const std::string text = "the record " + std::to_string(record);
      const std::vector<Message> one = {message(record, text)};
      if (transport.deliver(one).delivered == 1) delivered.push_back(text);
    }
    files.restart();
    FileTransport again(options, files);
    ASSERT_TRUE(again.open()) << cut;
    std::string all;
    const std::vector<std::string> names = files.list("/out").value();
    for (const std::string& name : names) {
      const std::string text = *files.content("/out/" + name);
      EXPECT_TRUE(text.empty() || text.ends_with('\n')) << cut << ": " << text;
      all += text;
    }
    for (const std::string& text : delivered) {
      EXPECT_TRUE(all.contains(text + "\n")) << "cut " << cut << " lost " << text;
    }
  }
}

TEST_F(WritingAFile, a_torn_line_is_cut_and_sent_again) {
  FileTransport first = transport();
  deliver(first, {message(0, "whole")});
  *files_.content(kPath) += "torn";
  FileTransport second = transport();
  EXPECT_EQ(deliver(second, {message(1, "again")}).delivered, 1);
  EXPECT_EQ(content(), "whole\nagain\n");
  *files_.content(kPath) = std::string(10'000, 'x');
  FileTransport third = transport();
  deliver(third, {message(2, "alone")});
  EXPECT_EQ(content(), "alone\n");
}

TEST_F(WritingAFile, a_full_one_gets_a_number_and_another_is_begun) {
  FileTransport small = transport(8);
  deliver(small, {message(0, "aaa"), message(1, "bbb")});
  deliver(small, {message(2, "ccc")});
  EXPECT_EQ(content("/out/events.ndjson.00000000000000000002"), "aaa\nbbb\n");
  EXPECT_EQ(content(), "ccc\n");
  deliver(small, {message(3, "larger than a file"), message(4, "d"), message(5, "e")});
  EXPECT_EQ(content("/out/events.ndjson.00000000000000000003"), "ccc\n");
  EXPECT_EQ(content("/out/events.ndjson.00000000000000000004"), "larger than a file\n");
  EXPECT_EQ(content(), "d\ne\n");
}

TEST_F(WritingAFile, a_full_one_replaces_no_other) {
  FileTransport small = transport(4);
  deliver(small, {message(0, "aaa")});
  deliver(small, {message(1, "bbb")});
  deliver(small, {message(1, "ccc")});
  deliver(small, {message(1, "ddd")});
  EXPECT_EQ(content("/out/events.ndjson.00000000000000000001"), "aaa\n");
  EXPECT_EQ(content("/out/events.ndjson.00000000000000000001.1"), "bbb\n");
  EXPECT_EQ(content("/out/events.ndjson.00000000000000000001.2"), "ccc\n");
  EXPECT_EQ(content(), "ddd\n");
}

TEST_F(WritingAFile, one_that_was_moved_away_is_begun_anew) {
  FileTransport writing = transport();
  deliver(writing, {message(0, "a")});
  ASSERT_TRUE(files_.rename(kPath, "/out/taken"));
  EXPECT_EQ(deliver(writing, {message(1, "b")}).delivered, 1);
  EXPECT_EQ(content("/out/taken"), "a\n");
  EXPECT_EQ(content(), "b\n");
}

TEST_F(WritingAFile, nothing_counts_that_was_not_synced) {
  for (const Fault fault : {Fault::kNoSpace, Fault::kReadOnly, Fault::kIoError, Fault::kFailedSync,
                            Fault::kShortWrite}) {
    FileTransport writing = transport();
    deliver(writing, {message(0, "before")});
    files_.break_with(fault);
    const Delivery delivery = deliver(writing, {message(1, std::string(9000, 'x'))});
    EXPECT_EQ(delivery.delivered, 0) << static_cast<int>(fault);
    EXPECT_TRUE(delivery.error && !delivery.is_refused);
    EXPECT_FALSE(writing.is_open());
    files_.break_with(Fault::kNone);
    EXPECT_EQ(deliver(writing, {message(1, "after")}).delivered, 1);
    EXPECT_TRUE(content().ends_with("after\n"));
  }
}

TEST_F(WritingAFile, a_folder_that_is_missing_is_said) {
  FileTransport nowhere({.receiver = Receiver::kFile, .path = "/no/such/file"}, files_);
  EXPECT_FALSE(nowhere.open());
}

TEST_F(WritingAFile, what_is_set_aside_has_lines_of_its_own) {
  SetAside list(files_, "/out/set-aside.ndjson");
  ASSERT_TRUE(list.add(7, "e-7", "the receiver answers 422", 1000));
  *files_.content("/out/set-aside.ndjson") += "{\"torn";
  ASSERT_TRUE(list.add(8, "", "is damaged", 2000));
  ASSERT_TRUE(list.add_missing(9, 12, 3000));
  EXPECT_EQ(content("/out/set-aside.ndjson"),
            "{\"time\":1000,\"record\":7,\"id\":\"e-7\",\"reason\":\"the receiver answers 422\"}\n"
            "{\"torn\n"
            "{\"time\":2000,\"record\":8,\"reason\":\"is damaged\"}\n"
            "{\"time\":3000,\"record\":9,\"last_record\":11,\"reason\":\"removed from the log "
            "before they were sent\"}\n");
}

TEST(Framing, counts_octets_or_ends_the_line) {
  std::string out;
  append_framed("<85>1 é", Framing::kOctetCounting, out);
  append_framed("b", Framing::kOctetCounting, out);
  append_framed("c", Framing::kLineFeed, out);
  EXPECT_EQ(out, "8 <85>1 é1 bc\n");
}

}  // namespace
}  // namespace wardlock::audit
