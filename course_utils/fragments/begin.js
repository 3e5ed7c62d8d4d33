// Starts every fragment of a kind that is whole and does not run yet. A notebook that is not
// trusted shows copies without scripts and data-attributes: those stay the tables that they are.
(selector, start) => {
  for (const root of document.querySelectorAll(`${selector}[data-lm-suppress-shortcuts]:not([data-on])`)) {
    root.dataset.on = "";
    // JupyterLab asks first the element that has the focus whether its own keys are wanted there.
    root.addEventListener("focusin", ({ target }) => (target.dataset.lmSuppressShortcuts = "true"));
    try {
      start(root);
      for (const control of root.querySelectorAll("button, input, select, summary, a"))
        control.dataset.lmSuppressShortcuts = "true";
    } catch (error) {
      for (const part of root.querySelectorAll(".src, .f")) part.hidden = false;
      root.querySelectorAll(".view").forEach((view) => view.remove());
      reportError(error);
    }
  }
}
