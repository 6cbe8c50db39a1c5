// The itinerary of a kind of transaction: its stops in order. Every service derives it from the
// plan, so each knows its successors (a routing slip that need not travel with the message).
//
// A stop is the work of one service in one local transaction. In a serial flow each stop is a leg
// of its own: a run of consecutive steps at one service. In a parallel flow the steps of one group
// (TransactionKind::group_of) are one leg, with a stop for each service in it. The legs between the
// groups are the initiator's, which joins the parallel results. The first leg and the last are
// always the initiator's, if need be without a step.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "services/event.h"
#include "transactions/transaction.h"

namespace txsim::choreography {

struct Stop {
  NodeId service = kNoNode;
  std::uint64_t steps = 0;   // bit by bit
  std::uint64_t writes = 0;  // of them, those that change something
  std::uint16_t leg = 0;
  bool is_own = false;        // the initiator's
  bool is_retriable = false;  // behind the pivot: tried until it succeeds
  bool has_pivot = false;
};

class Itinerary {
 public:
  Itinerary(const TransactionKind& kind, bool parallel);

  std::uint16_t legs() const { return static_cast<std::uint16_t>(first_.size() - 1); }
  bool is_last(std::uint16_t leg) const { return leg + 1 == legs(); }
  const Stop& stop(std::uint16_t place) const { return participant_[place]; }
  std::uint16_t stops() const { return static_cast<std::uint16_t>(participant_.size()); }
  // The stops of a leg: places [first(leg), first(leg + 1)).
  std::uint16_t first(std::uint16_t leg) const { return first_[leg]; }
  std::uint16_t participant_in(std::uint16_t leg) const {
    return static_cast<std::uint16_t>(first_[leg + 1] - first_[leg]);
  }
  // The place of a service's stop in a leg. Requires that it has one there.
  std::uint16_t place_of(NodeId service, std::uint16_t leg) const;

  bool is_own(std::uint16_t leg) const { return participant_[first_[leg]].is_own; }
  std::uint16_t own_before(std::uint16_t leg) const;  // the initiator's leg before this one
  // The leg whose stops receive a cancellation if the initiator has done its leg `own` and no later
  // one: the last before its next leg, or the pivot's leg, because nothing behind that is done
  // without it.
  std::uint16_t cancelled_first(std::uint16_t own) const;
  // Whether a cancellation from there may come too late: the pivot may have been done.
  bool may_be_past_pivot(std::uint16_t own) const;
  // Whether the pivot is done once this leg is.
  bool is_past_pivot(std::uint16_t leg) const;

 private:
  void add_leg() { first_.push_back(static_cast<std::uint16_t>(participant_.size())); }
  void add_step(const TransactionKind& kind, std::uint16_t step);
  std::uint16_t next_own(std::uint16_t own) const;

  std::vector<Stop> participant_;
  std::vector<std::uint16_t> first_;  // by leg its first stop; at the end how many stops there are
  std::uint16_t pivot_leg_ = 0xFFFF;  // none
};

using Itineraries = std::vector<Itinerary>;  // by kind

std::shared_ptr<const Itineraries> make_itineraries(const Plan& plan, bool parallel);
std::shared_ptr<const Subscriptions> make_subscriptions(const Plan& plan,
                                                        const Itineraries& itineraries);

}  // namespace txsim::choreography
