// The page of a sweep: draws the charts from the specifications in the page.
'use strict';

(() => {
  const specifications = JSON.parse(document.getElementById('charts-data').textContent);
  if (typeof vegaEmbed !== 'function') return;  // built without the library: the tables stay open

  const dark = window.matchMedia('(prefers-color-scheme: dark)');

  // The colours and the font that a chart takes from the page.
  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue(name).trim();
    const text = {labelColor: color('--ink'), titleColor: color('--soft')};
    const isNarrow = document.body.clientWidth < 640;
    return {
      background: color('--paper'),
      font: getComputedStyle(document.body).fontFamily,
      view: {stroke: null},
      axis: {...text, domainColor: color('--line'), tickColor: color('--line'),
        gridColor: color('--line'), labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal'},
      legend: {...text, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal',
        ...(isNarrow ? {orient: 'bottom', columns: 2} : {})},
      range: {heatmap: [color('--heat-low'), color('--heat-high')]},
      header: {...text, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal'},
      title: {color: color('--ink'), fontSize: 13, anchor: 'start'},
      point: {size: 45},
      text: {color: color('--ink')},
    };
  };

  const draw = async ({id, spec}) => {
    const place = document.getElementById(id);
    const width = place.parentElement.clientWidth;
    if (spec.concat !== undefined && width < 640) {
      spec.columns = 1;
      for (const panel of spec.concat) panel.width = Math.min(panel.width, width - 180);
    }
    await vegaEmbed(place, spec, {
      mode: 'vega-lite',
      ast: true,  // so that expressions are interpreted, not made into code
      renderer: 'svg',
      actions: false,
      config: look(),
      defaultStyle: false,
      tooltip: {disableDefaultStyle: true},
    });
    place.dataset.drawn = 'yes';
  };

  const drawAll = async () => {
    for (const chart of specifications) {
      try {
        await draw(chart);
      } catch (error) {
        console.error(`chart ${chart.id}: ${error.message}`);
        document.getElementById(chart.id).replaceChildren();
      }
    }
  };

  dark.addEventListener('change', drawAll);
  for (const table of document.querySelectorAll('figure > details')) table.open = false;
  drawAll();
})();
