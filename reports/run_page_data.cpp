#include "reports/run_page_data.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "reports/narrate.h"
#include "reports/time_space_strips.h"

namespace txsim {
namespace {

using Json = nlohmann::ordered_json;
using time_space::Cap;
using time_space::Strip;
using time_space::StripReader;

// By StripKind.
constexpr const char* kStripKinds[] = {"state",    "waits", "lock",   "order-lock", "reservation",
                                       "in-doubt", "down",  "paused", "fault"};

// Values that change at events: [event, of which, ...]. Keeps for each the last value before the
// first event drawn, and all later ones.
class Changes {
 public:
  explicit Changes(std::uint64_t first) : first_(first) {}

  void add(std::uint64_t event, std::int64_t of, std::int64_t a, std::int64_t b) {
    const Json entry = {event, of, a, b};
    if (event < first_) {
      before_[of] = entry;
    } else {
      since_.push_back(entry);
    }
  }
  Json take() {
    Json list = Json::array();
    for (auto& [of, entry] : before_) list.push_back(std::move(entry));
    for (Json& entry : since_) list.push_back(std::move(entry));
    return list;
  }

 private:
  std::uint64_t first_;
  std::map<std::int64_t, Json> before_;
  std::vector<Json> since_;
};

// Follows amounts and logs as the nodes announce and write them.
class Follower {
 public:
  Follower(const RunResult& result, std::uint64_t first)
      : names_(result), plan_(result.scenario->plan), amounts_(first), logs_(first) {
    for (const Resource& resource : plan_.resources) {
      stores_.push_back({resource.initial, 0});
      note_amount(0, stores_.size() - 1);
    }
    books_.resize(plan_.nodes.size());
  }

  void read(const TraceRecord& record) {
    const bool is_recalled = recollection_.is_recalled(record);
    if (record.node >= books_.size()) return;
    Book& book = books_[record.node];
    switch (record.kind) {
      case EventKind::Announced:
        return is_recalled ? void() : read_fact(record);
      case EventKind::Appended:
        ++book.records;
        return note_log(record);
      case EventKind::Forced:
        forced_[record.sequence] = book.records;
        return;
      case EventKind::Durable: {
        const auto forced = forced_.find(record.cause);
        if (forced == forced_.end()) return;
        book.durable = std::max(book.durable, std::min(forced->second, book.records));
        forced_.erase(forced);
        return note_log(record);
      }
      case EventKind::Crashed:
        book.records = book.durable;
        return note_log(record);
      case EventKind::Checkpointed:
        book.durable = book.records = record.value;
        return note_log(record);
      default:
        return;
    }
  }

  Json amounts() { return amounts_.take(); }
  Json logs() { return logs_.take(); }

 private:
  struct Store {
    std::int64_t available = 0;
    std::int64_t reserved = 0;
  };
  struct Book {
    std::int64_t records = 0;
    std::int64_t durable = 0;
  };

  void read_fact(const TraceRecord& record) {
    const auto fact = static_cast<FactKind>(record.what.id);
    if (fact == FactKind::Recovered) {
      if (record.peer >= stores_.size()) return;
      stores_[record.peer] = {record.value, record.extra};
      return note_amount(record.sequence, record.peer);
    }
    if (fact < FactKind::Updated || fact > FactKind::Compensated) return;
    const Step* step = names_.step(kind_of(record.extra), record.step);
    if (step == nullptr || step->resource >= stores_.size()) return;
    Store& store = stores_[step->resource];
    store.available = amount_of(record.extra);
    if (fact == FactKind::Reserved) store.reserved += record.value;
    const bool takes = fact == FactKind::Confirmed && step->delta() <= 0;
    if (takes || fact == FactKind::Cancelled) store.reserved -= record.value;
    note_amount(record.sequence, step->resource);
  }

  void note_amount(std::uint64_t event, std::size_t resource) {
    const Store& store = stores_[resource];
    amounts_.add(event, static_cast<std::int64_t>(resource), store.available, store.reserved);
  }
  void note_log(const TraceRecord& record) {
    const Book& book = books_[record.node];
    logs_.add(record.sequence, record.node, book.records, book.durable);
  }

  RunNames names_;
  const Plan& plan_;
  Recollection recollection_;
  std::vector<Store> stores_;
  std::vector<Book> books_;
  std::map<std::uint64_t, std::int64_t> forced_;  // records in the log when the force began
  Changes amounts_;
  Changes logs_;
};

// The transactions of the events drawn, by ascending id, and the place of each.
class Transactions {
 public:
  Transactions(const Trace& trace, const MarkedDiagram& diagram) {
    for (std::size_t i = diagram.from; i < diagram.to; ++i) {
      if (trace[i].transaction != 0) places_.emplace(trace[i].transaction, 0);
    }
    std::int64_t place = 0;
    for (auto& [id, at] : places_) at = place++;
  }
  // -1: none, or it is not drawn.
  std::int64_t place(TransactionId id) const {
    const auto found = places_.find(id);
    return found == places_.end() ? -1 : found->second;
  }
  Json names() const {
    Json list = Json::array();
    for (const auto& [id, place] : places_) list.push_back(transaction_text(id));
    return list;
  }

 private:
  std::map<TransactionId, std::int64_t> places_;
};

std::int64_t node_json(NodeId node) {
  return node == kNoNode ? std::int64_t{-1} : static_cast<std::int64_t>(node);
}

Json events_json(const RunResult& result, const MarkedDiagram& diagram,
                 const Transactions& transactions) {
  Json events;
  for (const char* column : {"node", "transaction", "cause", "kind", "minor", "x", "y"}) {
    events[column] = Json::array();
  }
  for (std::size_t i = diagram.from; i < diagram.to; ++i) {
    const TraceRecord& record = result.trace[i];
    const MarkedDiagram::Place& place = diagram.places[i - diagram.from];
    events["node"].push_back(node_json(record.node));
    events["transaction"].push_back(transactions.place(record.transaction));
    events["cause"].push_back(record.cause < record.sequence ? record.cause : 0);
    events["kind"].push_back(static_cast<int>(record.kind));
    events["minor"].push_back(is_minor(record, result) ? 1 : 0);
    events["x"].push_back(place.x);
    events["y"].push_back(place.y);
  }
  return events;
}

}  // namespace

bool is_minor(const TraceRecord& record, const RunResult& result) {
  switch (record.kind) {
    case EventKind::TimerSet:
    case EventKind::TimerCancelled:
      return true;
    case EventKind::Restarted:
      return record.value == 0;
    default:
      return is_workload_clock(record, result);
  }
}

std::string run_page_data(const Report& report, const MarkedDiagram& diagram) {
  const RunResult& result = *report.result;
  const Plan& plan = result.scenario->plan;
  const std::uint64_t first =
      diagram.from < result.trace.size() ? result.trace[diagram.from].sequence : 1;
  const std::uint64_t end = first + (diagram.to - diagram.from);
  const std::vector<std::string> faults = fault_texts(report);
  const Transactions transactions(result.trace, diagram);
  StripReader strips(result, faults);
  Follower follower(result, first);
  for (std::size_t i = 0; i < diagram.to; ++i) {
    strips.read(result.trace[i]);
    follower.read(result.trace[i]);
  }
  strips.finish(result.end);

  Json json;
  json["first"] = first;
  json["nodes"] = plan.nodes;
  json["transactions"] = transactions.names();
  json["resources"] = Json::array();
  for (const Resource& resource : plan.resources) {
    json["resources"].push_back({resource.name, node_json(resource.service), resource.is_records});
  }
  json["events"] = events_json(result, diagram, transactions);
  json["strips"] = Json::array();
  for (const Strip& strip : strips.strips) {
    if (strip.end_event <= first || strip.first_event == strip.end_event) continue;
    json["strips"].push_back({node_json(strip.node), transactions.place(strip.transaction),
                              kStripKinds[static_cast<std::size_t>(strip.kind)],
                              printable(strip.text), strip.first_event,
                              strip.end_event < end ? strip.end_event : 0});
  }
  json["ends"] = Json::array();
  for (const Cap& cap : strips.caps) {
    const std::int64_t transaction = transactions.place(cap.transaction);
    if (transaction < 0) continue;
    const char* outcome = cap.outcome == Outcome::Unknown ? "ended" : text(cap.outcome);
    json["ends"].push_back({node_json(cap.node), transaction, outcome, cap.event});
  }
  json["amounts"] = follower.amounts();
  json["logs"] = follower.logs();
  for (const auto& [name, kind] :
       {std::pair{"sent", EventKind::Sent}, std::pair{"delivered", EventKind::Delivered},
        std::pair{"lost", EventKind::Lost}, std::pair{"duplicated", EventKind::Duplicated},
        std::pair{"refused", EventKind::Refused}}) {
    json["kinds"][name] = static_cast<int>(kind);
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace txsim
