// Draws the mean curves of two experiments with their bands, and says which is better, if any.
((begin) => {
  const make = (tag, name = "", text = "") =>
    Object.assign(document.createElement(tag), { className: name, textContent: text });
  const shape = (tag, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const letters = ["A", "B"];
  // A step of 1, 2 or 5 times a power of ten that takes at most `most` steps over a span.
  const nice = (span, most) => {
    const least = span / most, power = 10 ** Math.floor(Math.log10(least));
    return power * [1, 2, 5, 10].find((step) => step * power >= least * (1 - 1e-9));
  };

  const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;
  // The square of the standard error of a mean.
  const squared = (values) => {
    const middle = mean(values), n = values.length;
    return values.reduce((sum, x) => sum + (x - middle) ** 2, 0) / (n - 1) / n;
  };

  // What evaluation.compare gives. Runs that begin alike are compared in pairs, over the seeds that
  // both have; others by their means, with Welch's degrees of freedom.
  function compare(one, other, metric, quantile) {
    const last = (run) => run.of[metric].last;
    if (one.begins === other.begins) {
      const common = one.seeds.filter((seed) => other.seeds.includes(seed)), n = common.length;
      const value = (run, seed) => last(run)[run.seeds.indexOf(seed)];
      const found = common.map((seed) => value(one, seed) - value(other, seed));
      const over = `${n} seed${n === 1 ? "" : "s"} in common`;
      return { over, ...(n > 1 && interval(mean(found), squared(found), n - 1)) };
    }
    const sides = [last(one), last(other)], [a, b] = sides.map(({ length }) => length);
    const over = `${a} and ${b} seeds, unpaired`;
    if (Math.min(a, b) < 2) return { over };
    const [u, v] = sides.map(squared);
    const df = u + v ? (u + v) ** 2 / (u ** 2 / (a - 1) + v ** 2 / (b - 1)) : a + b - 2;
    return { over, ...interval(mean(sides[0]) - mean(sides[1]), u + v, df) };

    function interval(difference, variance, df) {
      const half = quantile(df) * Math.sqrt(variance);
      return { difference, low: difference - half, high: difference + half };
    }
  }

  function start(root) {
    const { scale, metrics, t, first, runs } = JSON.parse(root.dataset.d);
    // The quantile of t for df degrees of freedom, from a table over 1 / df.
    const quantile = (df) => {
      const at = (t.length - 1) / df, k = Math.min(Math.floor(at), t.length - 2);
      return t[k] + (at - k) * (t[k + 1] - t[k]);
    };
    const source = root.querySelector(".src"), view = make("div", "view");
    const bar = make("div", "bar"), board = make("div", "ch"), legend = make("ol", "lg");
    const verdict = make("p", "vd");
    verdict.setAttribute("role", "status");

    function field(text, control, name = "") {
      const label = make("label", name), words = make("span", "", text);
      label.append(words, control);
      bar.append(label);
      return words;
    }
    const picks = letters.map((letter, i) => {
      const list = make("select"), groups = {};
      runs.forEach((run, r) => {
        const group = (groups[run.group] ||= Object.assign(make("optgroup"), { label: run.group }));
        group.append(new Option(run.name, r));
      });
      list.append(...Object.values(groups));
      list.value = first[i];
      field(`Experiment ${letter}`, list, "wide");
      return list;
    });
    const list = make("select");
    for (const metric in metrics) list.append(new Option(metrics[metric].label, metric));
    field("Metric", list);
    const since = Object.assign(make("input"), { type: "range", min: 1 });
    const words = field("", since);

    const chosen = () => picks.map((pick) => runs[pick.value]);
    function choose() {
      const most = Math.max(...chosen().map(({ epochs }) => epochs));
      since.max = Math.max(1, most - 1);
      since.value = 1;
      since.disabled = most < 3;
      show();
    }
    function show() {
      const how = metrics[list.value], pair = chosen();
      words.textContent = `From epoch ${since.value}`;
      draw(how, pair);
      legend.replaceChildren(...pair.map((run, i) => entry(how, run, i)));
      verdict.replaceChildren(...judge(how, pair));
    }
    const written = (value, how) =>
      (value < 0 ? "" : "+") + (value * how.factor).toFixed(how.digits).replace("-", "−");

    function judge(how, pair) {
      const [one, other] = pair, missing = pair.findIndex((run) => !run.of[list.value]);
      const what = `${how.label[0].toUpperCase()}${how.label.slice(1)}`;
      if (missing >= 0) return [`${what} was not measured for ${letters[missing]}.`];
      if (one === other) return ["A and B are the same experiment. Choose another."];
      const { over, difference, low, high } = compare(one, other, list.value, quantile);
      if (difference === undefined) return [`A and B have ${over}: a verdict needs two or more.`];
      const word = low <= 0 && high >= 0 ? "indistinguishable"
        : low > 0 === how.higher_is_better ? "better" : "worse";
      const [d, l, h] = [difference, low, high].map((value) => written(value, how));
      const length = one.epochs === other.epochs ? ""
        : ` A was trained for ${one.epochs} epochs, B for ${other.epochs}.`;
      return [
        `${what} after the last epoch, A minus B over ${over}: ${d} ${how.points}, ` +
          `95 % interval [${l}, ${h}]. `,
        make("b", "", word === "indistinguishable" ? `A and B are ${word}.` : `A is ${word}.`),
        length,
      ];
    }
    function entry(how, run, i) {
      const item = make("li", letters[i].toLowerCase()), text = make("div");
      const sample = shape("svg", { viewBox: "0 0 44 22", "aria-hidden": true });
      sample.append(shape("path", { d: "M2 4H42V18H2Z", class: "bd" }));
      sample.append(shape("path", { d: "M2 11H42", class: "cv" }));
      const measured = run.of[list.value], n = run.seeds.length;
      const seeds = n > 1 ? `n = ${n} seeds` : "one seed, so no band";
      const last = `after epoch ${run.epochs}: ${measured ? `${measured.final} ${how.unit}` : "not measured"}, ${seeds}`;
      text.append(make("b", "", letters[i]), " ", make("code", "", run.name), ` ${last}`);
      text.append(make("small", "", run.label));
      item.append(sample, text);
      return item;
    }

    function draw(how, pair) {
      const from = +since.value, to = Math.max(from, ...pair.map(({ epochs }) => epochs));
      const drawn = pair.map((run) => {
        const found = run.of[list.value];
        if (!found) return [];
        return found.mean.map((mean, e) => {
          const half = found.half.length ? found.half[e] : 0;
          return [e + 1, mean, mean - half, mean + half].map((v, k) => (k ? (v * how.factor) / scale : v));
        }).slice(from - 1);
      });
      const all = drawn.flat(), top = how.unit === "%" ? 100 : Infinity;
      const within = (value) => Math.max(0, Math.min(top, value));
      let low = within(Math.min(...all.map((point) => point[2])));
      let high = within(Math.max(...all.map((point) => point[3])));
      if (!all.length) [low, high] = [0, 1];
      const pad = (high - low) * 0.04 || 10 ** -how.digits;
      [low, high] = [low - pad, high + pad];

      const width = Math.max(280, board.clientWidth), height = Math.min(400, Math.max(250, width * 0.5));
      const step = nice(high - low, height / 60), digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      const ticks = [];
      for (let k = Math.ceil(low / step); k * step <= high; k++) ticks.push(k * step);
      const wide = Math.max(...ticks.map((tick) => Math.abs(tick).toFixed(digits).length));
      const left = 14 + 8.5 * wide, right = width - 22, above = 30, below = height - 42;
      const x = (epoch) => (to === from ? (left + right) / 2 : left + ((epoch - from) / (to - from)) * (right - left));
      const y = (value) => below - ((within(value) - low) / (high - low)) * (below - above);

      const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
      const label = `${how.label} (${how.unit})`;
      svg.append(shape("text", { x: 2, y: 16, class: "ax" }, label));
      svg.append(shape("text", { x: right, y: height - 4, "text-anchor": "end", class: "ax" }, "epoch"));
      for (const tick of ticks) {
        const at = below - ((tick - low) / (high - low)) * (below - above);
        svg.append(shape("path", { d: `M` + `${left} ${at}H${right}`, class: "gr" }));
        const text = tick.toFixed(digits).replace("-", "−");
        svg.append(shape("text", { x: left - 8, y: at + 5, "text-anchor": "end", class: "ax" }, text));
      }
      const every = Math.max(1, nice(Math.max(1, to - from), Math.max(3, width / 60)));
      for (let e = Math.ceil(from / every) * every; e <= to; e += every)
        svg.append(shape("text", { x: x(e), y: below + 20, "text-anchor": "middle", class: "ax" }, e));
      svg.append(shape("path", { d: `M${left} ${below}H${right}`, class: "gr" }));
      const ends = drawn.map((points) => (points.length ? y(points.at(-1)[1]) : NaN));
      const close = drawn.every((points) => points.length && points.at(-1)[0] === to) &&
        Math.abs(ends[0] - ends[1]) < 14;
      drawn.forEach((points, i) => {
        const group = shape("g", { class: letters[i].toLowerCase() });
        svg.append(group);
        if (!points.length) return;
        const path = (k, some = points) => some.map((p) => `${x(p[0]).toFixed(1)} ${y(p[k]).toFixed(1)}`).join("L");
        if (pair[i].seeds.length > 1)
          group.append(shape("path", { d: `M${path(3)}L${path(2, [...points].reverse())}Z`, class: "bd" }));
        group.append(shape("path", { d: `M${path(1)}`, class: "cv" }));
        if (to - from < 15)
          for (const [e, mean] of points)
            group.append(i === 0 ? shape("circle", { cx: x(e), cy: y(mean), r: 4, class: "dot" })
              : shape("rect", { x: x(e) - 4, y: y(mean) - 4, width: 8, height: 8, class: "dot" }));
        const apart = close ? (ends[i] < ends[1 - i] || (ends[0] === ends[1] && i === 0) ? -7 : 7) : 0;
        const at = { x: x(points.at(-1)[0]) + 8, y: ends[i] + 5 + apart, class: "end" };
        group.append(shape("text", at, letters[i]));
      });
      const said = pair.map((run, i) => {
        const points = drawn[i];
        const ends = [points[0], points.at(-1)].map((p) => p && `${p[1].toFixed(how.digits)} ${how.unit}`);
        return `${letters[i]}, ${run.name}, ${points.length ? ends.join(" to ") : "not drawn"}`;
      });
      svg.setAttribute("aria-label", `${label} by epoch, ${from} to ${to}. ${said.join(". ")}.`);
      board.replaceChildren(svg);
    }

    for (const run of runs) run.epochs = Math.max(...Object.values(run.of).map(({ mean }) => mean.length));
    picks.forEach((pick) => (pick.onchange = choose));
    list.onchange = show;
    since.oninput = show;
    const more = make("details");
    view.append(bar, board, legend, verdict, more);
    source.before(view);
    choose();
    more.append(make("summary", "", `All ${runs.length} experiments: final values and small charts`), source);
    let width = board.clientWidth;
    new ResizeObserver(() => {
      if (board.clientWidth !== width) width = board.clientWidth, show();
    }).observe(board);
  }

  begin(".cex-curves", start);
})
