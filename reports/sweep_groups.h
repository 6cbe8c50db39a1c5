// The cells of a sweep grouped for charts: by what is compared (protocols, or else scenarios) and
// by the values of a varied key, summed over all other varied keys.
#pragma once

#include <string>
#include <vector>

#include "reports/sweep_summary.h"

namespace txsim {

struct VariedKey {
  std::string name;
  std::vector<std::string> values;  // in the order of the sweep
  // The values as numbers, if all are numbers of one unit: "5%", "10ms"; else empty. Durations are
  // in milliseconds.
  std::vector<double> numbers;
  std::string unit;
};

struct Pool {
  std::size_t series = 0;
  std::size_t value = 0;  // of the key, if there is one
  SweepTotals totals;
};

class SweepGroups {
 public:
  // Charts with more would be unreadable.
  static constexpr std::size_t kMostSeries = 12;
  static constexpr std::size_t kMostValues = 100;

  explicit SweepGroups(const SweepSummary& summary);

  // "protocol" if there are several protocols, else "scenario" if there are several scenarios, else
  // empty: then there is one series without a name.
  const std::string& compared() const { return compared_; }
  const std::vector<std::string>& series() const { return series_; }
  // The varied keys, except those that are compared.
  const std::vector<VariedKey>& keys() const { return keys_; }

  // One for each series, in their order.
  std::vector<Pool> pools() const;
  // One for each series and value of the key, in their order.
  std::vector<Pool> pools(const VariedKey& key) const;

 private:
  void choose_series();
  void find_keys();

  const SweepSummary& summary_;
  std::string compared_;
  std::vector<std::string> series_;
  std::vector<std::size_t> series_of_;  // by cell
  std::vector<VariedKey> keys_;
};

}  // namespace txsim
