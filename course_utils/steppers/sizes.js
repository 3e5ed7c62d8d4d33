// Draws one axis of a convolution: which inputs each output reads, for numbers the reader chooses.
((begin) => {
  const make = (tag, name = "", text = "") =>
    Object.assign(document.createElement(tag), { className: name, textContent: text });
  const shape = (tag, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const listed = (words) =>
    words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
  const CELL = 30, DOWN = 110;

  function start(root) {
    const controls = make("div", "rs"), board = make("div", "sv"), view = make("div", "view");
    const formula = make("p", "ln"), words = make("p", "ln"), lines = make("div");
    lines.setAttribute("role", "status");
    lines.append(formula, words);
    view.append(controls, board, lines);

    function slider(name, least, most, value) {
      const label = make("label"), input = make("input"), shown = make("span", "n");
      Object.assign(input, { type: "range", min: least, max: most });
      input.value = value;
      input.setAttribute("aria-label", name);
      input.oninput = draw;
      label.append(make("span", "", name), input, shown);
      controls.append(label);
      return { input, shown };
    }
    const chosen = root.dataset.own.split(";").map((text) => slider(...text.split(",")));
    const looked = slider("look at output", 1, 1, 1);

    function cell(svg, column, y, text, kind) {
      const box = { x: column * CELL + 2, y, width: CELL - 4, height: CELL - 4, rx: 5 };
      const group = shape("g", { class: kind });
      const middle = { x: column * CELL + CELL / 2, y: y + CELL / 2 - 2 };
      group.append(shape("rect", box), shape("text", middle, text));
      svg.append(group);
      return group;
    }

    function draw() {
      const [size, kernel, stride, padding, dilation] = chosen.map(({ input, shown }) => {
        shown.textContent = input.value;
        return +input.value;
      });
      const places = size + 2 * padding, reach = dilation * (kernel - 1) + 1;
      const output = Math.floor((places - reach) / stride) + 1, fits = reach <= places;
      const last = fits ? output : 1;
      looked.input.max = last;
      looked.input.disabled = !fits;
      looked.shown.textContent = fits ? looked.input.value : "–";
      const at = looked.input.value - 1;
      const reads = (o) => Array.from({ length: kernel }, (_, k) => o * stride + k * dilation);
      const window = fits ? reads(at) : reads(0).filter((place) => place < places);
      const all = fits ? new Set(Array.from({ length: output }, (_, o) => reads(o)).flat()) : new Set();
      const inside = (place) => place >= padding && place < size + padding;

      const width = places * CELL;
      const svg = shape("svg", { viewBox: `0 0 ${width} ${DOWN + CELL + 22}`, role: "img" });
      svg.style.width = `${width * 1.15}px`;
      svg.style.minWidth = `${width * 0.75}px`;
      svg.append(shape("text", { x: 2, y: 12, class: "cap" }, padding ? "input, with padding" : "input"));
      const middle = (o) => ((reads(o)[0] + reads(o).at(-1)) / 2) * CELL + CELL / 2;
      const join = (o, kind) => reads(o).forEach((place) => svg.append(shape("line", {
        x1: place * CELL + CELL / 2, y1: 20 + CELL, x2: middle(o), y2: DOWN, class: kind,
      })));
      if (fits) {
        for (let o = 0; o < output; o++) if (o !== at) join(o, "far");
        join(at, "near");
      }
      for (let place = 0; place < places; place++) {
        const kind = [inside(place) ? "x" : "p", window.includes(place) ? "i" : "",
          fits && !all.has(place) ? "no" : ""].join(" ");
        cell(svg, place, 22, inside(place) ? place - padding + 1 : 0, kind);
      }
      if (fits) {
        for (let o = 0; o < output; o++) {
          const made = cell(svg, middle(o) / CELL - 0.5, DOWN, o + 1, o === at ? "o" : "x");
          made.onclick = () => { looked.input.value = o + 1; draw(); };
        }
        svg.append(shape("text", { x: 2, y: DOWN + CELL + 14, class: "cap" }, "output"));
      }
      board.replaceChildren(svg);

      formula.hidden = !fits;
      formula.textContent =
        `output size = ⌊(${size} + 2·${padding} − ${dilation}·(${kernel} − 1) − 1) / ${stride}⌋ + 1 = `;
      formula.append(make("b", "", output));
      const own = window.filter(inside).map((place) => place - padding + 1);
      const zeros = window.length - own.length;
      const unread = Array.from({ length: size }, (_, i) => i + 1).filter((i) => !all.has(i + padding - 1));
      const parts = [];
      if (own.length) parts.push(`input${own.length > 1 ? "s" : ""} ${listed(own)}`);
      if (zeros) parts.push(`${zeros} zero${zeros > 1 ? "s" : ""} of the padding`);
      words.textContent = fits
        ? `Output ${at + 1} reads ${parts.join(" and ")}.` +
          (unread.length ? ` No output reads input${unread.length > 1 ? "s" : ""} ${listed(unread)}.` : "")
        : `No output: the kernel reaches over ${reach} places` +
          (dilation > 1 ? `, ${dilation}·(${kernel} − 1) + 1,` : "") +
          ` and the padded input has only ${places}, ${size} + 2·${padding}.` +
          " Choose a larger size or padding, or a smaller kernel or dilation.";
      svg.setAttribute("aria-label", words.textContent);
    }
    const source = root.querySelector(".src");
    draw();
    looked.input.value = Math.ceil(looked.input.max / 2);
    draw();
    source.hidden = true;
    source.before(view);
  }

  begin(".cst[data-own]", start);
})
