// The page of a run: choosing a moment, the state of each node at it, and the causes of an event.
// run_facts.js, which is loaded before it, computes both.
'use strict';

(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId('run-data').textContent);
  const events = data.events;
  const count = events.kind.length;
  if (count === 0) return;

  const box = byId('diagram');
  const body = byId('time-space-body');
  const heads = byId('time-space-heads');
  const slider = byId('moment');
  const filter = byId('filter');
  const svgNamespace = 'http://www.w3.org/2000/svg';

  let shownTransaction = -1;  // -1: all
  const isShownTransaction = (transaction) =>
    shownTransaction < 0 || transaction < 0 || transaction === shownTransaction;
  const isShown = (event) => isShownTransaction(events.transaction[event]);

  const {sequenceOf, eventOf, isDrawn, causeOf, pastOf, chainOf, underWay, lastUpTo, stripsAt} =
    runFacts(data, isShownTransaction);
  const rows = Array.from({length: count}, (_, event) => byId('e' + sequenceOf(event)));
  const cell = (event, column) => rows[event].cells[column].textContent;
  const textOf = (event) => cell(event, 4);

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const draw = (tag, attributes) => {
    const element = document.createElementNS(svgNamespace, tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };

  // ---- The filter

  let steps = [];  // the events that the slider goes through
  const findSteps = () => {
    steps = [];
    for (let event = 0; event < count; ++event) {
      if (events.minor[event] === 0 && isShown(event)) steps.push(event);
    }
    slider.max = String(Math.max(steps.length - 1, 0));
  };

  const showFiltered = () => {
    shownTransaction = filter.value === '' ? -1 : Number(filter.value);
    const name = shownTransaction < 0 ? '' : data.transactions[shownTransaction];
    const isOther = (element) => name !== '' && element.dataset.transaction !== name;
    for (const group of body.querySelectorAll('g[data-transaction]')) {
      group.classList.toggle('filtered', isOther(group));
    }
    for (const row of rows) {
      row.hidden = row.dataset.transaction !== undefined && isOther(row);
    }
    findSteps();
    if (chosen >= 0 && !isShown(chosen)) chosen = -1;
    show();
  };

  // ---- The nodes

  const resourceText = ([name, , isRecords], [, , available, reserved]) => {
    if (isRecords) return `${name}: ${available} completed`;
    return `${name}: ${available} available` + (reserved !== 0 ? `, ${reserved} reserved` : '');
  };

  const nodeCard = (node, lines, log) => {
    const card = make('article', 'node');
    const title = make('h3', '', data.nodes[node]);
    const isDown = lines.some(([kind]) => kind === 'down');
    if (isDown) title.append(make('small', 'bad', 'down'));
    if (log !== undefined && log[2] > 0) {
      const unsafe = log[2] - log[3];
      title.append(make('small', unsafe > 0 ? 'warning' : '',
        `log ${log[2]}` + (unsafe > 0 ? `, ${unsafe} not durable` : '')));
    }
    card.append(title);
    const list = make('ul');
    for (const [kind, text] of lines) {
      if (kind !== 'down') list.append(make('li', 'kind-' + kind, text));
    }
    card.append(list);
    return card;
  };

  const showNodes = (moment) => {
    const lines = data.nodes.map(() => []);
    const faults = [];
    const busy = new Set();
    for (const [node, transaction, kind, text] of stripsAt(moment)) {
      (node < 0 ? faults : lines[node]).push([kind, text]);
      if (kind === 'state') busy.add(`${node}/${transaction}`);
    }
    const ends = lastUpTo(data.ends, moment, 3, ([node, transaction]) => `${node}/${transaction}`);
    const isMany = data.transactions.length > 6 && shownTransaction < 0;
    for (const [key, [node, transaction, outcome]] of ends) {
      const isOfChosen = chosen >= 0 && events.transaction[chosen] === transaction;
      if (busy.has(key) || !isShownTransaction(transaction) || (isMany && !isOfChosen)) continue;
      lines[node].push(['ended', `${data.transactions[transaction]} ${outcome}`]);
    }
    for (const [resource, entry] of lastUpTo(data.amounts, moment, 0, (entry) => entry[1])) {
      const node = data.resources[resource][1];
      if (node >= 0) lines[node].push(['amount', resourceText(data.resources[resource], entry)]);
    }
    const logs = lastUpTo(data.logs, moment, 0, (entry) => entry[1]);
    const cards = data.nodes.map((_, node) => nodeCard(node, lines[node], logs.get(node)));

    const messages = make('article', 'node');
    const under = underWay(moment);
    messages.append(make('h3', '', 'under way'));
    const list = make('ul');
    for (const event of under.slice(0, 12)) {
      list.append(make('li', 'kind-message', `${cell(event, 2)} ${textOf(event)}`));
    }
    if (under.length > 12) list.append(make('li', '', `and ${under.length - 12} more`));
    for (const [kind, text] of faults) list.append(make('li', 'kind-' + kind, text));
    if (list.children.length === 0) list.append(make('li', 'faint', 'nothing'));
    messages.append(list);
    byId('nodes').replaceChildren(...cards, messages);
  };

  // ---- The chosen event

  const link = (event) => {
    const anchor = make('a', '', `${cell(event, 1)} ${cell(event, 2)}`);
    anchor.href = '#e' + sequenceOf(event);
    return anchor;
  };

  const showChosen = (chain, past) => {
    const panel = byId('chosen');
    if (chosen < 0) {
      panel.replaceChildren(make('p', 'faint',
        'At the end. Choose a moment with the slider, the arrow keys, or a click on the diagram.'));
      return;
    }
    const title = make('h3', '', textOf(chosen));
    const where = [`event ${sequenceOf(chosen)}`, cell(chosen, 1), cell(chosen, 2), cell(chosen, 3)];
    const parts = [title, make('p', 'faint', where.filter((text) => text !== '').join(' · '))];
    if (chain.length > 1 || events.cause[chosen] > 0) {
      const list = make('ol', 'chain');
      const shown = chain.slice(-12, -1).filter((event) => events.minor[event] === 0);
      for (const event of shown) {
        const item = make('li');
        item.append(link(event), ' ', make('span', '', textOf(event)));
        list.append(item);
      }
      parts.push(make('h4', '', 'Caused by'), list);
    }
    const others = past.size - 1;
    parts.push(make('p', 'faint',
      `${others} earlier event${others === 1 ? '' : 's'} could have had a part in it (marked).`));
    panel.replaceChildren(...parts);
  };

  const overlay = draw('g', {class: 'overlay'});
  const underlay = draw('g', {class: 'overlay'});  // above the lines of rows, below all else
  body.insertBefore(underlay, body.querySelector(':scope > g'));
  body.insertBefore(overlay, heads);

  const mark = (event, radius, className) => {
    if (events.x[event] < 0) return;
    overlay.append(draw('circle', {cx: events.x[event], cy: events.y[event], r: radius,
      class: className}));
  };

  const arrows = Array.from(body.querySelectorAll('g[data-event]'));
  const showPast = (chain, past) => {
    const inChain = new Set(chain);
    for (const group of arrows) {
      const sent = eventOf(Number(group.dataset.event));
      const end = eventOf(Number(group.dataset.end));
      const has = (set) => set.has(end) || (!isDrawn(end) && set.has(sent));
      group.classList.toggle('chain', has(inChain));
      group.classList.toggle('other', chosen >= 0 && !has(past));
    }
    overlay.replaceChildren();
    underlay.replaceChildren();
    for (let event = 0; event < count; ++event) {
      rows[event].classList.toggle('past', past.has(event));
      rows[event].classList.toggle('chosen', event === chosen);
      rows[event].classList.toggle('cause', inChain.has(event) && event !== chosen);
    }
    if (chosen < 0) return;
    underlay.append(draw('line', {x1: 0, x2: fullWidth, y1: events.y[chosen],
      y2: events.y[chosen], class: 'moment'}));
    for (const event of past) {
      if (events.minor[event] === 0 && isShown(event)) mark(event, 3, 'past');
    }
    for (const event of chain) mark(event, 5, 'cause');
    mark(chosen, 8, 'chosen');
  };

  // ---- Size

  // The diagram is scaled to fit its box if it stays readable; otherwise the box scrolls.
  const leastScale = 0.75;
  const svg = body.ownerSVGElement;
  const fullWidth = svg.viewBox.baseVal.width;
  let scale = 1;
  const fit = () => {
    scale = Math.min(Math.max(box.clientWidth / fullWidth, leastScale), 1);
    svg.style.width = `${fullWidth * scale}px`;
    svg.style.height = 'auto';
  };

  // ---- Choosing

  let chosen = -1;  // -1: none, which shows the end

  const show = () => {
    const moment = chosen >= 0 ? chosen : count - 1;
    const chain = chosen >= 0 ? chainOf(chosen) : [];
    const past = chosen >= 0 ? pastOf(chosen) : new Set();
    const step = steps.findIndex((event) => event >= moment);
    slider.value = String(step < 0 ? steps.length - 1 : step);
    const now = chosen < 0 ? 'the end'
      : `${cell(chosen, 1)} · ${cell(chosen, 2)} · ${textOf(chosen)}`;
    byId('now').textContent = now;
    slider.setAttribute('aria-valuetext', now);
    byId('clear').disabled = chosen < 0;
    showPast(chain, past);
    showChosen(chain, past);
    showNodes(moment);
  };

  const bringIntoSight = (event) => {
    if (events.x[event] >= 0) {
      const y = (events.y[event] + body.transform.baseVal.consolidate().matrix.f) * scale;
      const margin = 80;
      if (y < box.scrollTop + margin || y > box.scrollTop + box.clientHeight - margin) {
        box.scrollTop = y - box.clientHeight / 2;
      }
      const x = events.x[event] * scale;
      const label = 150;  // beside it
      if (x < box.scrollLeft + label || x > box.scrollLeft + box.clientWidth - label) {
        box.scrollLeft = x - box.clientWidth / 2;
      }
    }
    const table = rows[event].closest('.events');
    const top = rows[event].offsetTop;
    if (top < table.scrollTop + 40 || top > table.scrollTop + table.clientHeight - 40) {
      table.scrollTop = top - table.clientHeight / 2;
    }
  };

  const choose = (event) => {
    chosen = event;
    show();
    if (event >= 0) bringIntoSight(event);
  };

  const move = (by) => {
    const from = chosen < 0 ? steps.length : steps.findIndex((event) => event >= chosen);
    const at = Math.min(Math.max(from + by, 0), steps.length - 1);
    if (steps.length > 0) choose(steps[at]);
  };

  const moveAtNode = (by) => {
    if (chosen < 0) return move(by);
    const here = steps.filter((event) => events.node[event] === events.node[chosen]);
    const at = here.indexOf(chosen) + by;
    if (at >= 0 && at < here.length) choose(here[at]);
  };

  const chooseCause = () => {
    let cause = chosen < 0 ? -1 : causeOf(chosen);
    while (cause >= 0 && events.minor[cause] !== 0) cause = causeOf(cause);
    if (cause >= 0) choose(cause);
  };

  // ---- Mouse and keys

  const nearest = (click) => {
    const matrix = body.getScreenCTM().inverse();
    const x = click.clientX * matrix.a + matrix.e;
    const y = click.clientY * matrix.d + matrix.f;
    let best = -1;
    let bestDistance = 24;
    for (const event of steps) {
      const distance = Math.hypot(events.x[event] - x, events.y[event] - y);
      if (distance < bestDistance) [best, bestDistance] = [event, distance];
    }
    return [best, bestDistance];
  };

  // A further click on the same place chooses the next event there.
  const nextAt = (event) => {
    const here = steps.filter((other) =>
      events.x[other] === events.x[event] && events.y[other] === events.y[event]);
    return here[(here.indexOf(chosen) + 1) % here.length];
  };

  box.addEventListener('click', (click) => {
    const [event, distance] = nearest(click);
    const arrow = click.target.closest('g[data-event]');
    if (arrow !== null && distance > 10) {
      const end = eventOf(Number(arrow.dataset.end));
      choose(isDrawn(end) ? end : eventOf(Number(arrow.dataset.event)));
    } else if (event >= 0) {
      choose(nextAt(event));
    }
  });
  box.addEventListener('scroll', () => {
    heads.setAttribute('transform', `translate(0 ${box.scrollTop / scale})`);
  });
  slider.addEventListener('input', () => choose(steps[Number(slider.value)]));
  filter.addEventListener('change', showFiltered);
  byId('back').addEventListener('click', () => move(-1));
  byId('forward').addEventListener('click', () => move(1));
  byId('clear').addEventListener('click', () => choose(-1));
  rows[0].parentElement.addEventListener('click', (click) => {
    const row = click.target.closest('tr');
    if (row !== null && click.target.closest('a') === null) choose(rows.indexOf(row));
  });

  const keys = {
    ArrowLeft: (key) => (key.shiftKey ? moveAtNode(-1) : move(-1)),
    ArrowRight: (key) => (key.shiftKey ? moveAtNode(1) : move(1)),
    Home: () => choose(steps[0]),
    End: () => choose(steps[steps.length - 1]),
    Escape: () => choose(-1),
    c: chooseCause,
  };
  document.addEventListener('keydown', (key) => {
    if (key.ctrlKey || key.metaKey || key.altKey || keys[key.key] === undefined) return;
    // These elements use the keys themselves.
    if (key.target.closest('select, textarea, input:not([type=range]), .wide, pre') !== null) return;
    key.preventDefault();
    keys[key.key](key);
  });

  // A link to an event chooses it. A link above the diagram also scrolls to the diagram.
  const chooseLinked = (hash, showDiagram) => {
    const match = /^#e(?:vent-)?(\d+)$/.exec(hash);
    const event = match === null ? -1 : eventOf(Number(match[1]));
    if (!isDrawn(event)) return false;
    if (showDiagram) box.scrollIntoView({block: 'start'});
    choose(event);
    return true;
  };
  document.addEventListener('click', (click) => {
    const anchor = click.target.closest('a[href^="#e"]');
    if (anchor === null) return;
    const isHere = anchor.closest('.events, .panel') !== null;
    const hash = anchor.getAttribute('href');
    if (!chooseLinked(hash, !isHere)) return;
    click.preventDefault();
    history.replaceState(null, '', hash);
  });
  window.addEventListener('hashchange', () => chooseLinked(location.hash, true));

  // ---- Beginning

  data.transactions.forEach((name, transaction) => {
    const option = make('option', '', name);
    option.value = String(transaction);
    filter.append(option);
  });
  byId('filter-label').hidden = data.transactions.length < 2;
  for (const element of document.querySelectorAll('.controls, .panel, .keys')) {
    element.hidden = false;
  }
  document.documentElement.classList.add('scripted');
  fit();
  new ResizeObserver(fit).observe(box);
  findSteps();
  show();
  chooseLinked(location.hash, true);
  // Once more after the browser has scrolled to the target of the address.
  window.addEventListener('load', () => {
    requestAnimationFrame(() => chooseLinked(location.hash, true));
  });
})();
