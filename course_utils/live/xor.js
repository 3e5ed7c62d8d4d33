// XOR, trained under your hands: choose a seed, a rate, an activation, a width; watch both planes, the
// boundary and the loss; or train a hundred seeds at once. `engine` computes; this file draws.
((engine, begin) => {
  const { ACTIVATIONS, POINTS, TARGETS } = engine;
  const BLUE = [0, 114, 178], ORANGE = [213, 94, 0], STEPS = 3000;
  const make = (tag, name = "", text = "") =>
    Object.assign(document.createElement(tag), { className: name, textContent: text });

  // The colour of a probability: blue towards 1, orange towards 0, white at ½.
  function shade(p) {
    const hue = p > 0.5 ? BLUE : ORANGE, strength = 0.75 * Math.abs(2 * p - 1);
    return hue.map((c) => 255 + strength * (c - 255));
  }

  function canvas(width, height, label) {
    const made = Object.assign(make("canvas"), { width, height });
    made.setAttribute("role", "img");
    made.setAttribute("aria-label", label);
    return made;
  }

  // A square of the plane from `low` to `high`, coloured by `p`, with its points drawn on it.
  function plane(board, low, high, p, points) {
    const context = board.getContext("2d"), n = board.width, image = new ImageData(n, n);
    const at = (pixel) => low + ((pixel + 0.5) / n) * (high - low);
    for (let row = 0; row < n; row += 2)
      for (let column = 0; column < n; column += 2) {
        const [r, g, b] = shade(p([at(column), at(n - 1 - row)]));
        for (const [i, j] of [[0, 0], [0, 1], [1, 0], [1, 1]])
          image.data.set([r, g, b, 255], 4 * ((row + i) * n + column + j));
      }
    context.putImageData(image, 0, 0);
    context.font = "bold 15px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    points.forEach(([x, y], k) => {
      const scale = n / (high - low), column = (x - low) * scale, row = n - (y - low) * scale;
      context.beginPath();
      context.arc(column, row, 11, 0, 7);
      context.fillStyle = "#fff";
      context.fill();
      context.strokeStyle = "#1a1a1a";
      context.lineWidth = 2;
      context.stroke();
      context.fillStyle = "#1a1a1a";
      context.fillText(TARGETS[k], column, row + 1);
    });
  }

  // Losses over the steps, on a logarithmic axis from 0.001 to 10.
  function curve(board, losses) {
    const context = board.getContext("2d"), { width, height } = board;
    const y = (loss) => ((1 - Math.log10(Math.max(1e-3, Math.min(10, loss)))) / 4) * (height - 20);
    const x = (step) => 44 + (step / Math.max(STEPS, losses.length)) * (width - 50);
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
    context.font = "13px system-ui, sans-serif";
    for (const mark of [10, 1, 0.1, 0.01, 0.001]) {
      context.fillStyle = "#ddd";
      context.fillRect(44, y(mark), width, 1);
      context.fillStyle = "#444";
      context.fillText(mark, 2, Math.max(11, y(mark) + 4));
    }
    context.fillText(`${(losses.length - 1).toLocaleString("en")} steps`, width - 90, height - 4);
    context.beginPath();
    losses.forEach((loss, step) => context.lineTo(x(step), y(loss)));
    context.strokeStyle = `rgb(${BLUE})`;
    context.lineWidth = 2;
    context.stroke();
  }

  // Wilson's 95 % interval of a share.
  function wilson(hits, n) {
    const z = 1.959964, p = hits / n, middle = p + (z * z) / (2 * n);
    const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
    return [middle - half, middle + half].map((end) => end / (1 + (z * z) / n));
  }
  const percent = (share) => `${(100 * share).toFixed(0)} %`;

  function start(root) {
    const source = root.querySelector(".src"), rates = JSON.parse(root.querySelector(".data").textContent);
    const view = make("div", "view"), bar = make("div", "bar"), keys = make("div", "keys");
    const boards = make("div", "boards"), said = make("p", "said"), many = make("div", "many");
    said.setAttribute("role", "status");
    many.setAttribute("role", "status");

    const control = (text, made) => {
      const label = make("label", "", text);
      label.append(made);
      bar.append(label);
      return made;
    };
    const options = (texts, value) => {
      const select = make("select");
      texts.forEach((text) => select.append(make("option", "", text)));
      select.value = value;
      return select;
    };
    const seed = control("seed", Object.assign(make("input"), { type: "number", min: 0, max: 4294967295, value: 42 }));
    const rate = control("learning rate", options([0.01, 0.03, 0.1, 0.3, 1, 3], 0.1));
    const activation = control("activation", options(Object.keys(ACTIVATIONS), "tanh"));
    const hidden = control("hidden units", options([1, 2, 3, 4, 5], 2));

    const inputs = canvas(240, 240, "The plane of the inputs, coloured by the network's output; the four points with their targets.");
    const units = canvas(240, 240, "The plane of the two hidden units, with the four points where the first layer puts them.");
    const losses = canvas(300, 240, "The loss against the steps, on a logarithmic axis.");
    const figure = (board, caption) => {
      const made = make("figure");
      made.append(board, make("figcaption", "", caption));
      boards.append(made);
      return made;
    };
    figure(inputs, "inputs x₁ → and x₂ ↑");
    const second = figure(units, "hidden units h₁ → and h₂ ↑");
    figure(losses, "loss, in nats");

    let net, past, running = 0;
    const f = () => ACTIVATIONS[activation.value][0];
    function reset() {
      stop();
      const wanted = Math.floor(Math.abs(+seed.value || 0)) % 4294967296;
      seed.value = wanted;
      net = engine.network(wanted, +hidden.value);
      past = [];
      draw();
    }
    function train(steps) {
      for (let k = 0; k < steps; k++) past.push(engine.step(net, +rate.value, activation.value));
      draw();
    }
    function draw() {
      const p = (x) => engine.probability(engine.forward(net, x, f())[0]);
      plane(inputs, -0.5, 1.5, p, POINTS);
      second.hidden = net.hidden !== 2;
      if (net.hidden === 2) {
        const at = POINTS.map((x) => engine.forward(net, x, f())[1]);
        const reach = Math.max(1.2, ...at.flat().map(Math.abs));
        plane(units, -reach, reach, (h) => engine.probability(net.c + net.v[0] * h[0] + net.v[1] * h[1]), at);
      }
      const loss = engine.total(net, activation.value);
      curve(losses, [...past, loss]);
      const outputs = POINTS.map((x) => p(x).toFixed(2)).join(", ");
      const verdict = engine.solved(net, activation.value) ? "All four are right." : "Not solved yet.";
      said.textContent = `After ${past.length.toLocaleString("en")} steps the loss is ${loss.toPrecision(4)}. Outputs for 00, 01, 10, 11: ${outputs}. ${verdict}`;
    }

    const button = (text, act) => {
      const made = Object.assign(make("button", "", text), { type: "button", onclick: act });
      keys.append(made);
      return made;
    };
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    function stop() {
      cancelAnimationFrame(running);
      running = 0;
      run.textContent = "Run to 3,000";
    }
    const run = make("button");
    run.type = "button";
    run.onclick = () => {
      if (running) return stop();
      if (past.length >= STEPS) reset();
      if (still.matches) return train(STEPS - past.length);
      run.textContent = "Pause";
      const frame = () => {
        train(Math.min(25, STEPS - past.length));
        running = past.length < STEPS ? requestAnimationFrame(frame) : 0;
        if (!running) stop();
      };
      running = requestAnimationFrame(frame);
    };
    button("One step", () => { stop(); train(1); });
    button("100 steps", () => { stop(); train(100); });
    keys.append(run);
    button("Start again", reset);
    button("Next seed", () => { seed.value = +seed.value + 1; reset(); });
    button("A hundred seeds at once", () => {
      stop();
      const first = +seed.value, ends = [];
      for (let k = 0; k < 100; k++) {
        const one = engine.network((first + k) % 4294967296, +hidden.value);
        for (let n = 0; n < STEPS; n++) engine.step(one, +rate.value, activation.value);
        ends.push([engine.total(one, activation.value), engine.solved(one, activation.value)]);
      }
      tell(first, ends);
    });

    // A hundred squares, the solved ones blue, in the order of their loss; and what the course found.
    function tell(first, ends) {
      ends.sort(([a], [b]) => a - b);
      const hits = ends.filter(([, right]) => right).length, [low, high] = wilson(hits, ends.length);
      const row = make("div", "seeds");
      row.setAttribute("role", "img");
      row.setAttribute("aria-label", `${hits} of 100 solved`);
      ends.forEach(([loss, right]) => {
        const cell = make("span", right ? "yes" : "no");
        cell.title = `loss ${loss.toPrecision(3)}`;
        row.append(cell);
      });
      const key = `${activation.value} ${hidden.value} ${rate.value}`, known = rates[key];
      const own = `Seeds ${first} to ${first + 99}: ${hits} of 100 solve XOR, which puts the chance between ${percent(low)} and ${percent(high)}.`;
      many.replaceChildren(row, make("p", "", own));
      if (known) many.append(...among(hits, ...known));
    }

    // Where this hundred lies among all hundreds, if the share that the course found is the chance:
    // a bar for each number of successes, as high as it is likely; its own bar orange.
    function among(hits, n, share) {
      const chances = engine.binomial(100, share), top = Math.max(...chances), bars = make("div", "among");
      chances.forEach((chance, k) => {
        const bar = make("span", k === hits ? "own" : "");
        bar.style.height = `${Math.max(k === hits ? 4 : 0, (100 * chance) / top)}%`;
        bars.append(bar);
      });
      let low = 0, high = 100; // cut off 2.5 % at either end
      for (let sum = chances[0]; sum < 0.025; sum += chances[++low]);
      for (let sum = chances[100]; sum < 0.025; sum += chances[--high]);
      const words = `Over ${n.toLocaleString("en")} seeds the course found ${percent(share)}. With that chance, 95 in 100 such hundreds have ${low} to ${high} that solve it. This one has ${hits}.`;
      bars.setAttribute("role", "img");
      bars.setAttribute("aria-label", `How likely each number of successes is, from 0 to 100; ${hits} is marked.`);
      return [bars, make("p", "", words)];
    }

    seed.onchange = activation.onchange = hidden.onchange = reset;
    rate.onchange = draw;
    view.append(bar, keys, boards, said, many);
    // A page that is long already has the widget folded, until its reader opens it.
    if (root.dataset.folded) {
      const fold = make("details");
      fold.append(make("summary", "", root.dataset.folded), view);
      source.before(fold);
    } else source.before(view);
    reset();
    source.hidden = true;
  }

  begin(".cxr", start);
})
