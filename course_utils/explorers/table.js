// Sorts and filters the rows of a plain table; each row, with its note, is a tbody of its own.
((begin) => {
  const make = (tag, name = "", text = "") =>
    Object.assign(document.createElement(tag), { className: name, textContent: text });
  const labelled = (name, text, control) => {
    const label = make("label", name, text);
    label.append(control);
    return label;
  };

  function start(root) {
    const source = root.querySelector(".src"), table = source.querySelector("table");
    const head = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies].map((body, place) => {
      const cells = [...body.rows[0].cells], note = body.rows[1];
      const texts = cells.map((cell) => cell.textContent);
      return {
        body, place, texts,
        numbers: cells.map((cell) => cell.dataset.k),
        words: [...texts, note ? note.textContent : ""].join("\n").toLowerCase(),
      };
    });
    const names = head.map((cell) => cell.textContent);
    const bar = make("div", "bar"), count = make("p", "n");
    count.setAttribute("role", "status");
    const search = Object.assign(make("input"), { type: "search", placeholder: "any words" });
    bar.append(labelled("wide", "Search", search));
    const lists = (table.dataset.f ? table.dataset.f.split(" ").map(Number) : []).map((column) => {
      const list = make("select");
      list.append(new Option("all", ""));
      for (const text of new Set(rows.map(({ texts }) => texts[column])))
        list.append(new Option(text || "(empty)", `=${text}`));
      list.onchange = show;
      bar.append(labelled("", names[column], list));
      return { column, list };
    });
    const reset = make("button", "", "Reset");
    reset.type = "button";
    bar.append(reset);
    let by = -1, down = false;

    // Numbers first, then words, empty cells last: whichever way the column is sorted.
    const rank = (row) =>
      row.numbers[by] !== undefined ? 0 : /^[\s–—-]*$/.test(row.texts[by]) ? 2 : 1;
    function compare(a, b) {
      if (by < 0) return a.place - b.place;
      const kind = rank(a);
      const order = kind === 0 ? a.numbers[by] - b.numbers[by]
        : kind === 1 ? a.texts[by].localeCompare(b.texts[by], "en", { numeric: true }) : 0;
      return kind - rank(b) || (down ? -order : order) || a.place - b.place;
    }
    function sort() {
      head.forEach((cell, column) => {
        if (column === by) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
        else cell.removeAttribute("aria-sort");
      });
      table.append(...[...rows].sort(compare).map(({ body }) => body));
      show();
    }
    function show() {
      const wanted = search.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of rows) {
        const fits = wanted.every((word) => row.words.includes(word)) &&
          lists.every(({ column, list }) => !list.value || list.value === `=${row.texts[column]}`);
        row.body.hidden = !fits;
        shown += fits;
      }
      count.textContent = `${shown} of ${rows.length} rows` +
        (by < 0 ? "" : `, sorted by ${names[by]}, ${down ? "descending" : "ascending"}`);
    }
    head.forEach((cell, column) => {
      const button = make("button");
      button.type = "button";
      const label = make("span");
      label.append(...cell.childNodes);
      button.append(label);
      button.onclick = () => {
        down = by === column && !down;
        by = column;
        sort();
      };
      cell.append(button);
    });
    search.oninput = show;
    reset.onclick = () => {
      search.value = "";
      lists.forEach(({ list }) => (list.value = ""));
      by = -1;
      down = false;
      sort();
    };
    // The built book has pages; JupyterLab opens the notebooks that they are made of.
    if ("jpThemeLight" in document.body.dataset)
      for (const link of source.querySelectorAll("a[href]")) {
        const href = link.getAttribute("href");
        if (!/^https?:/.test(href)) link.setAttribute("href", href.replace(/\.html(?=#|$)/, ".ipynb"));
      }
    show();
    source.classList.add("on");
    source.prepend(bar, count);
  }

  begin(".cex-table", start);
})
