# ctest reads this file: the longest tests start first, so that all cores stay busy until the end.
set_tests_properties(
  "2PC: a crash of any node after any event breaks no promise"
  "orchestrated saga: a crash of any node after any event breaks no promise"
  "choreographed saga: a crash of any node after any event breaks no promise"
  "TCC: a crash of any node after any event breaks no promise"
  "choreographed saga: keeps its promises in bad weather"
  "judges: they agree on random scenarios, first quarter"
  "judges: they agree on random scenarios, second quarter"
  "judges: they agree on random scenarios, third quarter"
  "judges: they agree on random scenarios, last quarter"
  "steps of every kind at every place: a crash at each event breaks no promise"
  "time-space: no label hides another, nor a lifeline's bars, in the whole library"
  PROPERTIES COST 10)
