import { endingOf, instancesAt, instancesOf } from "../model/log-choice.js";
import { countText, numberText } from "../model/quantity.js";
import { addressOf, logAddress } from "../model/route.js";
import { streamState } from "../model/stream-state.js";
import { LogReader } from "../net/log-reader.js";
import { errorPattern, firstMatch } from "../net/log-search.js";
import { MergedLog } from "../net/merged-log.js";
import { button, focusSearch, h, make } from "./element.js";
import { lineChoice } from "./line-choice.js";
import { logFinder } from "./log-finder.js";
import { logChooser, logHeader } from "./log-header.js";
import { LogScroller } from "./log-scroller.js";
import { outputList } from "./output-list.js";

const nextTimes = { off: "absolute", absolute: "relative", relative: "off" };

/** One container's log, or all of a Pod's in order of time, with what the job is at. */
export function logView(initial, page) {
  const { daemon, feed, say, signal, refresh } = page;
  const isMerged = initial.container === "*";
  const route = { ...initial };
  const outputs = outputList(page);
  const opened = new Set();
  let readers = [];
  let log;
  let finder;
  let look;
  let times = "off";
  let firstTime;
  let notice;
  /** Lines from this one on are new. */
  let seenTo = 0;
  let firstJob;
  const scroller = new LogScroller(refresh);
  const wrapping = scroller.element.classList;

  function tell(text) {
    notice = h("p.notice", text);
    say(text);
    change();
  }

  const close = () => readers.forEach((reader) => reader.close());

  function openLog(streams) {
    close();
    const { first } = (!log && route.lines) || {};
    readers = streams.map((stream) => new LogReader(daemon, stream));
    log = isMerged ? new MergedLog(daemon, readers) : readers[0];
    log.addEventListener("change", refresh);
    scroller.show(log, first);
    for (const reader of readers) {
      if (route.lines) reader.tailLines = 0;
      reader.open();
    }
  }

  async function goToFirstError() {
    const { line } = await firstMatch(daemon, route, errorPattern, signal);
    if (line === undefined || !scroller.following) return;
    finder.current = line;
    scroller.goTo(line);
    tell(`Opened at line ${numberText(line)}, the first that looks like an error.`);
  }

  async function findFirstTime() {
    const firsts = await Promise.all(readers.map(({ stream }) =>
      firstMatch(daemon, stream, "^", signal)));
    firstTime = firsts.map(({ time }) => time).sort()[0];
    change();
  }

  function reveal(line) {
    finder?.ask({ filter: undefined });
    scroller.reveal(line);
  }

  function follow(isWanted = true) {
    finder?.ask({ filter: undefined });
    scroller.follow(isWanted);
  }

  /** Draws rows anew, perhaps for another address. */
  function change(words) {
    if (words) {
      Object.assign(route, words);
      history.replaceState(null, "", logAddress(route));
    }
    look = null;
    refresh();
  }

  function clicked(event) {
    const number = event.target.closest("a.number");
    if (!number || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const line = Number(number.dataset.number);
    reveal(line);
    const { first, last } = (event.shiftKey && route.lines) || { first: line, last: line };
    change({ lines: { first: Math.min(first, line), last: Math.max(last, line) } });
  }

  async function download(event) {
    event.preventDefault();
    try {
      const href = await daemon.withTicket(daemon.logUrl(route));
      make(h("a", { href, download: true })).click();
    } catch (error) {
      tell(`Not downloaded: ${error.message}`);
    }
  }

  const keys = [
    ["/", "search", focusSearch],
    ["n", "next match", () => finder?.step(1)],
    ["N", "previous match", () => finder?.step(-1)],
    ["f", "only lines that match", () => finder?.toggle("filter")],
    ["g Home", "first line", () => scroller.goTo(0, 0)],
    ["G End", "end (and follow)", () => follow()],
    ["w", "wrap long lines", () => {
      wrapping.toggle("unwrapped");
      refresh();
    }],
    ["t", "times", () => {
      times = nextTimes[times];
      if (times === "relative") findFirstTime();
      change();
    }],
    ["Escape", "leave search, choice", () => {
      if (finder?.search) finder.ask({ q: "" });
      else change({ lines: undefined });
      scroller.element.focus();
    }],
  ];
  const actionOf = (key) => keys.find(([names]) => names.startsWith(key))[2];
  const tool = (key, label, isOn, action = actionOf(key)) => button(label, action,
    { "aria-pressed": isOn?.toString(), "aria-keyshortcuts": key });

  scroller.element.addEventListener("click", clicked);
  if (!isMerged) {
    openLog([route]);
    finder = logFinder({ ...page, route, scroller, log, change });
  }

  signal.addEventListener("abort", close);
  return {
    title: route.job ?? route.pod,
    keys,
    scrolled: scroller.element,

    accept(next) {
      if (next.name !== "log" || addressOf("log", next) !== addressOf("log", route)) return false;
      if (next.lines) reveal(next.lines.first);
      change(next);
      return true;
    },

    draw(now) {
      const job = feed.list.find(route);
      const instances = instancesOf(job);
      const shown = instancesAt(instances, route);
      // Containers begin one after the other, and again.
      const isRead = ({ name }) => readers.some(({ stream }) => stream.name === name);
      if (isMerged && (!log || scroller.following) && !shown.every(isRead)) openLog(shown);
      const isTold = job?.status === "end" && (!job.rejected || job.rejectedOutputs);
      if (!isTold && (job ?? route.workflow)) feed.poll([job ?? { ...route, uid: route.run }], now);
      if (!isMerged && !firstJob && ["failure", "timeout"].includes(job?.outcome)) goToFirstError();
      firstJob ??= job;
      look ??= {
        times, firstTime, opened, change, chosen: route.lines,
        ranges: finder?.search?.ranges, current: finder?.current,
        address: (number, line) =>
          logAddress({ ...route, lines: { first: number }, ...line?.origin }),
      };
      scroller.draw(look);
      const ending = endingOf(job, isMerged ? undefined : shown[0]);
      const state = streamState(readers, { now, ending, job: shown.length === 0 && job });
      const { problem } = readers.find((reader) => reader.problem) ?? {};
      const end = log?.end ?? 0;
      // Of a log that one found ended no line is new.
      if (seenTo === 0 || firstJob?.status === "end" || scroller.following
        || scroller.seen().last >= end) seenTo = end;
      return h("section.log-view",
        logHeader(route, job, now),
        h("div.bar", { role: "toolbar", "aria-label": "Log" },
          h("span.stream-state", { "data-phase": state.phase, role: "status" }, state.text,
            h("span", { "aria-live": "off" }, state.quiet)),
          ...logChooser(route, instances),
          h("span.controls", { key: "controls" },
            tool("t", `Times: ${times}`), tool("g", "Start"),
            tool("G", "Follow", scroller.following, () => follow(!scroller.following)),
            tool("w", "Wrap", !wrapping.contains("unwrapped")),
            !isMerged && h("a", { href: daemon.logUrl(route), download: true,
              onclick: download }, "Download"))),
        finder?.draw() ?? h("p.notice", "Choose one container to search its log."),
        problem && h("p.notice", { role: "alert" }, `Lines could not be loaded: ${problem}`),
        notice, job && outputs(job, instances),
        h("div.pane", scroller.element,
          route.lines && lineChoice(log, route.lines, { say, change }),
          end > seenTo
            && button(countText(end - seenTo, "new line"), () => follow(), { class: "chip" })));
    },
  };
}
