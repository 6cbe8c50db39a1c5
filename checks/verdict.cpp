#include "checks/verdict.h"

namespace txsim {

void Judgement::tell_open_end() {
  if (open_ends.empty() || open_ends.size() != violations) return;
  const OpenEnd* told = &open_ends.front();
  for (const OpenEnd& end : open_ends) {
    if (end.event != 0 && (told->event == 0 || end.event < told->event)) told = &end;
  }
  event = told->event;
  transaction = told->transaction;
  sides = told->sides;
  explanation = told->explanation;
}

std::string_view text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Holds:
      return "holds";
    case Verdict::Violated:
      return "violated";
    case Verdict::Vacuous:
      return "vacuous";
    case Verdict::NotApplicable:
      return "not applicable";
  }
  return "?";
}

std::string_view text(Ending ending) {
  switch (ending) {
    case Ending::Committed:
      return "committed";
    case Ending::Aborted:
      return "aborted";
    case Ending::Compensated:
      return "compensated";
    case Ending::Pending:
      return "pending";
    case Ending::InDoubt:
      return "in doubt";
    case Ending::Mixed:
      return "mixed";
    case Ending::Unfinished:
      return "unfinished";
  }
  return "?";
}

std::string_view text(Fate fate) {
  switch (fate) {
    case Fate::Begun:
      return "begun";
    case Fate::Recognised:
      return "recognised";
    case Fate::NeverBegun:
      return "never begun";
  }
  return "?";
}

std::string_view outcome_text(const TransactionSummary& summary) {
  return summary.is_begun() ? text(summary.ending) : text(summary.fate);
}

namespace {

std::uint64_t left_of(std::uint64_t all, std::uint64_t taken) {
  return all > taken ? all - taken : 0;
}

}  // namespace

std::uint64_t Outcomes::begun() const {
  std::uint64_t count = 0;
  for (const std::uint64_t ending : endings) count += ending;
  return count;
}

std::uint64_t Outcomes::never_begun() const { return left_of(submitted, begun() + recognised); }

std::uint64_t Outcomes::told_nothing() const {
  return left_of(submitted, told_done + told_failed + told_busy);
}

std::uint64_t Outcomes::orders_told_nothing() const {
  return left_of(orders, orders_told_done + orders_told_failed);
}

void Outcomes::add(const Outcomes& other) {
  for (int i = 0; i < kEndings; ++i) endings[i] += other.endings[i];
  orders += other.orders;
  submitted += other.submitted;
  recognised += other.recognised;
  told_done += other.told_done;
  told_failed += other.told_failed;
  told_busy += other.told_busy;
  orders_told_done += other.orders_told_done;
  orders_told_failed += other.orders_told_failed;
}

std::string_view text(FaultEffect fault) {
  switch (fault) {
    case FaultEffect::Crash:
      return "crash";
    case FaultEffect::Pause:
      return "pause";
    case FaultEffect::Lost:
      return "lost message";
    case FaultEffect::Duplicated:
      return "duplicated message";
    case FaultEffect::Refused:
      return "refused message";
  }
  return "?";
}

std::string_view text(Part part) {
  switch (part) {
    case Part::Coordinator:
      return "coordinator";
    case Part::Participant:
      return "participant";
    case Part::Other:
      return "other";
  }
  return "?";
}

}  // namespace txsim
