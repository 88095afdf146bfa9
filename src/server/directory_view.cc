#include "server/directory_view.h"

#include <utility>

#include "base/check.h"
#include "base/wall_clock.h"

namespace wardlock::server {
namespace {

std::unexpected<Error> not_read_yet() {
  return fail(ErrorCode::kUnavailable, "the directory is not read yet; try again");
}

}  // namespace

Result<cedar::EntityStore> DirectoryView::Change::complete(
    const cedar::EntityStore& file, std::shared_ptr<const cedar::Schema> schema) {
  if (schema == nullptr) {
    return fail(ErrorCode::kFailedPrecondition,
                "what is seen of the directory is said by the policies' schema, and they have "
                "none; add one");
  }
  if (!turn_.owns_lock()) turn_ = std::unique_lock(view_.turn_);
  file_ = file;
  other_ = nullptr;
  if (view_.feed_ != nullptr && view_.feed_->can_take(file, *schema)) {
    entities_ = TRY(view_.feed_->with_file(file));
    return entities_;
  }
  turn_.unlock();  // to read it all takes a while; the one that there is goes on meanwhile
  other_ = TRY(directory::Feed::load(view_.store_,
                                     {.tenant = view_.tenant_,
                                      .known_by = view_.known_by_,
                                      .schema = std::move(schema),
                                      .grants = view_.grants_,
                                      .are_told = view_.are_told_},
                                     file, wall_clock_ms()));
  turn_.lock();
  TRY_VOID(other_->follow(wall_clock_ms()));
  return other_->entities();
}

void DirectoryView::Change::take(pdp::Sources sources) {
  sources_ = std::move(sources);
  sources_.entities.reset();
}

std::uint64_t DirectoryView::Change::keep() {
  CHECK(turn_.owns_lock());
  if (other_ != nullptr) {
    view_.feed_ = std::move(other_);
  } else {
    view_.feed_->take_file(std::move(file_), std::move(entities_));
  }
  view_.sources_ = std::move(sources_);
  view_.is_published_ = true;
  view_.people_.store(view_.feed_->people());
  view_.note({});
  return view_.feed_->revision();
}

Result<void> DirectoryView::follow(std::int64_t now, const Publish& publish) {
  const std::scoped_lock turn(turn_);
  CHECK(feed_ != nullptr);
  const std::uint64_t before = feed_->revision();
  const auto followed = feed_->follow(now);
  const bool is_other = followed ? *followed : feed_->follow_clock(now);
  if (is_other) is_published_ = false;
  people_.store(feed_->people());  // before others see what it may have named otherwise
  if (!is_published_ || feed_->revision() != before) {
    const auto published =
        publish(is_published_ ? nullptr : &feed_->entities(), feed_->revision(), sources_);
    if (!published) {
      note(published.error().message);
      return published;
    }
    is_published_ = true;
  }
  note(followed ? std::string() : followed.error().message);
  if (!followed) return std::unexpected(followed.error());
  return {};
}

void DirectoryView::note(std::string fault) {
  if (fault.empty()) as_of_.store(feed_->as_of());
  ViewStatus status{.revision = feed_->revision(),
                    .shown = feed_->shown_count(),
                    .hidden = feed_->hidden_count(),
                    .some_hidden = feed_->hidden(),
                    .warnings = feed_->warnings(),
                    .fault = std::move(fault),
                    .untold = feed_->untold_count()};
  auto shared = std::make_shared<const ViewStatus>(std::move(status));
  const std::scoped_lock lock(status_mutex_);
  status_ = std::move(shared);
}

std::optional<directory::SeenPeople::Name> DirectoryView::name_of(std::string_view person,
                                                                  std::uint64_t revision) const {
  const auto people = people_.load();
  return people == nullptr ? std::nullopt : people->find(person, revision);
}

std::optional<std::int64_t> DirectoryView::next_moment() const {
  const std::scoped_lock turn(turn_);
  return feed_ == nullptr ? std::nullopt : feed_->next_moment();
}

Result<directory::SeenThing> DirectoryView::explain(std::string_view id, std::int64_t now) const {
  const std::scoped_lock turn(turn_);
  if (feed_ != nullptr) return feed_->explain(id, now);
  return not_read_yet();
}

Result<std::vector<directory::ToldAttribute>> DirectoryView::told_attributes() const {
  const std::scoped_lock turn(turn_);
  if (feed_ == nullptr) return not_read_yet();
  return feed_->told_attributes();
}

Result<void> DirectoryView::check_told(const directory::Thing& thing, std::string_view source,
                                       std::string_view attribute, const codec::Json& value) const {
  const std::scoped_lock turn(turn_);
  if (feed_ == nullptr) return not_read_yet();
  return feed_->check_told(thing, source, attribute, value);
}

void DirectoryView::note_served(std::uint64_t revision) {
  {
    const std::scoped_lock lock(served_mutex_);
    served_ = revision;
  }
  served_changed_.notify_all();
}

bool DirectoryView::await_served(std::uint64_t revision, std::chrono::milliseconds time) const {
  std::unique_lock lock(served_mutex_);
  return served_changed_.wait_for(lock, time, [&] { return served_ >= revision; });
}

std::optional<std::string> DirectoryView::why_not_granted(std::string_view grant) const {
  const std::scoped_lock turn(turn_);
  if (feed_ == nullptr) return "the directory is not read yet";
  return feed_->why_not_granted(grant);
}

Result<directory::SeenAction> DirectoryView::action(std::string_view name) const {
  const std::scoped_lock turn(turn_);
  if (feed_ == nullptr) return not_read_yet();
  return feed_->action(name);
}

std::shared_ptr<const ViewStatus> DirectoryView::status() const {
  const std::scoped_lock lock(status_mutex_);
  return status_;
}

}  // namespace wardlock::server
