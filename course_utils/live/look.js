// A network of the course, alive: draw a digit, see every map of every layer, point at any unit to
// see how it was computed, and send a gradient back. `engine` computes; this file draws and listens.
((engine, begin) => {
  const SIDE = 28;
  const BLUE = [0, 114, 178], ORANGE = [213, 94, 0];
  const make = (tag, name = "", text = "") =>
    Object.assign(document.createElement(tag), { className: name, textContent: text });
  const label = (words, control) => {
    const made = make("label", "", words);
    made.append(control);
    return made;
  };
  const written = (value) => {
    const text = Math.abs(value) < 1e-3 && value ? value.toExponential(1) : value.toFixed(3);
    return text.replace("-", "−");
  };

  // A value as a colour: blue above zero, orange below, white at zero; `top` is the strongest.
  function colour(pixels, at, value, top) {
    const strength = top ? Math.min(1, Math.abs(value) / top) : 0;
    const hue = value > 0 ? BLUE : ORANGE;
    for (let c = 0; c < 3; c++) pixels[at + c] = 255 + strength * (hue[c] - 255);
    pixels[at + 3] = 255;
  }

  // ---- The digit -------------------------------------------------------------------------------

  const blank = () => new Float64Array(SIDE * SIDE);
  const clip = (value) => Math.max(0, Math.min(1, value));

  // The pixel between four others, each by how near it is: bilinear interpolation.
  function between(image, row, column) {
    const i = Math.floor(row), j = Math.floor(column), u = row - i, v = column - j;
    const at = (a, b) => (a < 0 || b < 0 || a >= SIDE || b >= SIDE ? 0 : image[a * SIDE + b]);
    return (1 - u) * ((1 - v) * at(i, j) + v * at(i, j + 1)) + u * ((1 - v) * at(i + 1, j) + v * at(i + 1, j + 1));
  }

  // For every pixel of the result: where in the image was it before the move and the turn?
  function moved(image, { right, down, turn }) {
    const middle = (SIDE - 1) / 2, angle = (turn * Math.PI) / 180, cos = Math.cos(angle), sin = Math.sin(angle);
    return blank().map((_, k) => {
      const y = Math.floor(k / SIDE) - middle - down, x = (k % SIDE) - middle - right;
      return between(image, middle + cos * y - sin * x, middle + sin * y + cos * x);
    });
  }

  // A thicker stroke: each pixel takes the darkest of its neighbours, paler the further away it is.
  function thicker(image, radius) {
    if (!radius) return image;
    const reach = Math.ceil(radius);
    return image.map((_, k) => {
      let most = 0;
      for (let i = -reach; i <= reach; i++)
        for (let j = -reach; j <= reach; j++) {
          const row = Math.floor(k / SIDE) + i, column = (k % SIDE) + j;
          if (row < 0 || column < 0 || row >= SIDE || column >= SIDE) continue;
          most = Math.max(most, image[row * SIDE + column] * clip(radius + 1 - Math.hypot(i, j)));
        }
      return most;
    });
  }

  // Random numbers that are the same each time, so that noise stands still while you look at it.
  function noisy(image, strength) {
    if (!strength) return image;
    let state = 1;
    const random = () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    // The sum of twelve even numbers from 0 to 1, less 6, is nearly normal with standard deviation 1.
    return image.map((p) => clip(p + strength * (Array.from({ length: 12 }, random).reduce((a, b) => a + b) - 6)));
  }

  function covered(image, at) {
    if (!at) return image;
    return image.map((p, k) =>
      Math.abs(Math.floor(k / SIDE) - at[0]) <= 4 && Math.abs((k % SIDE) - at[1]) <= 4 ? 0 : p);
  }

  // ---- A network with its switches ---------------------------------------------------------------

  // The layers as the switches have them. Weights are shared, only flipped kernels are copied.
  function switched(layers, on) {
    let result = layers.map((layer) => {
      if (layer.kind !== "conv" || !on.flip) return layer;
      const area = layer.kernel ** 2, weight = new Float64Array(layer.weight.length);
      for (let k = 0; k < weight.length; k++)
        weight[k] = layer.weight[Math.floor(k / area) * area + area - 1 - (k % area)];
      return { ...layer, weight };
    });
    if (on.order)
      for (let k = 1; k < result.length; k++)
        if (result[k].kind === "max" && result[k - 1].kind === "relu")
          [result[k - 1], result[k]] = [result[k], result[k - 1]];
    if (on.logits) result = [...result, { kind: "relu" }];
    return result;
  }

  // Which pixels of the input a unit of layer k can see: first and last row and column.
  function field(layers, k, row, column) {
    let [top, bottom, left, right] = [row, row, column, column];
    for (let at = k; at >= 0; at--) {
      const { kind, kernel, padding, side } = layers[at];
      if (kind === "linear" || kind === "flatten") return [0, SIDE - 1, 0, SIDE - 1];
      if (kind === "conv") {
        [top, left] = [top - padding, left - padding];
        [bottom, right] = [bottom - padding + kernel - 1, right - padding + kernel - 1];
      }
      if (kind === "max" || kind === "mean") {
        [top, left] = [top * side, left * side];
        [bottom, right] = [bottom * side + side - 1, right * side + side - 1];
      }
    }
    return [top, bottom, left, right].map((edge) => Math.max(0, Math.min(SIDE - 1, edge)));
  }

  const words = {
    conv: (l) => `convolution ${l.kernel}×${l.kernel}`,
    linear: () => "linear layer",
    norm: () => "batch norm",
    max: (l) => `max pooling ${l.side}×${l.side}`,
    mean: (l) => `average pooling ${l.side}×${l.side}`,
    relu: () => "ReLU",
  };
  const shaped = ([, channels, height, width]) =>
    height ? `${channels} ${channels > 1 ? "maps" : "map"} of ${height} × ${width}` : `${channels} numbers`;

  // ---- One layer's picture: all of its maps on one canvas ------------------------------------------

  function picture(title, onpick) {
    const box = make("figure", "layer"), caption = make("figcaption", "", title), canvas = make("canvas");
    let shape, columns, chosen = [0, 0, 0];
    box.append(caption, canvas);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");

    const place = ([c, i, j]) => [
      Math.floor(c / columns) * ((shape[2] || 1) + 1) + i,
      (c % columns) * ((shape[3] || 1) + 1) + j,
    ];
    function draw(values, its, marked) {
      shape = its;
      const [, channels, height = 1, width = 1] = shape;
      columns = height > 1 ? Math.min(channels, width > 20 ? 4 : 8) : Math.min(channels, 32);
      const rows = Math.ceil(channels / columns);
      canvas.width = columns * (width + 1) - 1;
      canvas.height = rows * (height + 1) - 1;
      canvas.style.setProperty("--across", `${canvas.width * (height > 1 ? 4 : 11)}px`);
      const image = new ImageData(canvas.width, canvas.height), area = height * width;
      const top = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
      for (let k = 0; k < channels * area; k++) {
        const [row, column] = place([Math.floor(k / area), Math.floor((k % area) / width), k % width]);
        colour(image.data, 4 * (row * canvas.width + column), values[k], top);
      }
      const context = canvas.getContext("2d");
      context.putImageData(image, 0, 0);
      if (marked) {
        const [row, column] = place(chosen);
        context.fillStyle = "#000";
        for (const [i, j] of [[-1, 0], [1, 0], [0, -1], [0, 1]]) context.fillRect(column + j, row + i, 1, 1);
      }
      canvas.setAttribute("aria-label", `${title}: ${shaped(shape)}. Arrow keys choose a unit.`);
    }
    function pick(unit) {
      const [, channels, height = 1, width = 1] = shape;
      const [c, i, j] = unit;
      if (c < 0 || i < 0 || j < 0 || c >= channels || i >= height || j >= width) return;
      chosen = unit;
      onpick(unit);
    }
    canvas.onpointerdown = canvas.onpointermove = (event) => {
      if (event.type === "pointermove" && event.pointerType !== "mouse" && !event.buttons) return;
      const scale = canvas.width / canvas.clientWidth, [, , height = 1, width = 1] = shape;
      const row = Math.floor(event.offsetY * scale), column = Math.floor(event.offsetX * scale);
      const [a, b] = [height + 1, width + 1];
      if (row % a < height && column % b < width)
        pick([Math.floor(row / a) * columns + Math.floor(column / b), row % a, column % b]);
    };
    canvas.onkeydown = (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      const [, , height = 1, width = 1] = shape, flat = height === 1 && width === 1;
      let [c, i, j] = [chosen[0], chosen[1] + step[0], chosen[2] + step[1]];
      if (flat) [c, i, j] = [c + step[1] + columns * step[0], 0, 0];
      // Past the edge of one map lies the next.
      else if (j < 0) [c, j] = [c - 1, width - 1];
      else if (j >= width) [c, j] = [c + 1, 0];
      else if (i < 0) [c, i] = [c - columns, height - 1];
      else if (i >= height) [c, i] = [c + columns, 0];
      pick([c, i, j]);
    };
    return { box, draw, caption, unit: () => chosen };
  }

  // ---- How one unit was computed -------------------------------------------------------------------

  const grid = (title, rows, marked = () => "") => {
    const table = make("table"), caption = make("caption", "", title);
    table.append(caption);
    rows.forEach((row, i) => {
      const line = table.insertRow();
      row.forEach((value, j) => (line.insertCell().textContent = written(value)));
      [...line.cells].forEach((cell, j) => (cell.className = marked(i, j)));
    });
    return table;
  };

  // Puts the sum that made unit [c, i, j] of layer k into `box`.
  function explain(box, layers, outputs, k, [c, i, j], training) {
    const layer = layers[k], x = outputs[k], y = outputs[k + 1];
    const [, , height = 1, width = 1] = y.shape, [, , H = 1, W = 1] = x.shape;
    const at = (c * height + i) * width + j, value = y.data[at];
    const where = height > 1 ? `map ${c + 1}, row ${i + 1}, column ${j + 1}` : `number ${c + 1}`;
    const say = (...parts) => box.append(make("p", "", parts.join("")));
    const pixel = (map, row, column) =>
      row < 0 || column < 0 || row >= H || column >= W ? 0 : x.data[(map * H + row) * W + column];
    const square = (side, cell) =>
      Array.from({ length: side }, (_, a) => Array.from({ length: side }, (_, b) => cell(a, b)));
    box.replaceChildren(make("p", "", ""));
    box.firstChild.append(make("b", "", words[layer.kind](layer)), `, ${where}: `, make("b", "", written(value)));

    if (layer.kind === "conv") {
      const { inputs, kernel, padding, weight, bias } = layer;
      const window = (map) => square(kernel, (a, b) => pixel(map, i + a - padding, j + b - padding));
      const kernelOf = (map) =>
        square(kernel, (a, b) => weight[((c * inputs + map) * kernel + a) * kernel + b]);
      const products = (map) => window(map).map((row, a) => row.map((v, b) => v * kernelOf(map)[a][b]));
      const sums = Array.from({ length: inputs }, (_, map) => products(map).flat().reduce((p, q) => p + q));
      const shown = sums.reduce((best, s, map) => (Math.abs(s) > Math.abs(sums[best]) ? map : best), 0);
      const tables = make("div", "sum");
      tables.append(
        grid("window", window(shown)), make("span", "", "×"), grid("weights", kernelOf(shown)),
        make("span", "", "="), grid("products", products(shown)),
      );
      box.append(tables);
      const others = sums.reduce((p, q) => p + q) - sums[shown];
      const rest = inputs > 1 ? ` The other ${inputs - 1} input maps add ${written(others)},` : " With";
      say(`These ${kernel ** 2} products${inputs > 1 ? ` (input map ${shown + 1}, which counts most)` : ""} `,
        `add up to ${written(sums[shown])}.${rest} the bias ${written(bias[c])}: ${written(value)}.`);
    } else if (layer.kind === "relu") {
      say(`max(0, ${written(x.data[at])}) = ${written(value)}`);
    } else if (layer.kind === "max" || layer.kind === "mean") {
      const inside = square(layer.side, (a, b) => pixel(c, i * layer.side + a, j * layer.side + b));
      const winner = inside.flat().indexOf(value);
      box.append(grid("window", inside, (a, b) =>
        layer.kind === "max" && a * layer.side + b === winner ? "w" : ""));
      say(`The ${layer.kind === "max" ? "largest" : "mean"} of them is ${written(value)}.`);
    } else if (layer.kind === "norm") {
      if (training) say(`The mean and the standard deviation are those of this batch: the digit among twenty others.`);
      else {
        const deviation = Math.sqrt(layer.variance[c] + layer.eps);
        say(`(${written(x.data[at])} − ${written(layer.mean[c])}) / ${written(deviation)} · `,
          `${written(layer.weight[c])} + ${written(layer.bias[c])} = ${written(value)}`);
      }
    } else if (layer.kind === "linear") {
      const { inputs, weight, bias } = layer;
      const all = Array.from({ length: inputs }, (_, n) => [n, x.data[n], weight[c * inputs + n]]);
      all.sort(([, a, v], [, b, w]) => Math.abs(b * w) - Math.abs(a * v));
      const table = grid("the five products that count most",
        all.slice(0, 5).map(([, a, v]) => [a, v, a * v]));
      const head = table.createTHead().insertRow();
      ["input", "weight", "product"].forEach((name) => head.append(make("th", "", name)));
      box.append(table);
      const five = all.slice(0, 5).reduce((sum, [, a, v]) => sum + a * v, 0);
      say(`The other ${inputs - 5} products add ${written(value - five - bias[c])}, `,
        `the bias ${written(bias[c])}: ${written(value)}.`);
    }
  }

  // ---- The widget ------------------------------------------------------------------------------------

  function start(root) {
    const source = root.querySelector(".src"), data = JSON.parse(root.querySelector(".data").textContent);
    const networks = data.networks.map((network) => ({ ...network, layers: engine.read(network) }));
    const digits = data.digits.map(([name, pixels]) =>
      [name, Float64Array.from(atob(pixels), (character) => character.charCodeAt(0) / 255)]);
    const view = make("div", "view"), line = make("p", "sr");
    line.setAttribute("role", "status");

    let base = digits[0][1].slice(), cover = null, tool = "draw", cursor = [14, 14], picked = null;
    const change = { right: 0, down: 0, turn: 0, thick: 0, noise: 0 }, on = {};
    let towards = null; // the class whose gradient is shown; null shows values

    // The digit: a canvas to draw on.
    const paper = make("canvas", "paper");
    Object.assign(paper, { width: SIDE, height: SIDE, tabIndex: 0 });
    paper.setAttribute("role", "img");
    paper.setAttribute("aria-label",
      "The digit, 28 by 28 pixels. Draw on it with mouse, pen or finger; or move with the arrow keys and press the space bar.");
    const image = () =>
      covered(noisy(thicker(moved(base, change), change.thick), change.noise), cover);

    function bake() {
      base = thicker(moved(base, change), change.thick);
      for (const key of ["right", "down", "turn", "thick"]) change[key] = 0;
      sliders.forEach((slider) => (slider.value = change[slider.name]));
    }
    function stroke(row, column) {
      if (tool === "cover") return (cover = [Math.round(row), Math.round(column)]);
      bake();
      for (let k = 0; k < SIDE * SIDE; k++) {
        const away = Math.hypot(Math.floor(k / SIDE) - row, (k % SIDE) - column), ink = clip(2 - away);
        base[k] = tool === "draw" ? Math.max(base[k], ink) : Math.min(base[k], 1 - ink);
      }
    }
    let last = null;
    paper.onpointerdown = paper.onpointermove = (event) => {
      if (!event.buttons) return (last = null);
      if (event.type === "pointerdown") paper.setPointerCapture(event.pointerId);
      const scale = SIDE / paper.clientWidth;
      const here = [event.offsetY * scale - 0.5, event.offsetX * scale - 0.5], from = last || here;
      const steps = Math.ceil(2 * Math.hypot(here[0] - from[0], here[1] - from[1])) || 1;
      for (let s = 1; s <= steps; s++)
        stroke(...[0, 1].map((a) => from[a] + ((here[a] - from[a]) * s) / steps));
      cursor = here.map(Math.round);
      last = here;
      soon();
    };
    paper.onpointerup = () => (last = null);
    paper.onkeydown = (event) => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], " ": null }[event.key];
      if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      if (step) cursor = cursor.map((at, a) => Math.max(0, Math.min(SIDE - 1, at + step[a])));
      else stroke(...cursor);
      soon();
    };

    // Controls.
    const choose = (options, act) => {
      const select = make("select");
      options.forEach(([value, text]) => select.append(Object.assign(make("option", "", text), { value })));
      select.onchange = () => { act(select.value); soon(); };
      return select;
    };
    const button = (text, act) =>
      Object.assign(make("button", "", text), { type: "button", onclick: () => { act(); soon(); } });
    const sliders = [
      ["right", "move right", -8, 8, 1], ["down", "move down", -8, 8, 1], ["turn", "turn (°)", -60, 60, 5],
      ["thick", "thicker", 0, 2, 0.25], ["noise", "noise", 0, 0.5, 0.05],
    ].map(([name, text, min, max, step]) => {
      const slider = Object.assign(make("input"), { type: "range", name, min, max, step, value: 0 });
      slider.oninput = () => { change[name] = +slider.value; soon(); };
      slider.text = text;
      return slider;
    });
    const clear = () => {
      cover = null;
      for (const key of Object.keys(change)) change[key] = 0;
      sliders.forEach((slider) => (slider.value = 0));
    };
    const digit = choose([...digits.map(([name], k) => [k, name]), ["", "an empty sheet"]], (k) => {
      base = k === "" ? blank() : digits[k][1].slice();
      clear();
    });
    const tools = choose([["draw", "draw"], ["erase", "erase"], ["cover", "cover with a patch"]], (name) => (tool = name));
    const first = choose(networks.map(({ words: name }, k) => [k, name]), () => rebuild());
    const second = choose([["", "none"], ...networks.map(({ words: name }, k) => [k, name])], () => rebuild());
    const switches = [
      ["order", "pool before ReLU"], ["flip", "flip the kernels"], ["raw", "leave Normalize out"],
      ["train", "no eval()"], ["logits", "ReLU on the logits"],
    ].map(([name, text]) => {
      const box = Object.assign(make("input"), { type: "checkbox", name });
      box.onchange = () => { on[name] = box.checked; rebuild(); soon(); };
      return [name, box, label(text, box)];
    });

    const controls = make("div", "controls"), sheet = make("div", "sheet"), panel = make("div", "panel");
    const nets = make("div", "nets"), working = make("div", "working"), setting = make("div", "switches");
    panel.append(
      label("start from ", digit), label("pen ", tools),
      ...sliders.map((slider) => label(`${slider.text} `, slider)),
      button("Undo all changes", () => { digit.onchange(); }),
    );
    sheet.append(paper, panel);
    controls.append(label("network ", first));
    if (networks.length > 1) controls.append(label("beside it ", second));
    setting.append(...switches.map(([, , its]) => its));
    working.setAttribute("aria-live", "polite");
    view.append(sheet, controls, setting, nets, working, line);

    // The networks on show, each with its pictures.
    let shown = [];
    function rebuild() {
      const ids = [first.value, second.value].filter((id) => id !== "");
      const kinds = new Set(ids.flatMap((id) => networks[id].layers.map(({ kind }) => kind)));
      const useful = {
        order: kinds.has("max"), flip: kinds.has("conv"), train: kinds.has("norm"), logits: true,
        raw: ids.some((id) => networks[id].mean || networks[id].std !== 1),
      };
      for (const [name, box] of switches) box.disabled = !useful[name];
      nets.replaceChildren();
      picked = null;
      working.replaceChildren(make("p", "hint", "Point at any unit above, or choose one with the arrow keys, to see how it was computed and which pixels it sees."));
      shown = ids.map((id, n) => {
        const layers = switched(networks[id].layers, on), column = make("div", "net");
        const bars = make("div", "bars");
        column.append(
          make("p", "name", networks[id].words), bars,
          make("p", "ask", "Press a digit to send the gradient of its score back."),
        );
        const parts = layers.map((layer, k) => {
          if (layer.kind === "flatten") return null;
          const part = picture(words[layer.kind](layer), (unit) => { picked = { n, k, unit }; soon(); });
          part.box.dataset.kind = layer.kind;
          column.append(part.box);
          return part;
        });
        const rows = Array.from({ length: 10 }, (_, k) => {
          const row = make("button", "bar"), value = make("span", "p"), fill = make("span", "fill");
          row.type = "button";
          row.append(make("b", "", k), fill, value);
          row.onclick = () => { towards = towards === k ? null : k; soon(); };
          bars.append(row);
          return { row, value, fill };
        });
        nets.append(column);
        return { network: networks[id], layers, parts, rows, column };
      });
    }

    function paint() {
      waiting = false;
      const pixels = image();
      let over = null; // what is drawn over the digit: a gradient, or the field of a unit
      shown.forEach((net, n) => {
        const { mean, std } = on.raw ? { mean: 0, std: 1 } : net.network;
        const training = Boolean(on.train) && net.layers.some(({ kind }) => kind === "norm");
        const batch = training ? [pixels, ...digits.map(([, its]) => its)] : [pixels];
        const x = {
          data: Float64Array.from(batch.flatMap((its) => Array.from(its, (p) => (p - mean) / std))),
          shape: [batch.length, 1, SIDE, SIDE],
        };
        net.outputs = engine.forward(net.layers, x, training);
        const scores = net.outputs.at(-1).data.subarray(0, 10), shares = engine.softmax(scores);
        const best = shares.indexOf(Math.max(...shares));
        let values = net.outputs;
        if (towards !== null) {
          const grad = { data: new Float64Array(10 * batch.length), shape: [batch.length, 10] };
          grad.data[towards] = 1;
          values = engine.backward(net.layers, net.outputs, grad, training);
          if (n === 0) over = { gradient: values[0].data.subarray(0, SIDE * SIDE) };
        }
        net.parts.forEach((part, k) => {
          if (!part) return;
          const { data: all, shape } = values[k + 1], one = all.length / batch.length;
          const its = Boolean(picked && picked.n === n && picked.k === k);
          part.draw(all.subarray(0, one), shape, its);
          part.caption.textContent = `${words[net.layers[k].kind](net.layers[k])}: ${shaped(shape)}` +
            (towards === null ? "" : `, gradient of the score of ${towards}`);
        });
        net.rows.forEach(({ row, value, fill }, k) => {
          fill.style.setProperty("--p", shares[k]);
          value.textContent = `${(100 * shares[k]).toFixed(1)} %  (${written(scores[k])})`;
          row.classList.toggle("best", k === best);
          row.setAttribute("aria-pressed", towards === k);
          row.setAttribute("aria-label", `${k}: ${(100 * shares[k]).toFixed(1)} per cent, score ${written(scores[k])}`);
        });
        net.says = `${net.network.words}: ${best}, ${(100 * shares[best]).toFixed(1)} %`;
      });
      if (picked) {
        const { n, k, unit } = picked, net = shown[n], training = on.train && net.outputs[0].shape[0] > 1;
        explain(working, net.layers, net.outputs, k, unit, training);
        over = { ...over, field: field(net.layers, k, unit[1], unit[2]) };
      }
      drawPaper(pixels, over);
      const says = shown.map((net) => net.says).join("; ");
      if (line.textContent !== says) line.textContent = says;
    }

    function drawPaper(pixels, over) {
      const context = paper.getContext("2d"), ink = new ImageData(SIDE, SIDE);
      const top = over && over.gradient ? over.gradient.reduce((m, v) => Math.max(m, Math.abs(v)), 0) : 0;
      pixels.forEach((p, k) => {
        if (top) colour(ink.data, 4 * k, over.gradient[k], top);
        else ink.data.set([255, 255, 255, 255].map((v, c) => (c < 3 ? v * (1 - p) : v)), 4 * k);
        if (top && p > 0.5) for (let c = 0; c < 3; c++) ink.data[4 * k + c] *= 0.75;
      });
      context.putImageData(ink, 0, 0);
      if (over && over.field) {
        const [upper, lower, left, right] = over.field;
        context.fillStyle = "rgba(0, 158, 115, 0.3)";
        context.fillRect(left, upper, right - left + 1, lower - upper + 1);
      }
      if (document.activeElement === paper) {
        context.fillStyle = "rgba(213, 94, 0, 0.9)";
        context.fillRect(cursor[1], cursor[0], 1, 1);
      }
    }

    // However many changes come between two frames, one picture is drawn.
    let waiting = false;
    const soon = () => { if (!waiting) waiting = requestAnimationFrame(paint) || true; };
    paper.onfocus = paper.onblur = soon;

    rebuild();
    if (data.second !== undefined) { second.value = data.second; rebuild(); }
    // A page that is long already has the widget folded, until its reader opens it.
    if (root.dataset.folded) {
      const fold = make("details");
      fold.append(make("summary", "", root.dataset.folded), view);
      source.before(fold);
    } else source.before(view);
    paint();
    source.hidden = true;
  }

  begin(".cnl", start);
})
