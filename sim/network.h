// What links do to messages without any fault: delay, loss, duplication, order.
#pragma once

#include <vector>

#include "sim/message.h"
#include "sim/random.h"
#include "sim/table.h"

namespace txsim {

struct Link {
  Delay delay = Delay::constant(milliseconds(1));
  Probability loss{};
  Probability duplication{};
  bool fifo = false;  // true: messages of one direction arrive in the order of sending

  bool is_reliable() const { return loss.never() && duplication.never() && !fifo; }
};

// The links between all nodes: a default, and overrides for single directions.
class Network {
 public:
  Network() = default;
  explicit Network(const Link& general) : general_(general) {}

  void set_link(NodeId from, NodeId to, const Link& link) {
    overrides_[key(from, to)] = link;
    all_reliable_ = all_reliable_ && link.is_reliable();
    some_fifo_ = some_fifo_ || link.fifo;
  }
  const Link& link(NodeId from, NodeId to) const {
    if (overrides_.empty()) return general_;
    const Link* own = overrides_.find(key(from, to));
    return own != nullptr ? *own : general_;
  }
  const Link& general() const { return general_; }
  bool is_reliable() const { return all_reliable_ && general_.is_reliable(); }
  bool has_fifo() const { return some_fifo_ || general_.fifo; }
  // From now on nothing is lost or duplicated at random; FIFO links stay FIFO.
  void make_reliable() {
    const auto mend = [](Link& link) { link.loss = link.duplication = {}; };
    mend(general_);
    overrides_.for_each_sorted([&](std::uint64_t, Link& link) { mend(link); });
  }

  static std::uint64_t key(NodeId from, NodeId to) { return (std::uint64_t{from} << 32) | to; }

 private:
  Link general_;
  Table<Link> overrides_;
  bool all_reliable_ = true;  // of the overrides
  bool some_fifo_ = false;
};

}  // namespace txsim
