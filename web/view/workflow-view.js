import { graphLayout } from "../model/graph-layout.js";
import { jobLogAddress } from "../model/route.js";
import { statusLook } from "../model/status.js";
import { workflowFeed } from "../net/workflow-feed.js";
import { h } from "./element.js";
import { logHeader } from "./log-header.js";
import { workflowGraph, workflowTimeline } from "./workflow-pictures.js";

export function workflowView({ namespace, workflow: name }, page) {
  const { feed, say, refresh } = page;
  const inList = { namespace, workflow: name };
  let layout;
  const known = workflowFeed(page, [namespace, name], () => {
    refresh();
    if (known.error) return;
    layout = graphLayout(known.document.stages, known.document.declared);
    say(`${name}: ${statusLook(known.document).label}`);
  });

  function pictures(now) {
    const { createdAt } = known.document;
    // The list of jobs has earlier tries, too, and says more of a job.
    const tries = feed.list.rows(inList).filter((job) => job.createdAt >= createdAt);
    const runs = new Map([...layout.nodes.map((job) => ({ ...inList, ...job })), ...tries]
      .map((run) => [run.uid, run]));
    return [workflowGraph(layout, ({ uid }) => jobLogAddress(runs.get(uid)), now),
      workflowTimeline(layout.nodes, [...runs.values()], now)];
  }

  feed.load(inList);
  return {
    title: name,

    draw(now) {
      const { document: workflow, error } = known;
      const { status, reason, message, run } = workflow ?? {};
      const why = status === "end" ? "" : message || reason;
      return h("section.workflow",
        logHeader({ namespace, job: name }, workflow && { ...workflow, reason: why }, now,
          run && h("span", `run ${run}`)),
        error && h("p.notice", { role: "alert" }, error.message),
        ...(layout ? pictures(now) : []));
    },
  };
}
