// Reads what you type, and judges it as course_utils/exercises/answers.py and frame.py judge an
// answer in a notebook: the same comparison, the same words. A test holds the two together.
(() => {
  // The signs that people type, as JavaScript has them: −2 is -2, 1 / 3 is 1/3, 2 × 10^8 is 2e8.
  const plain = (text) =>
    text.trim().replace(/[−–]/g, "-").replace(/\s*\/\s*/g, "/").replace(/\s*[×·*]\s*10(\^|\*\*)/g, "e");

  // One number: 12, -0.5, .5, 2/3 or 1e-3; null for a blank such as "...".
  function number(text) {
    if (/^(\.\.\.|…|\?|_+)?$/.test(text)) return null;
    const parts = text.split("/").map((part) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part) ? Number(part) : NaN));
    const value = parts.reduce((above, below) => above / below);
    if (parts.length > 2 || !Number.isFinite(value)) throw new Error(text);
    return value;
  }

  // A number, a list, or a list of lists. Commas or spaces separate; so do lines or semicolons, which
  // end a row; brackets say it all. Where `one` number is asked for, 101,770 is a single one.
  function read(typed, one = false) {
    const text = plain(typed);
    if (one && /^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text)) return number(text.replaceAll(",", ""));
    if (/[[(]/.test(text)) return bracketed(text);
    const rows = text.split(/[;\n]/).filter((row) => row.trim()).map(items);
    if (rows.length > 1) return rows;
    return !rows.length ? null : rows[0].length > 1 ? rows[0] : rows[0][0];
  }

  // What stands between commas or spaces; nothing between two commas is a blank.
  const items = (row) => row.trim().replace(/,$/, "").split(/\s*,\s*|\s+/).map(number);

  function bracketed(text) {
    const tokens = text.match(/[[\]()]|,|[^[\](),\s]+/g);
    let at = 0;
    function value() {
      if (!/[[(]/.test(tokens[at])) return number(tokens[at++] ?? "");
      const close = tokens[at++] === "[" ? "]" : ")", list = [];
      while (tokens[at] !== close) {
        if (at >= tokens.length || /^[\])]$/.test(tokens[at])) throw new Error(text);
        if (tokens[at] === ",") at++;
        else list.push(value());
      }
      at++;
      return list;
    }
    const found = value();
    if (at < tokens.length) throw new Error(text);
    return found;
  }

  // A table of cells. A list in the only cell that is filled is the whole answer.
  function readCells(rows) {
    const filled = rows.flat().filter((cell) => cell.trim());
    if (filled.length === 1 && /^\s*[[(]/.test(filled[0])) return read(filled[0]);
    return rows.map((row) => row.map((cell) => number(plain(cell))));
  }

  const isBlank = (answer) =>
    answer === null || (Array.isArray(answer) && answer.length > 0 && answer.every(isBlank));

  // The length along each axis, as NumPy has it; undefined where rows differ in length.
  function shapeOf(value) {
    if (!Array.isArray(value)) return [];
    const [first, ...others] = value.map(shapeOf);
    if (others.some((shape) => String(shape) !== String(first)) || (value.length && !first)) return undefined;
    return [value.length, ...(first ?? [])];
  }

  const tuple = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const describe = (value) =>
    value === null ? "left blank" : Array.isArray(value) ? `a list of ${value.length}` : "a number";

  // What 1 in the third significant digit counts for.
  const unitOf = (value) => Number(`1e${Number(value.toExponential(11).split("e")[1]) - 2}`);

  // Whether each number agrees with the right one: within the tolerance; with "digits" also if it is
  // right to three digits; with "cut" also if it has too few of them. What is whole is exact.
  function agreeing(values, wanted, tolerance, near) {
    const whole = wanted.every((value) => Number.isInteger(Number(value.toPrecision(12))));
    return values.map((found, i) => {
      const value = wanted[i], off = Math.abs(found - value), unit = unitOf(value);
      if (off <= tolerance * Math.max(1, Math.abs(value)) * (1 + 1e-9)) return true;
      if (near === "tolerance" || !tolerance || whole) return false;
      if (off <= (unit / 2) * (1 + 1e-9)) return true;
      return near === "cut" && [[unit, 0], [10 * unit, 0], [10 * unit, 0.5]].some(([digit, up]) =>
        Math.abs(found - Math.sign(value) * Math.floor(Math.abs(value) / digit + up) * digit) <= 1e-6 * unit);
    });
  }

  // How an answer differs from the right one, as the end of a sentence that starts with "It"; "" if
  // it doesn't. A tuple (`parts`) is compared part by part, a list as an array. Leading axes of
  // length 1 don't count.
  function difference(answer, right, tolerance, near) {
    if (right.parts) {
      const n = right.parts.length;
      if (!Array.isArray(answer)) return `should be ${n} values; it is ${describe(answer)}`;
      if (answer.length === 1 && Array.isArray(answer[0])) return difference(answer[0], right, tolerance, near);
      if (answer.length !== n) return `should be ${n} values; there are ${answer.length}`;
      for (const [i, part] of answer.entries()) {
        const found = difference(part, right.parts[i], tolerance, near);
        if (found) return `goes wrong at value ${i + 1} of ${n}, which ${found}`;
      }
      return "";
    }
    const shape = shapeOf(right), wanted = [right].flat(Infinity), single = shape.length === 0;
    const should = single
      ? "should be one number"
      : shape.length === 1 && shape[0] > 1 ? `should be ${shape[0]} numbers` : `should be an array of shape ${tuple(shape)}`;
    const misread = `${should}; it is ${describe(answer)}`;
    if (answer === null || (Array.isArray(answer) && answer.length > wanted.length)) return misread;
    const values = [answer].flat(Infinity), found = shapeOf(answer);
    if (values.includes(null)) return "still has a blank in it";
    if (!found) return `${misread} whose rows differ in length`;
    const misshapen = `${should}; it has the shape ${tuple(found)}`;
    if (values.length !== wanted.length)
      return (found.length === 1 && shape.length === 1) || !found.length ? misread : misshapen;
    const wrong = agreeing(values, wanted, tolerance, near).filter((agrees) => !agrees).length;
    const extra = found.length - shape.length;
    const leading = extra >= 0 && tuple(found) === tuple([...Array(extra).fill(1), ...shape]);
    if (!leading && !(single && values.length === 1))
      return wrong ? misshapen : `has the right numbers in the wrong shape: ${tuple(found)} instead of ${tuple(shape)}`;
    if (!wrong) return "";
    if (values.length === 1) return "is a number, but not the right one";
    return `has the right shape and ${wrong} wrong value${wrong === 1 ? "" : "s"} of ${values.length}`;
  }

  // The status of an answer, what to say of it, and which mistake it looks like, if any.
  function judge({ right, mistakes, tolerance }, answer) {
    if (isBlank(answer)) return { status: "not attempted", says: "" };
    const found = difference(answer, right, tolerance, "tolerance");
    if (!found) return { status: "right", says: "" };
    for (const near of ["tolerance", "digits"]) {
      if (!difference(answer, right, tolerance, near)) return { status: "right", says: "" };
      const mistake = mistakes.findIndex(([, wrong]) => !difference(answer, wrong, tolerance, near));
      if (mistake >= 0) return { status: "wrong", says: `This looks like ${mistakes[mistake][0]}.`, mistake };
    }
    const close = !difference(answer, right, tolerance, "cut");
    return { status: "wrong", says: close ? "Your answer is close: give three digits, and round the last." : `Your answer ${found}.`, mistake: -1 };
  }

  return { read, readCells, judge, shapeOf };
})()
