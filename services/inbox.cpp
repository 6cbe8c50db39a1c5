#include "services/inbox.h"

namespace txsim {
namespace {

struct HandledNote {
  std::uint64_t number = 0;
  std::uint64_t initiator = 0;
};

}  // namespace

void Inbox::take(Context& context, const Message& event, NodeId initiator) {
  const auto id = static_cast<std::uint64_t>(event.value);
  if (has_handled(id)) return;  // switched off: a duplicate is handled again
  const Handled handled{event.body.get<EventHeader>().number, event.transaction, initiator};
  context.append(record_of(id, handled));
  remember(id, handled);
}

void Inbox::remember(std::uint64_t id, const Handled& handled) {
  ids_[id] = handled;
  by_initiator_[handled.initiator].push({handled.number, id});
}

void Inbox::learn_oldest(NodeId initiator, std::uint64_t oldest) {
  Ring<Id>* ids = by_initiator_.find(initiator);
  if (ids == nullptr) return;
  while (!ids->empty() && ids->front().number < oldest) {
    ids_.erase(ids->front().id);
    ids->pop();
  }
}

LogRecord Inbox::record_of(std::uint64_t id, const Handled& handled) {
  LogRecord record;
  record.type = kEventHandledRecord;
  record.transaction = handled.transaction;
  record.value = static_cast<std::int64_t>(id);
  record.body.put(HandledNote{handled.number, handled.initiator});
  return record;
}

bool Inbox::read(const LogRecord& record) {
  if (record.type != kEventHandledRecord) return false;
  const auto note = record.body.get<HandledNote>();
  remember(static_cast<std::uint64_t>(record.value),
           {note.number, record.transaction, static_cast<NodeId>(note.initiator)});
  return true;
}

void Inbox::write_checkpoint(std::vector<LogRecord>& log) const {
  by_initiator_.for_each_sorted([&](std::uint64_t, const Ring<Id>& ids) {
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::uint64_t id = ids.at(i).id;
      log.push_back(record_of(id, *ids_.find(id)));
    }
  });
}

Description inbox_description() {
  Description info;
  info.name = "inbox";
  info.what =
      "Remembers the ids of the events that a service has handled, in the same forced write as "
      "their effects, so that a redelivered event has no effect. Part of every service that "
      "subscribes.";
  info.source =
      "Hohpe & Woolf, Enterprise Integration Patterns, 2003 (idempotent receiver); Richardson, "
      "Microservices Patterns, 2018, 3.3.4.";
  info.roles = {{"inbox", "recognises redelivered events"}};
  info.records = {{"event-handled", "forced with the event's effect (value: its id)"}};
  info.states = {{"handled", "known by its id until its transaction is forgotten"}};
  return info;
}

}  // namespace txsim
