// The page of a matrix: opens the run of a cell, and moves from cell to cell by the arrow keys.
'use strict';

(() => {
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const details = target && target.closest('details');
    if (!details) return;
    details.open = true;
    target.scrollIntoView({block: 'nearest'});
    target.focus({preventScroll: true});
  };
  window.addEventListener('hashchange', open);
  document.addEventListener('click', (event) => {
    const link = event.target.closest('table.matrix a');
    if (link && link.hash === location.hash) open();
  });
  open();

  const steps = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]};
  for (const table of document.querySelectorAll('table.matrix')) {
    table.addEventListener('keydown', (event) => {
      const step = steps[event.key];
      const cell = event.target.closest('td');
      if (!step || !cell || event.ctrlKey || event.altKey || event.metaKey) return;
      // Moves to the next cell that has a run.
      let row = cell.parentElement.rowIndex;
      let column = cell.cellIndex;
      while (true) {
        row += step[0];
        column += step[1];
        const next = table.rows[row] && table.rows[row].cells[column];
        if (!next) return;
        const link = next.querySelector('a');
        if (!link) continue;
        event.preventDefault();
        link.focus();
        return;
      }
    });
  }
})();
