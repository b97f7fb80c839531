#include "transport/name_lookup.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "busrt/base/named_thread.hpp"
#include "busrt/limits.hpp"

namespace busrt::transport {

namespace {

std::unexpected<Error> unresolved(int error, int error_number) {
  return fail(errc::bad_address,
              error == EAI_SYSTEM ? std::generic_category().message(error_number) : ::gai_strerror(error));
}

/// The address in digits, with its scope. Empty for what is no internet address.
std::string numeric_text(const addrinfo& found) {
  if (found.ai_family != AF_INET && found.ai_family != AF_INET6) return {};
  std::array<char, NI_MAXHOST> text{};
  const int error =
      ::getnameinfo(found.ai_addr, found.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return error == 0 ? text.data() : std::string();
}

Result<HostAddresses> resolve(const std::string& host, NameUse use, int more_flags = 0) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = (use == NameUse::bind ? AI_PASSIVE : 0) | more_flags;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error != 0) return unresolved(error, errno);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  HostAddresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::string text = numeric_text(*each);
    // A resolver may give an address for each line of a hosts file that has it.
    if (text.empty() || std::ranges::find(addresses, text) != addresses.end()) continue;
    addresses.push_back(std::move(text));
  }
  if (addresses.empty()) return fail(errc::bad_address, "the host has no address");
  return addresses;
}

}  // namespace

/// Shared by its asker and the thread that answers it.
struct NameLookup::Question {
  Question(std::string name, NameUse purpose) : host(std::move(name)), use(purpose) {}

  void set(Result<HostAddresses> found) {
    const std::lock_guard lock(mutex);
    answer = std::move(found);
    // Closing the last writing end makes the other end readable.
    signal = Descriptor();
    answered.notify_all();
  }

  const std::string host;
  const NameUse use;
  std::mutex mutex;  // guards everything below
  std::condition_variable_any answered;
  std::optional<Result<HostAddresses>> answer;
  Descriptor signal;
};

/// The threads of this process, as many as questions up to the limit. A thread owns its share, so it may
/// outlive every asker, and main().
class NameLookup::Workers : public std::enable_shared_from_this<Workers> {
 public:
  static Workers& of_process() {
    static const auto workers = std::make_shared<Workers>();
    return *workers;
  }

  Result<> take(const std::shared_ptr<Question>& question) {
    const std::lock_guard lock(mutex_);
    if (running_ >= limits::name_lookups) return wait_for_turn(question);
    try {
      base::start_named_thread("name-lookup", [self = shared_from_this(), first = question]() mutable {
        self->run(std::move(first));
      }).detach();
    } catch (const std::system_error& no_thread) {
      return base::fail(no_thread.code(), "looking up " + question->host);
    }
    ++running_;
    return {};
  }

 private:
  Result<> wait_for_turn(const std::shared_ptr<Question>& question) {
    if (waiting_.size() >= limits::name_lookups_waiting) {
      std::erase_if(waiting_, [](const std::weak_ptr<Question>& each) { return each.expired(); });
    }
    if (waiting_.size() >= limits::name_lookups_waiting) {
      return fail(errc::busy, "looking up " + question->host + ": " + std::to_string(waiting_.size()) +
                                  " lookups wait for name servers that do not answer");
    }
    waiting_.push_back(question);
    return {};
  }

  void run(std::shared_ptr<Question> question) {
    for (; question; question = next()) {
      try {
        question->set(resolve(question->host, question->use));
      } catch (const std::bad_alloc&) {
        question->set(base::fail(std::make_error_code(std::errc::not_enough_memory)));
      }
    }
  }

  /// The next question that still has an asker. Null: this thread ends.
  std::shared_ptr<Question> next() {
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty()) {
      auto question = waiting_.front().lock();
      waiting_.pop_front();
      if (question) return question;
    }
    --running_;
    return nullptr;
  }

  std::mutex mutex_;
  std::size_t running_ = 0;
  std::deque<std::weak_ptr<Question>> waiting_;
};

Result<NameLookup> NameLookup::start(const std::string& host, NameUse use) {
  auto question = std::make_shared<Question>(host, use);
  if (auto taken = Workers::of_process().take(question); !taken) return std::unexpected(taken.error());
  return NameLookup(std::move(question));
}

Result<Descriptor> NameLookup::signal() const {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return base::fail_errno(errno, "looking up " + question_->host);
  }
  Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);
  const std::lock_guard lock(question_->mutex);
  if (!question_->answer) question_->signal = std::move(writing);
  return reading;
}

Result<HostAddresses> NameLookup::wait_until(std::chrono::steady_clock::time_point deadline,
                                             const std::stop_token& stop) const {
  std::unique_lock lock(question_->mutex);
  const auto is_answered = [this] { return question_->answer.has_value(); };
  if (question_->answered.wait_until(lock, stop, deadline, is_answered)) return *question_->answer;
  if (stop.stop_requested()) return fail(errc::closed, "looking up " + question_->host + " was given up");
  return fail(errc::timeout, "no name server has answered for " + question_->host);
}

Result<HostAddresses> look_up(const std::string& host, NameUse use, std::chrono::milliseconds timeout,
                              const std::stop_token& stop) {
  if (auto numeric = resolve(host, use, AI_NUMERICHOST); numeric) return numeric;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  const auto lookup = NameLookup::start(host, use);
  if (!lookup) return std::unexpected(lookup.error());
  return lookup->wait_until(deadline, stop);
}

}  // namespace busrt::transport
