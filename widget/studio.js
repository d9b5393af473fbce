// The studio's script: panels are compared as weights move, a page that waits for the index looks whether it is there, and
// tables get charts. Without it every page works by its forms.
(() => {
  const REST_MS = 150;
  const LOOK_MS = 700;

  // Weights: the page is asked for as the form would ask, and its panels are put into the place of these.
  const form = document.querySelector("#weights");
  let timer;
  let asked = 0;

  async function compare() {
    const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
    const number = ++asked;
    const answer = await fetch(address);
    const text = await answer.text();
    // A later question has been asked meanwhile.
    if (!answer.ok || number !== asked) return;
    const next = new DOMParser().parseFromString(text, "text/html").querySelector("#panels");
    if (!next) return;
    document.querySelector("#panels").replaceWith(document.adoptNode(next));
    history.replaceState(null, "", address);
  }

  function show() {
    for (const range of form.querySelectorAll("input[type=range]")) {
      range.nextElementSibling.value = Math.round(range.value);
    }
  }

  form?.addEventListener("input", () => {
    show();
    clearTimeout(timer);
    // Where the server does not answer, the button still asks it.
    timer = setTimeout(() => compare().catch(() => {}), REST_MS);
  });

  // A page that waits is loaded again when there is nothing to wait for, and keeps what is typed until then.
  async function look() {
    try {
      const answer = await fetch("/studio/state");
      const state = await answer.json();
      if (!state.waiting || state.failed) return location.reload();
    } catch {
      // The server may be starting again.
    }
    setTimeout(look, LOOK_MS);
  }
  if (document.querySelector("#waiting")) setTimeout(look, LOOK_MS);
  if (document.querySelector("#counting")) setTimeout(() => location.reload(), 2 * LOOK_MS);

  // Charts.
  const HEIGHT = 260;
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => {
    const probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
    probe.style.color = style.getPropertyValue(name);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const faint = (found) => found.replace(/^rgb\((.*)\)$/, "rgba($1, 0.18)");

  function rows(figure) {
    return [...figure.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent.trim()));
  }
  const number = (text) => (text === "" ? null : parseFloat(text.replaceAll(",", "")));

  // Of what is counted no half is a step of an axis.
  const STEPS = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((power) => [1, 2, 5].map((step) => step * 10 ** power));
  function axes(ink, line, labels) {
    const look = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    return [{ ...look, ...labels }, { ...look, size: 64, incrs: STEPS }];
  }

  // The first column names places along the axis, in short.
  const LETTER_WIDTH = 7;
  const LABEL_GAP = 14;
  const named = (names) => {
    const short = names.map((name) => name.replace(" to ", "–").replace(" and more", "+"));
    const wide = LABEL_GAP + LETTER_WIDTH * Math.max(...short.map((name) => name.length));
    return {
      splits: () => names.map((_, place) => place),
      // On a narrow screen some are left out.
      values: (plot, places) => {
        const every = Math.ceil((names.length * wide) / plot.bbox.width * devicePixelRatio);
        return places.map((place) => (place % every === 0 ? short[place] ?? "" : ""));
      },
    };
  };

  // Days along the axis: the table has the newest first.
  const DAY = 86_400;
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const days = {
    incrs: [1, 2, 7, 14, 28].map((count) => count * DAY),
    values: (_, places) => places.map((seconds) => day.format(seconds * 1000)),
  };

  const charts = {
    days(newest, draw) {
      const table = newest.toReversed();
      const at = table.map(([day]) => Date.parse(day) / 1000);
      const column = (which) => table.map((row) => number(row[which]));
      const line = (label, name) => ({ label, stroke: colour(name), width: 2, points: { show: table.length < 3 } });
      return {
        data: [at, ...[1, 2, 3, 4].map(column)],
        series: [{ label: "Day", value: "{YYYY}-{MM}-{DD}" }, line("Views", "--content"), line("Reads", "--research"), line("Cards seen", "--seo"), line("Cards followed", "--behavior")],
        scales: { x: { time: true } },
        axes: axes(draw.ink, draw.line, days),
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      };
    },
    rates(table, draw) {
      const names = table.map(([name]) => name);
      const column = (which) => table.map((row) => number(row[which]));
      const band = faint(colour("--content"));
      const edge = (label) => ({ label, stroke: band, width: 1, points: { show: false } });
      const percent = { incrs: STEPS.map((step) => step / 100), values: (_, values) => values.map((value) => `${value}%`) };
      const own = axes(draw.ink, draw.line, named(names));
      return {
        data: [names.map((_, place) => place), column(3), column(4), column(5)],
        series: [
          { label: "Place", value: (_, place) => names[place] ?? "–" },
          { label: "Rate", stroke: colour("--content"), width: 2, points: { show: true, size: 7 } },
          edge("From"),
          edge("To"),
        ],
        bands: [{ series: [3, 2], fill: band }],
        scales: { x: { time: false } },
        axes: [own[0], { ...own[1], ...percent }],
      };
    },
    bars(table, draw) {
      const names = table.map(([name]) => name);
      const fill = colour("--content");
      return {
        data: [names.map((_, place) => place), table.map((row) => number(row[1]))],
        series: [
          { label: "Panels", value: (_, place) => names[place] ?? "–" },
          { label: "Pages", stroke: fill, fill, paths: uPlot.paths.bars({ size: [0.7, 80] }), points: { show: false } },
        ],
        scales: { x: { time: false, range: [-0.6, names.length - 0.4] }, y: { range: (_, low, high) => [0, Math.max(1, high * 1.05)] } },
        axes: axes(draw.ink, draw.line, named(names)),
      };
    },
  };

  function chart(figure) {
    const table = rows(figure);
    const make = charts[figure.dataset.chart];
    if (!make || table.length === 0) return;
    const place = document.createElement("div");
    place.className = "chart";
    // What it shows stands in the table below.
    place.setAttribute("aria-hidden", "true");
    figure.querySelector("figcaption").after(place);
    let plot;
    const width = () => place.clientWidth - 16;
    const draw = () => {
      plot?.destroy();
      const { data, ...options } = make(table, { ink: colour("--muted"), line: colour("--line") });
      plot = new uPlot({ width: width(), height: HEIGHT, ...options }, data, place);
    };
    draw();
    new ResizeObserver(() => plot.setSize({ width: width(), height: HEIGHT })).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  }
  if (window.uPlot) document.querySelectorAll("figure[data-chart]").forEach(chart);
})();
