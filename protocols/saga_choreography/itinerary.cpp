#include "protocols/saga_choreography/itinerary.h"

#include "protocols/saga_choreography/messages.h"
#include "services/step_set.h"
#include "sim/assert.h"

namespace txsim::choreography {

Itinerary::Itinerary(const TransactionKind& kind, bool parallel) {
  const auto open_leg = [&](NodeId service) {
    add_leg();
    if (service != kNoNode) participant_.push_back({.service = service});
  };
  open_leg(kind.begins_at);
  std::uint64_t group = 0;  // of the open leg
  const auto steps = static_cast<std::uint16_t>(kind.steps.size());
  for (std::uint16_t step = 0; step < steps; ++step) {
    const NodeId service = kind.steps[step].service;
    const Stop& last = participant_.back();
    if (parallel && service != kind.begins_at) {
      if ((group & bit(step)) == 0) {
        if (group != 0) open_leg(kind.begins_at);
        open_leg(kNoNode);
        group = kind.group_of(step);
      }
    } else if (last.service != service || group != 0) {
      open_leg(service);
      group = 0;
    }
    add_step(kind, step);
  }
  const bool ends_elsewhere = participant_.back().service != kind.begins_at;
  if (ends_elsewhere) open_leg(kind.begins_at);
  first_.push_back(static_cast<std::uint16_t>(participant_.size()));
  for (std::uint16_t leg = 0; leg < legs(); ++leg) {
    for (std::uint16_t place = first_[leg]; place < first_[leg + 1]; ++place) {
      Stop& stop = participant_[place];
      stop.leg = leg;
      stop.is_own = stop.service == kind.begins_at;
      stop.is_retriable = stop.steps != 0 && kind.is_retriable(lowest(stop.steps));
      stop.has_pivot = kind.pivot.has_value() && (stop.steps & bit(*kind.pivot)) != 0;
      if (stop.has_pivot) pivot_leg_ = leg;
    }
  }
}

// To the stop of its service in the open leg.
void Itinerary::add_step(const TransactionKind& kind, std::uint16_t step) {
  const NodeId service = kind.steps[step].service;
  std::size_t place = first_.back();
  while (place < participant_.size() && participant_[place].service != service) ++place;
  if (place == participant_.size()) participant_.push_back({.service = service});
  participant_[place].steps |= bit(step);
  if (!kind.steps[step].is_read_only()) participant_[place].writes |= bit(step);
}

std::uint16_t Itinerary::place_of(NodeId service, std::uint16_t leg) const {
  std::uint16_t place = first_[leg];
  while (place < first_[leg + 1] && participant_[place].service != service) ++place;
  TXSIM_ASSERT(place < first_[leg + 1], "the service has no stop in that leg");
  return place;
}

std::uint16_t Itinerary::own_before(std::uint16_t leg) const {
  TXSIM_ASSERT(leg > 0, "nothing is before the first leg");
  do {
    --leg;
  } while (!is_own(leg));
  return leg;
}

std::uint16_t Itinerary::next_own(std::uint16_t own) const {
  do {
    ++own;
  } while (!is_own(own));
  return own;
}

bool Itinerary::may_be_past_pivot(std::uint16_t own) const {
  return pivot_leg_ > own && pivot_leg_ < next_own(own);
}

bool Itinerary::is_past_pivot(std::uint16_t leg) const { return pivot_leg_ <= leg; }

std::uint16_t Itinerary::cancelled_first(std::uint16_t own) const {
  if (may_be_past_pivot(own)) return pivot_leg_;
  return static_cast<std::uint16_t>(next_own(own) - 1);
}

std::shared_ptr<const Itineraries> make_itineraries(const Plan& plan, bool parallel) {
  auto made = std::make_shared<Itineraries>();
  for (const TransactionKind& kind : plan.kinds) made->emplace_back(kind, parallel);
  return made;
}

std::shared_ptr<const Subscriptions> make_subscriptions(const Plan& plan,
                                                        const Itineraries& itineraries) {
  auto made = std::make_shared<Subscriptions>();
  const auto kinds = static_cast<std::uint16_t>(itineraries.size());
  for (std::uint16_t kind = 0; kind < kinds; ++kind) {
    const Itinerary& itinerary = itineraries[kind];
    for (std::uint16_t place = 0; place < itinerary.stops(); ++place) {
      const Stop& from = itinerary.stop(place);
      const auto tell = [&](Word event, int leg) {
        const auto to = static_cast<std::uint16_t>(leg);
        for (std::uint16_t i = itinerary.first(to); i < itinerary.first(to + 1); ++i) {
          made->add(event, kind, place, itinerary.stop(i).service);
        }
      };
      if (!itinerary.is_last(from.leg)) tell(kStepDone, from.leg + 1);
      if (!from.is_own) {
        tell(kStepFailed, from.leg - 1);
        tell(kStepCompensated, from.leg - 1);
      } else if (!itinerary.is_last(from.leg)) {
        tell(kSagaCancelled, itinerary.cancelled_first(from.leg));
      }
    }
    for (const NodeId told : plan.kinds[kind].tells) made->add(kSagaDone, kind, 0, told);
  }
  return made;
}

}  // namespace txsim::choreography
