/* Questions to recall that answer back.

   In a page of this book a question is a bold line with a number, and each option below it is a
   <details>: its <summary> is the option, the rest is the answer. Anyone can read that without a
   script. This one turns each question into a group of radio buttons. It moves the words and
   copies none, so the notebook stays their only source. Nothing is stored: load the page again,
   and your answers are forgotten. How it looks is written in recall.css. */
(() => {
  "use strict";

  // An element with its properties and with what is inside it.
  const make = (tag, properties, ...inside) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...inside);
    return made;
  };

  // The questions of a section: each bold line with the <details> that follow it.
  function read(section) {
    const questions = [];
    for (const element of section.children) {
      if (element.matches("p") && element.querySelector("strong") && /^\d+\. /.test(element.textContent))
        questions.push({ line: element, folds: [] });
      else if (element.matches("details")) questions.at(-1)?.folds.push(element);
    }
    return questions;
  }

  // An option as a radio button with its answer below it; `chosen(right)` is called when it's chosen.
  function option(fold, name, chosen) {
    const summary = fold.querySelector("summary");
    summary.remove();
    // The answer to the right option begins with this word.
    const right = /^\s*Right\b/.test(fold.textContent);
    // Firefox remembers what was chosen when you load a page again, unless it is told not to.
    const radio = make("input", { type: "radio", name, autocomplete: "off" });
    const mark = make("span", { className: "tick", role: "img" }, right ? "✓" : "✗");
    mark.setAttribute("aria-label", right ? "right" : "wrong");
    const whole = make(
      "div",
      { className: right ? "option right" : "option wrong" },
      make("label", {}, radio, make("span", {}, ...summary.childNodes)),
      // A screen reader reads out what appears inside an element that has the role "status".
      make("div", { role: "status" },
        make("div", { className: "why" }, mark, make("div", {}, ...fold.childNodes))),
    );
    radio.addEventListener("change", () => {
      // The answer shows, and stays when you choose again: nothing jumps from under your finger.
      whole.classList.add("tried");
      chosen(right);
    });
    fold.remove();
    return whole;
  }

  // Arrow keys would choose the option they reach. Here they only go there, so that you can read
  // every option before you choose one, with the space bar or Enter.
  function walk(event) {
    const radios = [...event.currentTarget.querySelectorAll("input")];
    const at = radios.indexOf(event.target);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (step) radios.at((at + step) % radios.length).focus();
    else if (event.key === "Enter") radios[at].click();
    else return;
    event.preventDefault();
  }

  function start(section) {
    const questions = read(section);
    const tally = make("p", { className: "recall-tally", role: "status" });
    const first = []; // for each question: was the first choice right?
    questions.forEach(({ line, folds }, number) => {
      const group = make("fieldset", { className: "recall" });
      group.addEventListener("keydown", walk);
      line.before(group);
      group.append(make("legend", {}, line));
      for (const fold of folds)
        group.append(option(fold, `recall-${number}`, (right) => {
          first[number] ??= right;
          // `filter` and `flat` pass over the questions that have no answer yet.
          if (first.flat().length === questions.length)
            tally.textContent =
              `Right at the first try: ${first.filter(Boolean).length} of ${questions.length}.`;
        }));
    });
    section.append(tally);
  }

  addEventListener("DOMContentLoaded", () => {
    const section = document.getElementById("questions-to-recall");
    if (section) start(section);
  });
})();
