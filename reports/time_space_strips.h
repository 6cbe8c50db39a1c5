// Builds the strips of the nodes (states, locks, reservations, doubt, crashes) record by record.
#pragma once

#include <map>
#include <tuple>

#include "reports/time_space_story.h"

namespace txsim::time_space {

class StripReader {
 public:
  StripReader(const RunResult& result, const std::vector<std::string>& faults);

  void read(const TraceRecord& record);
  // Closes all open strips at `end`. A strip that a transaction leaves open for good (a step in
  // effect whose node never announces that its part has ended) ends at the transaction's last
  // event.
  void finish(Time end);

  std::vector<Strip> strips;  // also those of zero length
  std::vector<Cap> caps;

 private:
  using Key = std::tuple<NodeId, TransactionId, StripKind, std::int64_t>;
  struct Open {
    Strip strip;
    Time said_last;  // when the node announced it last
  };
  struct Part {
    bool coordinates = false;
    bool has_ended = false;
    Outcome decided = Outcome::Unknown;
    Outcome ended = Outcome::Unknown;
  };

  void read_fact(const TraceRecord& record);
  void read_lock(const TraceRecord& record);
  void read_step(const TraceRecord& record);
  void read_phase(const TraceRecord& record);
  void recovered(const TraceRecord& record);
  void crashed(const TraceRecord& record);

  void open(const TraceRecord& record, StripKind kind, std::int64_t what, std::string text);
  void close(NodeId node, TransactionId transaction, StripKind kind, std::int64_t what, Time at);
  void close_all(NodeId node, TransactionId transaction, StripKind kind, Time at);
  void enter(const TraceRecord& record, State state);
  void end_part(const TraceRecord& record, Outcome outcome);
  void keep(Open& open, Time at);
  std::string named(TransactionId transaction, std::string text) const;

  RunNames names_;
  const std::vector<std::string>& faults_;
  std::map<Key, Open> open_;
  std::map<std::pair<NodeId, TransactionId>, Part> parts_;
  std::map<TransactionId, Time> last_;  // its last event
  Recollection recollection_;
  bool is_recalled_ = false;  // the current record
  std::uint64_t event_ = 0;   // its sequence; after the last record larger than all
  bool several_;
};

}  // namespace txsim::time_space
