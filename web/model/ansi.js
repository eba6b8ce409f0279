// What a terminal shows of a line. Styles are never changed, only replaced.

export const plainStyle = Object.freeze({});

// A control sequence (parameters and last letter), a string that is not shown, another escape,
// or a control character but tab; also one that the line cuts off.
const control = new RegExp("\\x1b(?:\\[([0-9;:<=>?]{0,4096})[ -/]*([@-~]|$)"
  + "|(?:\\]|[PX^_])[^\\x07\\x1b]{0,4096}(?:\\x07|\\x1b\\\\|\\x1b?$)|[ -/]*(?:[0-OQ-WYZ\\\\`-~]|$))"
  + "|[\\0-\\x08\\x0b-\\x1f\\x7f]", "g");

const marks = { 1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "inverse", 21: "underline" };
const grounds = { 3: "foreground", 4: "background", 9: "foreground", 10: "background" };

/** Text of one style each, `{ text, style, at }`; a new one begins at each place of `cuts`, too. */
export function terminalLine(line, style = plainStyle, cuts = new Set()) {
  const columns = [];
  let column = 0;
  let done = 0;
  const write = (end) => {
    for (; done < end; done += 1, column += 1) columns[column] = { at: done, style };
  };
  for (const match of line.matchAll(control)) {
    const [sequence, parameters, letter = sequence] = match;
    write(match.index);
    done += sequence.length;
    const count = Number.parseInt(parameters, 10) || 0;
    if (letter === "m") style = changed(style, parameters);
    else if (letter === "\b" || letter === "D") column -= Math.min(column, count || 1);
    else if (letter === "G") column = Math.min(columns.length, (count || 1) - 1);
    else if (letter === "\r" || (letter === "K" && count === 2)) column = 0;
    if (letter === "K" && count !== 1) columns.length = column;
  }
  write(line.length);
  const runs = [];
  let next;
  for (const { at, style: look } of columns) {
    if (at !== next || look !== runs.at(-1).style || cuts.has(at)) {
      runs.push({ text: "", style: look, at });
    }
    runs.at(-1).text += line[at];
    next = at + 1;
  }
  return runs;
}

export function styleAfter(line, style) {
  if (!line.includes("\x1b")) return style;
  for (const [, parameters, letter] of line.matchAll(control)) {
    if (letter === "m") style = changed(style, parameters);
  }
  return style;
}

function changed(style, parameters) {
  // With colons there may be a colour space, which is empty, before the three.
  const codes = parameters.replace("::", ":").split(/[;:]/).map(Number);
  let next = { ...style };
  while (codes.length > 0) {
    const code = codes.shift();
    const ones = code % 10;
    const ground = grounds[(code - ones) / 10];
    if (code === 0) next = {};
    else if (marks[code]) next[marks[code]] = true;
    else if (code > 21 && code < 30) delete next[marks[ones]];
    else if (ground && ones < 8) next[ground] = palette(ones + (code < 90 ? 0 : 8));
    else if (code === 39 || code === 49) delete next[ground];
    const colour = code === 38 || code === 48 ? extended(codes) : undefined;
    if (colour) next[ground] = colour;
    if (code === 22) delete next.bold;
  }
  return Object.keys(next).length === 0 ? plainStyle : next;
}

/** `5;N` or `2;R;G;B` */
function extended(codes) {
  const kind = codes.shift();
  if (kind === 2) return rgb(codes.splice(0, 3));
  const number = kind === 5 ? codes.shift() : NaN;
  if (number < 16) return palette(number);
  const cube = [36, 6, 1].map((size) => Math.floor((number - 16) / size) % 6);
  if (number < 232) return rgb(cube.map((level) => level && 55 + level * 40));
  return number < 256 ? rgb(Array(3).fill(8 + (number - 232) * 10)) : undefined;
}

const palette = (number) => `var(--c${number})`;
const rgb = (values) => `rgb(${values.join(" ")})`;
