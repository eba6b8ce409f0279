import { terminalLine } from "../model/ansi.js";
import { timeText } from "../model/log-line.js";
import { numberText } from "../model/quantity.js";
import { button, h, joined } from "./element.js";

const shownCharacters = 4000;

export function logRow(index, line, look) {
  const { number = index, kind = "loading", time, isMatch, isApart } = line ?? {};
  const { chosen, current } = look;
  const names = joined([number >= chosen?.first && number <= chosen.last && "chosen",
    number === current && "current", isMatch && "match", isApart && "apart"], " ");
  return h("div.row", { key: index, class: names, "data-line": number, "data-kind": kind },
    h("a.number", { tabindex: -1, href: look.address(number, line), "data-number": number,
      "aria-label": `Line ${number}` }),
    h("span.time", { title: time }, timeText(time, look.times, look.firstTime)),
    h("span.text", ...(line ? content(line, look) : [])));
}

function content({ number, text, kind, style, source, ranges }, look) {
  // Of a progress bar the end counts.
  const end = text.length - text.lastIndexOf("\r", text.length - 2);
  const shown = text.slice(0, look.opened.has(number) || end < shownCharacters
    ? text.length : shownCharacters);
  const rest = text.length - shown.length;
  const found = ranges ?? look.ranges?.get(number) ?? [];
  const runs = terminalLine(shown, kind === "gap" ? undefined : style, new Set(found.flat()));
  return [source && h("span.source", source),
    ...runs.map((run) => piece(run, found)),
    rest > 0 && button(`… ${numberText(rest)} more characters`, () => {
      look.opened.add(number);
      look.change();
    }, { class: "open" })];
}

function piece({ text, style, at }, found) {
  const isFound = found.some(([from, to]) => from <= at && at < to);
  const node = isFound ? h("mark", text) : text;
  const names = Object.keys(style).join(" ");
  if (names === "") return node;
  const { foreground, background } = style;
  return h("span", { class: names, "--foreground": foreground, "--background": background }, node);
}
