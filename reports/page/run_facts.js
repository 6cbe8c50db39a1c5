// Facts from the data of a run's page: the causes of an event, and the state at a moment. Does not
// touch the page. Events are counted from 0; `isShown(transaction)` says what the filter shows.
'use strict';

const runFacts = (data, isShown) => {
  const events = data.events;
  const count = events.kind.length;

  const sequenceOf = (event) => data.first + event;
  const eventOf = (sequence) => sequence - data.first;
  const isDrawn = (event) => event >= 0 && event < count;
  const causeOf = (event) => {
    const cause = eventOf(events.cause[event]);
    return events.cause[event] > 0 && isDrawn(cause) ? cause : -1;
  };

  // ---- Causes

  // For each event the one before it at its node.
  const before = (() => {
    const last = new Map();
    return events.node.map((node, event) => {
      const previous = last.has(node) ? last.get(node) : -1;
      if (node >= 0) last.set(node, event);
      return previous;
    });
  })();

  // Happened before (Lamport): all events that could have influenced it, by messages and at nodes.
  const pastOf = (event) => {
    const past = new Set();
    const open = [event];
    while (open.length > 0) {
      const at = open.pop();
      if (at < 0 || past.has(at)) continue;
      past.add(at);
      open.push(causeOf(at), before[at]);
    }
    return past;
  };

  // The event and its chain of causes, in order.
  const chainOf = (event) => {
    const chain = [];
    for (let at = event; at >= 0; at = causeOf(at)) chain.unshift(at);
    return chain;
  };

  // ---- The state at a moment

  const fates = new Map();  // by sent message: how its copies ended, and how many there are
  for (let event = 0; event < count; ++event) {
    const kind = events.kind[event];
    if (kind === data.kinds.sent) fates.set(event, {copies: 1, ends: []});
    const fate = fates.get(causeOf(event));
    if (fate === undefined) continue;
    if (kind === data.kinds.duplicated) ++fate.copies;
    const ends = [data.kinds.delivered, data.kinds.lost, data.kinds.refused].includes(kind);
    if (ends) fate.ends.push(event);
  }

  const underWay = (moment) => {
    const messages = [];
    for (const [event, fate] of fates) {
      if (event > moment || !isShown(events.transaction[event])) continue;
      if (fate.ends.filter((end) => end <= moment).length < fate.copies) messages.push(event);
    }
    return messages;
  };

  // The last entry for each key up to the moment; `at`: the place of the event in an entry.
  const lastUpTo = (list, moment, at, keyOf) => {
    const last = new Map();
    for (const entry of list) {
      if (entry[at] <= sequenceOf(moment)) last.set(keyOf(entry), entry);
    }
    return last;
  };

  const stripsAt = (moment) => {
    const sequence = sequenceOf(moment);
    return data.strips.filter(([, transaction, , , from, end]) =>
      from <= sequence && (end === 0 || sequence < end) && isShown(transaction));
  };

  return {sequenceOf, eventOf, isDrawn, causeOf, pastOf, chainOf, underWay, lastUpTo, stripsAt};
};
