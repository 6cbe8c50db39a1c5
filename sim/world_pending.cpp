// What may happen next.
#include "sim/world.h"

namespace txsim {

std::vector<Choice> World::enabled() const {
  std::vector<Choice> choices;
  for (const EventKey& key : queue_.all()) {
    if (!is_void(key)) choices.push_back(describe(key));
  }
  return choices;
}

bool World::has_pending(Time until) const {
  bool is_any = false;
  queue_.for_each(
      [&](const EventKey& key) { is_any = is_any || (key.at() <= until && !is_void(key)); });
  return is_any;
}

bool World::is_under_way_since(std::uint64_t event) const {
  bool is_any = false;
  queue_.for_each([&](const EventKey& key) {
    const bool is_message = key.kind() == Pending::Message;
    if (!is_message && key.kind() != Pending::Timer) return;
    const std::uint64_t begun = is_message ? in_flight_[key.slot()].sent : timers_[key.slot()].set;
    is_any = is_any || begun <= event;
  });
  return is_any;
}

bool World::is_cut_off(const EventKey& key) const {
  if (key.kind() == Pending::Disk) {
    const NodeState& state = *nodes_[key.slot()];
    return !state.writing || !(state.write == key);
  }
  if (key.kind() == Pending::Control) {
    const Control& control = controls_[key.slot()];
    return control.kind == Control::Kind::Restart && control.downs != nodes_[control.index]->downs;
  }
  return false;
}

Choice::Kind World::kind_of(Control::Kind control) {
  switch (control) {
    case Control::Kind::Boot:
      return Choice::Kind::Boot;
    case Control::Kind::Restart:
      return Choice::Kind::Restart;
    case Control::Kind::Resume:
      return Choice::Kind::Resume;
    case Control::Kind::Begin:
      return Choice::Kind::FaultBegins;
    case Control::Kind::End:
      return Choice::Kind::FaultEnds;
    case Control::Kind::RandomCrash:
    case Control::Kind::RandomPause:
    case Control::Kind::RandomPartition:
      break;
  }
  return Choice::Kind::RandomFault;
}

Choice World::describe(const EventKey& key) const {
  Choice choice;
  choice.key = key;
  switch (key.kind()) {
    case Pending::Message: {
      const InFlight& message = in_flight_[key.slot()];
      choice.kind = message.refused ? Choice::Kind::Refusal : Choice::Kind::Message;
      choice.step = message.message.step;
      choice.value = message.message.value;
      choice.node = message.refused ? message.message.from : message.message.to;
      choice.peer = message.refused ? message.message.to : message.message.from;
      choice.what = message.message.type;
      choice.transaction = message.message.transaction;
      break;
    }
    case Pending::Timer:
      choice.kind = Choice::Kind::Timer;
      choice.value = timers_[key.slot()].value;
      choice.node = timers_[key.slot()].node;
      choice.what = timers_[key.slot()].what;
      choice.transaction = timers_[key.slot()].transaction;
      break;
    case Pending::Disk:
      choice.kind = Choice::Kind::Write;
      choice.node = key.slot();
      break;
    case Pending::Control: {
      const Control& control = controls_[key.slot()];
      const bool of_fault =
          control.kind == Control::Kind::Begin || control.kind == Control::Kind::End;
      choice.kind = kind_of(control.kind);
      choice.node = of_fault ? kNoNode : control.index;
      if (of_fault) choice.value = control.index;
      break;
    }
  }
  return choice;
}

}  // namespace txsim
