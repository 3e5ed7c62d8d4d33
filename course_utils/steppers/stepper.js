// Reads the steps out of the plain tables, hides these and shows one step at a time.
((begin) => {
  const make = (tag, name = "", text = "") =>
    Object.assign(document.createElement(tag), { className: name, textContent: text });
  const bare = (text) => text.replace(/^\((−[^()]+)\)$/, "$1").replace(/^\((−[^()]+)\)\s·/, "$1 ·");
  // "0i3,4;1o7": cells 3 and 4 of grid 0 are inputs, cell 7 of grid 1 is an output.
  const marks = (row) => row.dataset.m.split(";").map((mark) => {
    const [, grid, kind, cells] = /(\d+)(\w)(.*)/.exec(mark);
    return { grid: +grid, kind, cells: cells ? cells.split(",").map(Number) : [] };
  });

  function tables(source, stage) {
    const rows = [...source.querySelectorAll("tr[data-m]")];
    const grids = [...source.querySelectorAll(".gw")].map((grid) => grid.cloneNode(true));
    const cells = grids.map((grid) => [...grid.querySelectorAll("td")]);
    const written = cells.map((grid) => grid.map((cell) => cell.textContent));
    written.forEach((grid, g) =>
      grids[g].style.setProperty("--c", Math.max(...grid.map((text) => text.length))));
    // The first step that gives each cell its number; until then it is empty.
    const since = cells.map((grid) => grid.map(() => -1));
    rows.forEach((row, i) => marks(row).forEach(({ grid, kind, cells }) => cells.forEach((cell) => {
      if (kind === "o" && since[grid][cell] < 0) since[grid][cell] = i;
    })));
    const phase = make("p", "ph"), board = make("div", "gs"), chips = make("ol", "cs");
    const line = make("p", "ln");
    line.setAttribute("role", "status");
    stage.append(phase, board, chips, line);
    let shown;

    function show(i) {
      const row = rows[i], table = row.closest("table"), set = table.dataset;
      if (shown !== table) {
        phase.textContent = table.caption.textContent;
        board.replaceChildren(...set.g.split(",").map((grid) => grids[grid]));
        shown = table;
      }
      cells.forEach((grid, g) => grid.forEach((cell, c) => {
        cell.classList.remove("i", "o", "w");
        cell.textContent = since[g][c] > i ? "" : written[g][c];
      }));
      const found = marks(row);
      for (const { grid, kind, cells: at } of found) {
        at.forEach((cell) => cells[grid][cell].classList.add(kind));
        reveal(grids[grid], at.map((cell) => cells[grid][cell]));
      }
      const texts = {};
      [...set.c].forEach((column, c) => (texts[column] = row.cells[c + 1].textContent));
      const values = (texts.v || "").split(set.j), working = texts.e && texts.e.split(set.j);
      const window = found[0].cells, winners = found.find(({ kind }) => kind === "w");
      const across = set.w > 0 ? +set.w : Math.min(4, values.length);
      chips.style.setProperty("--n", across);
      chips.classList.toggle("few", across < 4);
      chips.replaceChildren(...values.map((value, v) => {
        const chip = make("li", bare(value) === "0" ? "z" : "");
        if (working && working[v] !== value) chip.append(make("span", "", bare(working[v])));
        chip.append(make("b", "", bare(value)));
        if (winners && found[0].grid === winners.grid && winners.cells.includes(window[v]))
          chip.classList.add("w");
        return chip;
      }));
      const label = row.cells[0].cloneNode(true);
      line.replaceChildren(...label.childNodes, " = ");
      if (texts.r === undefined) line.append(make("b", "", values.join(", ")));
      else {
        const sum = set.b + bare(values[0]) + texts.v.slice(values[0].length) + set.a;
        if (sum !== texts.r) line.append(`${sum} = `);
        line.append(make("b", "", texts.r));
      }
    }
    return { steps: rows.length, show, line };
  }

  function reveal(wrap, [first, ...rest]) {
    if (!first || wrap.scrollWidth <= wrap.clientWidth) return;
    const last = rest.length ? rest[rest.length - 1] : first;
    const middle = (first.offsetLeft + last.offsetLeft + last.offsetWidth) / 2;
    wrap.scrollLeft = middle - wrap.clientWidth / 2;
  }

  function slides(frames, stage) {
    const line = make("p", "sr");
    line.setAttribute("role", "status");
    stage.append(line);
    const show = (i) => {
      frames.forEach((frame, f) => (frame.hidden = f !== i));
      line.textContent = `Step ${i + 1} of ${frames.length}. ${frames[i].lastChild.textContent}`;
    };
    return { steps: frames.length, show, line };
  }

  function start(root) {
    const source = root.querySelector(".src");
    const frames = [...source.children].filter((part) => part.matches(".f"));
    const bar = make("div", "bar"), stage = make("div", "st");
    const { steps, show, line } = frames.length ? slides(frames, stage) : tables(source, stage);
    const slider = Object.assign(make("input"), { type: "range", min: 1, max: steps });
    const count = make("span", "n"), label = make("label", "", "Step "), keys = make("div", "ks");
    let now = 0, timer = 0;

    function go(step) {
      now = Math.max(0, Math.min(steps - 1, step));
      show(now);
      slider.value = now + 1;
      slider.setAttribute("aria-valuetext", `${now + 1} of ${steps}`);
      count.textContent = `${now + 1} of ${steps}`;
      [first, back].forEach((key) => key.setAttribute("aria-disabled", now === 0));
      [next, last].forEach((key) => key.setAttribute("aria-disabled", now === steps - 1));
      stage.style.minHeight = Math.max(stage.offsetHeight, parseFloat(stage.style.minHeight) || 0) + "px";
    }
    function play(on) {
      clearInterval(timer);
      timer = on && setInterval(() => (now < steps - 1 ? go(now + 1) : play(false)), 1200);
      line.setAttribute("aria-live", on ? "off" : "polite");
      player.textContent = on ? "Pause" : "Play";
      if (on) go(now < steps - 1 ? now + 1 : 0);
    }
    function key(name, text, act) {
      const made = make("button", "", text);
      made.type = "button";
      if (name) made.title = name, made.setAttribute("aria-label", name);
      made.onclick = act;
      keys.append(made);
      return made;
    }
    const turn = (to) => () => { play(false); go(to()); };
    const moves = {
      Home: turn(() => 0), ArrowLeft: turn(() => now - 1),
      ArrowRight: turn(() => now + 1), End: turn(() => steps - 1),
    };
    const first = key("First step", "«", moves.Home), back = key("Previous step", "‹", moves.ArrowLeft);
    const player = key("", "Play", () => play(!timer));
    const next = key("Next step", "›", moves.ArrowRight), last = key("Last step", "»", moves.End);
    player.classList.add("pl");
    slider.oninput = () => { play(false); go(slider.value - 1); };
    root.onkeydown = (event) => {
      const move = moves[event.key];
      if (!move || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.stopPropagation();
      event.preventDefault();
      move();
    };
    addEventListener("resize", () => (stage.style.minHeight = ""));
    label.append(slider);
    bar.append(keys, label, count);
    const view = make("div", "view");
    view.append(bar);
    if (frames.length) view.prepend(stage);
    else view.append(stage);
    source.before(view);
    go(0);
    play(false);
    // Only now, when the first step stands there.
    source.hidden = !frames.length;
  }

  begin(".cst:not([data-own])", start);
})
