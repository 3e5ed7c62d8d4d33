// The box under an exercise that asks for a value: type, check, ask for the hint. Right, or which
// mistake it looks like; what you checked is there again when you come back, until you clear it.
((judge, begin) => {
  const make = (tag, name = "", text = "") =>
    Object.assign(document.createElement(tag), { className: name, textContent: text });

  // The exercise is written in base64, so that a glance at the page's source doesn't give its answer
  // away. It is no secret: whoever wants to read it can.
  const decoded = (text) =>
    JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt())));

  // Browsers may refuse to remember anything: in private windows, in frames, for files.
  const memory = (key) => ({
    get: () => {
      try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
    },
    set: (value) => {
      try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* then it is forgotten */ }
    },
    clear: () => {
      try { localStorage.removeItem(key); } catch { /* nothing was kept */ }
    },
  });

  function field(label) {
    const input = Object.assign(make("input"), { type: "text", autocomplete: "off", spellcheck: false });
    input.autocapitalize = "off";
    if (label) input.setAttribute("aria-label", label);
    return input;
  }

  // One line to type into.
  function line(one) {
    const root = make("label", "line", "Your answer "), input = field();
    input.placeholder = one ? "such as 12, −0.5 or 2/3" : "such as 3, −0.5, 2/3";
    root.append(input);
    return {
      root,
      typed: () => input.value,
      fill: (typed) => (input.value = typed),
      read: () => judge.read(input.value, one),
    };
  }

  // Cells to type into. How many there are is part of the answer, so they start as two by two.
  function table() {
    const root = make("div", "cells"), sizes = make("div", "sizes"), grid = make("div", "grid");
    const [rows, columns] = ["rows", "columns"].map((name) => {
      const label = make("label", "", `${name} `);
      const input = Object.assign(make("input"), { type: "number", min: 1, max: 9 });
      label.append(input);
      sizes.append(label);
      input.onchange = () => fill(typed());
      return input;
    });
    const within = (input) => Math.min(9, Math.max(1, Math.round(input.value) || 1));
    const typed = () => [...grid.children].map((row) => [...row.children].map((cell) => cell.value));

    // As many cells as the two sizes say, with what is `kept` in them.
    function fill(kept) {
      const lines = Array.from({ length: (rows.value = within(rows)) }, (_, i) => {
        const row = make("div");
        for (let j = 0; j < (columns.value = within(columns)); j++) {
          const cell = field(`row ${i + 1}, column ${j + 1}`);
          cell.value = kept[i]?.[j] ?? "";
          row.append(cell);
        }
        return row;
      });
      grid.replaceChildren(...lines);
    }
    function resize(kept) {
      rows.value = kept.length || 2;
      columns.value = kept[0]?.length || 2;
      fill(kept);
    }

    // A whole table that is pasted into one cell spreads over the cells.
    grid.onpaste = (event) => {
      let pasted;
      try { pasted = judge.read(event.clipboardData.getData("text")); } catch { return; }
      if (judge.shapeOf(pasted)?.length !== 2) return;
      event.preventDefault();
      resize(pasted.map((row) => row.map((value) => value ?? "")));
    };
    resize([]);
    root.append(make("span", "", "Your answer"), grid, sizes);
    return { root, typed, fill: (kept) => resize(kept || []), read: () => judge.readCells(typed()) };
  }

  function start(root) {
    const exercise = decoded(root.dataset.d), kept = memory(`course-utils exercise ${root.dataset.n}`);
    const { right } = exercise, shape = right.parts ? [right.parts.length] : judge.shapeOf(right);
    const answer = shape.length === 2 ? table() : line(!shape.length);
    const view = make("div", "view"), keys = make("div", "keys");
    const said = make("div", "said"), verdict = make("p"), hint = make("p");
    said.setAttribute("role", "status"); // read aloud when it changes
    said.append(verdict, hint);

    function tell(status, text) {
      said.dataset.status = status;
      verdict.textContent = text;
    }
    function check() {
      let found;
      try {
        found = judge.judge(exercise, answer.read());
      } catch (error) {
        return tell("unread", `“${error.message}” can't be read as numbers. Type 12, −0.5, 2/3 or 1e-3, with commas between several.`);
      }
      if (found.status === "not attempted") return tell("unread", "There is nothing to check yet: type your answer first.");
      kept.set(answer.typed());
      tell(found.status, found.status === "right" ? "✓ Right." : `✗ ${found.says}`);
    }
    function clear() {
      kept.clear();
      answer.fill("");
      tell("", "");
      hint.textContent = "";
      view.querySelector("input").focus();
    }
    for (const [name, press] of [
      ["Check", check],
      ["Hint", () => (hint.textContent = hint.textContent ? "" : `Hint: ${exercise.hint}`)],
      ["Clear", clear],
    ]) {
      const button = Object.assign(make("button", "", name), { type: "button", onclick: press });
      keys.append(button);
    }
    // Enter checks from wherever one types. What is typed here is none of the page's keys.
    answer.root.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && !event.isComposing) check();
    });
    view.append(answer.root, keys, said);
    const source = root.querySelector(".src");
    source.before(view);
    source.hidden = true;
    const before = kept.get();
    if (before) {
      answer.fill(before);
      check();
    }
  }

  begin(".cjx", start);
})
