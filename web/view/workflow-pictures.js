import { durationText, runTimeText } from "../model/quantity.js";
import { jobLogAddress } from "../model/route.js";
import { endingWords, statusLook } from "../model/status.js";
import { timeline } from "../model/time-axis.js";
import { h, joined } from "./element.js";
import { statusIcon } from "./status-badge.js";

/** Pixels of a cell, and from a box to the next, as the styles have it. */
const cell = { width: 236, height: 42 };
const gap = 24;

export function workflowGraph({ boxes, nodes, edges }, addressOf, now) {
  return h("div.graph", { role: "group", "aria-label": "Jobs by what they need" },
    ...boxes.map((box) => boxOf("div.stage-box", box, { "data-type": box.type },
      statusLook(box).label)),
    h("svg", { "aria-hidden": "true" }, ...edges.map(edge)),
    ...nodes.map((node) => jobNode(node, addressOf(node), now)));
}

function boxOf(spec, item, attributes, words) {
  const { name, column, row, columns, rows } = item;
  const { tone, ...look } = statusLook(item);
  const area = `${row + 1} / ${column + 1} / span ${rows} / span ${columns}`;
  return h(spec, { key: name, "data-tone": tone, "--area": area, ...attributes },
    statusIcon(look), h("span.name", name || "jobs"), h("span.when", words));
}

function jobNode(node, href, now) {
  const { job, attempt } = node;
  const { key, label } = statusLook(node);
  const title = joined([job, label, endingWords(node), attempt > 1 && `try ${attempt}`]);
  return boxOf("a.node", node, { href, title, "aria-label": title, "data-status": key,
    "data-job": job }, runTimeText(node, now));
}

function edge({ from, to }) {
  // The edges of a stage are at the height of its name.
  const [inset, top] = to.job ? [10, 17] : [0, 28];
  const x = (from.column + from.columns) * cell.width - gap - inset;
  const toX = to.column * cell.width + inset - 5;
  const [y, toY] = [from, to].map(({ row }) => row * cell.height + top);
  const middle = (x + toX) / 2;
  return h("path",
    { d: `M${x} ${y}C${middle} ${y} ${middle} ${toY} ${toX} ${toY}m-4 -4l5 4l-5 4` });
}

export function workflowTimeline(jobs, runs, now) {
  const { marks, span, bars } = timeline(runs, now);
  return h("section.timeline", { "aria-label": "Who ran when", "--span": span },
    h("div.axis", { "aria-hidden": "true" },
      ...marks.map((mark) => h("span", durationText(mark)))),
    h("ul.bars", ...jobs.map((job) => {
      const tries = bars.filter(({ run }) => run.job === job.job);
      return h("li", { key: job.job }, h("span.name", job.job), h("span.track",
        ...tries.map((bar) => runBar(bar, now)), tries.length === 0 && statusLook(job).label));
    })));
}

function runBar({ run, from, length }, now) {
  const { label, tone } = statusLook(run);
  const title = `${label} ${runTimeText(run, now)}`;
  return h("a.run", { key: run.uid, href: jobLogAddress(run), title, "data-tone": tone,
    "--from": from, "--length": length }, title);
}
