// Zones against the sets of valuations that they stand for.
#include "sim/zone.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "sim/random.h"

namespace {

using namespace txsim;

// All valuations, with now in place 0 (always 0).
using Valuation = std::vector<std::int64_t>;
using Valuations = std::set<Valuation>;

std::int64_t greatest_difference(const Valuations& all, std::size_t i, std::size_t j) {
  std::int64_t most = -1000;
  for (const Valuation& one : all) most = std::max(most, one[i] - one[j]);
  return most;
}

// Every bound of the zone is reached by some valuation, and none goes beyond it.
void check_same(const Zone& zone, const Valuations& all) {
  for (std::size_t i = 0; i <= zone.size(); ++i) {
    for (std::size_t j = 0; j <= zone.size(); ++j) {
      CAPTURE(i, j);
      CHECK(zone.most(i, j) == greatest_difference(all, i, j));
    }
  }
  // Nothing else is in it.
  for (const Valuation& one : all) {
    for (std::size_t place = 1; place < one.size(); ++place) {
      Valuation other = one;
      ++other[place];
      bool is_inside = true;
      for (std::size_t i = 0; i < other.size(); ++i) {
        for (std::size_t j = 0; j < other.size(); ++j) {
          is_inside = is_inside && other[i] - other[j] <= zone.most(i, j);
        }
      }
      CHECK(is_inside == all.contains(other));
    }
  }
}

class Pair {
 public:
  explicit Pair(std::uint64_t seed) : draws_(seed, "zone") {}

  void step() {
    const std::size_t size = zone_.size();
    switch (draws_.below(7)) {
      case 0:
        if (size < 4) add();
        break;
      case 1:
        if (size > 0 && size < 4) add_after(some());
        break;
      case 2:
        if (size > 1) remove(some());
        break;
      case 3:
        if (size > 0) keep(draws_.below(size + 1), draws_.below(size + 1));
        break;
      case 4:
        if (size > 0 && size < 4) add_like(some());
        break;
      case 5:
        if (size > 1) join(some(), some());
        break;
      default:
        if (size > 0) pass_to(some());
        break;
    }
    check_same(zone_, all_);
  }

 private:
  std::size_t some() { return 1 + draws_.below(zone_.size()); }
  template <class Change>
  void change_each(Change&& change) {
    Valuations changed;
    for (Valuation one : all_) change(one, changed);
    all_ = std::move(changed);
  }

  void add() {
    const auto least = static_cast<std::int64_t>(draws_.below(4));
    const auto most = least + static_cast<std::int64_t>(draws_.below(4));
    zone_.add(least, most);
    change_each([&](Valuation& one, Valuations& into) {
      one.push_back(0);
      for (std::int64_t at = least; at <= most; ++at) {
        one.back() = at;
        into.insert(one);
      }
    });
  }
  void add_after(std::size_t i) {
    const auto by = static_cast<std::int64_t>(draws_.below(3));
    zone_.add_after(i, by);
    change_each([&](Valuation& one, Valuations& into) {
      one.push_back(one[i] + by);
      into.insert(one);
    });
  }
  void add_like(std::size_t i) {
    zone_.add_like(i);
    const Valuations before = all_;
    change_each([&](Valuation& one, Valuations& into) {
      const std::int64_t own = one[i];
      one.push_back(0);
      for (std::int64_t at = own - 40; at <= own + 40; ++at) {
        Valuation other = one;
        other.pop_back();
        other[i] = at;
        if (!before.contains(other)) continue;
        one.back() = at;
        into.insert(one);
      }
    });
  }
  // The least zone that has all valuations of both.
  void join(std::size_t i, std::size_t j) {
    if (i == j) return;
    zone_.join(i, j);
    change_each([&](Valuation& one, Valuations& into) {
      for (const std::int64_t at : {one[i], one[j]}) {
        Valuation joined = one;
        joined[i] = at;
        joined.erase(joined.begin() + static_cast<std::ptrdiff_t>(j));
        into.insert(joined);
      }
    });
    for (std::size_t a = 0; a <= zone_.size(); ++a) {
      for (std::size_t b = 0; b <= zone_.size(); ++b) {
        CHECK(zone_.most(a, b) == greatest_difference(all_, a, b));
      }
    }
    fill(Valuation(zone_.size() + 1, 0), 1);
  }
  // Adds what lies between.
  void fill(Valuation one, std::size_t place) {
    if (place == one.size()) {
      all_.insert(one);
      return;
    }
    for (std::int64_t at = -zone_.most(0, place); at <= zone_.most(place, 0); ++at) {
      one[place] = at;
      bool is_inside = true;
      for (std::size_t other = 0; other < place; ++other) {
        is_inside = is_inside && at - one[other] <= zone_.most(place, other) &&
                    one[other] - at <= zone_.most(other, place);
      }
      if (is_inside) fill(one, place + 1);
    }
  }
  void remove(std::size_t i) {
    zone_.remove(i);
    change_each([&](Valuation& one, Valuations& into) {
      one.erase(one.begin() + static_cast<std::ptrdiff_t>(i));
      into.insert(one);
    });
  }
  void keep(std::size_t i, std::size_t j) {
    const std::int64_t by = static_cast<std::int64_t>(draws_.below(7)) - 3;
    if (i == j) return;
    const auto is_kept = [&](const Valuation& one) { return one[i] - one[j] <= by; };
    CHECK(zone_.may(i, j, by) == std::any_of(all_.begin(), all_.end(), is_kept));
    CHECK(zone_.must(i, j, by) == std::all_of(all_.begin(), all_.end(), is_kept));
    if (!zone_.may(i, j, by)) return;
    zone_.keep(i, j, by);
    change_each([&](Valuation& one, Valuations& into) {
      if (is_kept(one)) into.insert(one);
    });
  }
  void pass_to(std::size_t i) {
    zone_.pass_to(i);
    change_each([&](Valuation& one, Valuations& into) {
      const std::int64_t passed = one[i];
      for (std::int64_t& moment : one) moment -= passed;
      std::swap(one[0], one[i]);
      into.insert(one);
    });
  }

  Stream draws_;
  Zone zone_;
  Valuations all_ = {{0}};
};

}  // namespace

TEST_CASE("zone: its bounds are those of the valuations that it stands for") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    Pair pair(seed);
    for (int step = 0; step < 25; ++step) pair.step();
  }
}

TEST_CASE("zone: one contains another if all of its bounds are as wide, in any order of moments") {
  Zone wide;
  wide.add(1, 9);
  wide.add(2, 3);
  Zone narrow = wide;
  narrow.keep(1, 2, 0);
  CHECK(wide.contains(narrow));
  CHECK_FALSE(narrow.contains(wide));
  CHECK(narrow.contains(narrow));
  Zone other;
  other.add(2, 3);
  other.add(1, 9);
  CHECK(other.reordered({2, 1}) == wide);
}

TEST_CASE("zone: what has no bound stays without one") {
  Zone zone;
  zone.add(5, Zone::kNever);
  zone.add(2, 2);
  CHECK(zone.most(1, 0) == Zone::kNever);
  CHECK(zone.most(1, 2) == Zone::kNever);
  CHECK(zone.most(2, 1) == -3);
  zone.pass_to(2);
  zone.remove(2);
  CHECK(zone.most(1, 0) == Zone::kNever);
  CHECK(zone.most(0, 1) == -3);
}
