import { numberText } from "../model/quantity.js";
import { LogSearch } from "../net/log-search.js";
import { button, h, joined, searchField } from "./element.js";

const typingDelay = 250;

/** The search of one log, with its bar; its filter shows what was found instead. */
export function logFinder({ daemon, feed, route, scroller, log, say, signal, change }) {
  const finder = { ask, toggle, step, draw };
  let shown = log;
  let timer;

  function ask(words, delay) {
    change(words);
    if ("filter" in words) {
      show();
    } else {
      clearTimeout(timer);
      timer = setTimeout(begin, delay);
    }
  }

  function toggle(key) {
    ask({ [key]: route[key] ? undefined : 1 });
  }

  function begin(current) {
    finder.search?.close();
    finder.current = current;
    finder.search = route.q ? new LogSearch(daemon, { ...route }, found) : undefined;
    finder.search?.more();
    show();
  }

  function show() {
    const before = shown;
    shown = (route.filter && finder.search) || log;
    if (shown !== before) scroller.show(shown, place());
    change();
  }

  function place() {
    return shown === log ? finder.current : finder.search.indexOf(finder.current);
  }

  function found() {
    if (finder.current === undefined && !finder.search.problem) step(1);
    change();
  }

  function step(by) {
    finder.search?.retry();
    const { matches = [] } = finder.search ?? {};
    if (matches.length === 0) return;
    const wanted = matches.indexOf(finder.current) + by;
    const next = (wanted + matches.length) % matches.length;
    if (next !== wanted) say(`From the ${by > 0 ? "first" : "last"} match again.`);
    if (next === matches.length - 1) finder.search.more();
    finder.current = matches[next];
    scroller.reveal(place());
    change();
  }

  function draw() {
    const { search } = finder;
    // What the log has grown by is searched, too.
    if (search?.isComplete) search.more(log.end);
    const option = (key, label, title) => button(label, () => toggle(key),
      { title, "aria-label": title, "aria-pressed": `${Boolean(route[key])}` });
    const stepper = (by, label, title) => button(label, () => step(by),
      { "aria-label": title, disabled: !search?.problem && !search?.matches.length });
    return h("div.bar.search", { role: "search" },
      searchField("Search the whole log", route.q, (text) => ask({ q: text }, typingDelay), {
        onkeydown({ key, shiftKey }) {
          if (key === "Enter") step(shiftKey ? -1 : 1);
        },
      }),
      stepper(-1, "↑", "Previous match"), stepper(1, "↓", "Next match"),
      option("regex", ".*", "Regular expression"), option("case", "Aa", "Capitals matter"),
      option("filter", "Filter", "Only lines that match"),
      h("span.count", { class: search?.problem && "refused", role: "status" },
        search && countText(search, finder.current)));
  }

  // No subject: the daemon is back.
  feed.addEventListener("news", ({ detail }) => detail ?? finder.search?.retry(), { signal });
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    finder.search?.close();
  });
  // A link leads to its line.
  begin(route.lines?.first);
  return finder;
}

function countText({ matches, total, isRunning, isComplete, problem }, current) {
  const isAll = isComplete || total > 0;
  const all = `${numberText(Math.max(total, matches.length))}${isAll ? "" : "+"}`;
  const count = matches.length > 0 ? `${numberText(matches.indexOf(current) + 1)} of ${all}`
    : !isRunning && !problem && "no match";
  return joined([count, problem, isRunning && "searching"]);
}
