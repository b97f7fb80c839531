// Accounts per collector and epoch; see the header for what is bounded and why.
#include "account/account.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace daemoneye_agent {
namespace {

std::string clock_time(Account::Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto part = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds);
  return fmt::format("{:%F %H:%M:%S}.{:03} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     part.count());
}

std::string events(std::uint64_t count) {
  return fmt::format("{} event{}", count, count == 1 ? "" : "s");
}

std::int64_t to_nanoseconds(Account::Time time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

Account::Time from_nanoseconds(std::int64_t count) {
  return Account::Time(std::chrono::duration_cast<Account::Time::duration>(std::chrono::nanoseconds(count)));
}

std::string describe_loss(const std::string& cause, const LossTotal& loss) {
  if (loss.unknown && loss.events == 0) return fmt::format("lost an unknown number of events: {}", cause);
  return fmt::format("lost {}{}: {}", events(loss.events), loss.unknown ? " and an unknown number more" : "",
                     cause);
}

}  // namespace

Account::Entry& Account::entry(std::string_view collector) {
  const auto found = entries_.find(collector);
  if (found != entries_.end()) return found->second;
  if (entries_.size() >= max_account_collectors) return entries_["(others)"];
  Entry& added = entries_[std::string(collector)];
  if (positions_ != nullptr) added.slot = positions_->slot_of(collector);
  return added;
}

void Account::continue_in(PositionTable& table) {
  positions_ = &table;
  for (const auto& [collector, position] : table.read()) resume(collector, position);
}

void Account::resume(std::string_view collector, const Position& position) {
  Epoch& run = epoch_of(entry(collector), position.epoch, from_nanoseconds(position.last_time));
  run.sequence.resume(position.last, position.missing);
  run.received = position.received;
  run.duplicates = position.duplicates;
  run.last_time = from_nanoseconds(position.last_time);
  run.holes_from = from_nanoseconds(position.holes_from);
  run.holes_to = from_nanoseconds(position.holes_to);
}

void Account::keep_position(const Entry& owner) const {
  if (positions_ == nullptr || !owner.slot || owner.epochs.empty()) return;
  const Epoch& run = owner.epochs.back();
  // A run that is over has nothing to be continued.
  if (run.end != Epoch::End::open) return positions_->write(*owner.slot, {});
  positions_->write(*owner.slot, {.epoch = run.id,
                                  .last = run.sequence.last(),
                                  .received = run.received,
                                  .duplicates = run.duplicates,
                                  .missing = run.sequence.missing(),
                                  .last_time = to_nanoseconds(run.last_time),
                                  .holes_from = to_nanoseconds(run.holes_from),
                                  .holes_to = to_nanoseconds(run.holes_to)});
}

Account::Epoch& Account::epoch_of(Entry& entry, std::uint64_t epoch, Time at) {
  const auto found =
      std::ranges::find_if(entry.epochs, [epoch](const Epoch& candidate) { return candidate.id == epoch; });
  if (found != entry.epochs.end()) return *found;
  for (Epoch& earlier : entry.epochs) {
    if (earlier.id < epoch) cut(earlier, at);
  }
  if (entry.epochs.size() >= max_account_epochs) fold_oldest(entry);
  ++entry.epochs_begun;
  entry.epochs.emplace_back().id = epoch;
  return entry.epochs.back();
}

void Account::fold_oldest(Entry& entry) {
  const Epoch& oldest = entry.epochs.front();
  entry.old_received += oldest.received;
  entry.old_duplicates += oldest.duplicates;
  if (oldest.sequence.missing() != 0) {
    if (entry.old_missing == 0) entry.old_missing_from = oldest.holes_from;
    entry.old_missing_to = oldest.holes_to;
    entry.old_missing += oldest.sequence.missing();
  }
  if (oldest.end == Epoch::End::cut) {
    if (entry.old_cut++ == 0) entry.old_cut_from = last_known(oldest);
    entry.old_cut_to = oldest.cut_at;
  }
  entry.epochs.pop_front();
}

void Account::cut(Epoch& run, Time at) {
  if (run.end != Epoch::End::open) return;
  run.end = Epoch::End::cut;
  run.cut_at = std::max(at, run.last_time);
}

/// When the last record that arrived was made; without one, when the run was found to be over.
Account::Time Account::last_known(const Epoch& run) {
  return run.last_time == Time{} ? run.cut_at : std::min(run.last_time, run.cut_at);
}

void Account::widen_holes(Epoch& run, Time to) {
  const Time from = run.last_time == Time{} ? to : run.last_time;
  if (run.holes_to == Time{}) {
    run.holes_from = from;
    run.holes_to = to;
  } else {
    run.holes_from = std::min(run.holes_from, from);
    run.holes_to = std::max(run.holes_to, to);
  }
}

bool Account::record(Epoch& run, std::uint64_t seq, Time at) {
  const std::uint64_t missing = run.sequence.missing();
  const std::uint64_t last = run.sequence.last();
  const bool fresh = run.sequence.record(seq) == SequenceTracker::Arrival::fresh;
  if (run.sequence.missing() > missing) widen_holes(run, at);
  if (run.sequence.missing() == 0) run.holes_from = run.holes_to = Time{};
  if (seq > last) run.last_time = at;
  ++(fresh ? run.received : run.duplicates);
  return fresh;
}

void Account::arrived(std::string_view collector, std::uint64_t epoch, std::uint64_t seq, Time at) {
  Entry& owner = entry(collector);
  record(epoch_of(owner, epoch, at), seq, at);
  keep_position(owner);
}

void Account::loss_arrived(std::string_view collector, std::uint64_t epoch, std::uint64_t seq, Time at,
                           std::string_view cause, std::optional<std::uint64_t> count) {
  Entry& owner = entry(collector);
  Epoch& run = epoch_of(owner, epoch, at);
  const Time before = run.last_time == Time{} ? at : run.last_time;
  const bool fresh = record(run, seq, at);
  keep_position(owner);
  if (!fresh) return;
  std::string name(cause);
  if (owner.losses.size() >= max_account_causes && !owner.losses.contains(name)) name = "other";
  LossTotal& total = owner.losses[name];
  if (total.records++ == 0) total.from = std::min(before, at);
  total.to = std::max(total.to, at);
  if (count) {
    total.events += *count;
  } else {
    total.unknown = true;
  }
}

void Account::ended_at(std::string_view collector, std::uint64_t epoch, std::uint64_t seq, Time now) {
  Entry& owner = entry(collector);
  Epoch& run = epoch_of(owner, epoch, now);
  expect_up_to(run, seq, now);
  run.end = Epoch::End::announced;
  keep_position(owner);
}

void Account::cut(std::string_view collector, std::uint64_t epoch, std::uint64_t seq, Time now) {
  Entry& owner = entry(collector);
  Epoch& run = epoch_of(owner, epoch, now);
  expect_up_to(run, seq, now);
  cut(run, now);
  keep_position(owner);
}

void Account::expect_up_to(Epoch& run, std::uint64_t seq, Time now) {
  const std::uint64_t missing = run.sequence.missing();
  run.sequence.expect_up_to(seq);
  if (run.sequence.missing() > missing) widen_holes(run, now);
}

void Account::sight_lost(std::string_view collector, Time since, std::string reason) {
  Entry& owner = entry(collector);
  if (!owner.gaps.empty()) {
    if (!owner.gaps.back().to) return;
    since = std::max(since, *owner.gaps.back().to);
  }
  if (owner.gaps.size() >= max_account_gaps) {
    if (owner.old_gaps++ == 0) owner.old_gaps_from = owner.gaps.front().from;
    owner.old_gaps_to = *owner.gaps.front().to;
    owner.gaps.pop_front();
  }
  owner.gaps.push_back({since, std::nullopt, std::move(reason)});
}

void Account::sight_restored(std::string_view collector, Time now) {
  Entry& owner = entry(collector);
  if (!owner.gaps.empty() && !owner.gaps.back().to)
    owner.gaps.back().to = std::max(now, owner.gaps.back().from);
}

void Account::refused(std::string_view sender, std::string_view why, Time now) {
  if (refused_++ == 0) first_refusal_ = now;
  last_refusal_time_ = now;
  last_refusal_ = fmt::format("{}: {}", sender, why);
}

AccountTotals Account::totals(std::string_view collector) const {
  AccountTotals totals;
  const auto found = entries_.find(collector);
  if (found == entries_.end()) return totals;
  const Entry& owner = found->second;
  totals.epochs = owner.epochs_begun;
  totals.received = owner.old_received;
  totals.duplicates = owner.old_duplicates;
  totals.missing = owner.old_missing;
  totals.cut_runs = owner.old_cut;
  for (const Epoch& run : owner.epochs) {
    totals.received += run.received;
    totals.duplicates += run.duplicates;
    totals.missing += run.sequence.missing();
    if (run.end == Epoch::End::cut) ++totals.cut_runs;
  }
  if (!owner.epochs.empty()) {
    totals.epoch = owner.epochs.back().id;
    totals.seq = owner.epochs.back().sequence.last();
  }
  totals.losses = owner.losses;
  for (const auto& [cause, loss] : owner.losses) {
    totals.events_lost += loss.events;
    totals.events_lost_unknown = totals.events_lost_unknown || loss.unknown;
  }
  return totals;
}

std::vector<std::string> Account::collectors() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

std::vector<Incomplete> Account::incomplete(std::string_view collector) const {
  std::vector<Incomplete> parts;
  const auto found = entries_.find(collector);
  if (found == entries_.end()) return parts;
  const Entry& owner = found->second;
  if (owner.old_missing != 0) {
    parts.push_back({owner.old_missing_from, owner.old_missing_to,
                     fmt::format("{} of earlier runs never arrived", events(owner.old_missing))});
  }
  if (owner.old_cut != 0) {
    parts.push_back({owner.old_cut_from, owner.old_cut_to,
                     fmt::format("{} earlier runs ended without announcing how many events they had; an "
                                 "unknown number may be missing",
                                 owner.old_cut)});
  }
  for (const Epoch& run : owner.epochs) {
    if (run.sequence.missing() != 0) {
      parts.push_back({run.holes_from, run.holes_to,
                       fmt::format("{} never arrived: numbers {} of epoch {}", events(run.sequence.missing()),
                                   run.sequence.describe_holes(4), run.id)});
    }
    if (run.end == Epoch::End::cut) {
      parts.push_back({last_known(run), run.cut_at,
                       fmt::format("an unknown number of events may be missing: epoch {} ended without "
                                   "announcing its last number; {} is the last that is known",
                                   run.id, run.sequence.last())});
    }
  }
  for (const auto& [cause, loss] : owner.losses)
    parts.push_back({loss.from, loss.to, describe_loss(cause, loss)});
  if (owner.old_gaps != 0) {
    parts.push_back({owner.old_gaps_from, owner.old_gaps_to,
                     fmt::format("{} earlier times without sight", owner.old_gaps)});
  }
  for (const Gap& gap : owner.gaps) {
    parts.push_back({gap.from, gap.to, "blind, and what was seen just before may be lost: " + gap.reason});
  }
  return parts;
}

std::vector<Incomplete> Account::common() const {
  if (refused_ == 0) return {};
  return {{first_refusal_, last_refusal_time_,
           fmt::format("{} frame{} on event topics refused; the last from {}", refused_,
                       refused_ == 1 ? "" : "s", last_refusal_)}};
}

std::string Incomplete::describe() const {
  return fmt::format("from {} {}: {}", clock_time(from), to ? "until " + clock_time(*to) : "and still",
                     reason);
}

boost::json::object to_json(const AccountTotals& totals) {
  boost::json::object losses;
  for (const auto& [cause, loss] : totals.losses) {
    losses[cause] = boost::json::object{
        {"records", loss.records}, {"events", loss.events}, {"some_uncounted", loss.unknown}};
  }
  return {{"epoch", totals.epoch},
          {"seq", totals.seq},
          {"epochs", totals.epochs},
          {"events_received", totals.received},
          {"duplicates", totals.duplicates},
          {"missing", totals.missing},
          {"runs_cut", totals.cut_runs},
          {"events_lost_reported", totals.events_lost},
          {"events_lost_uncounted", totals.events_lost_unknown},
          {"losses", std::move(losses)}};
}

}  // namespace daemoneye_agent
