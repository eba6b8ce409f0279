import { hasWords } from "../model/job-list.js";
import { addressOf } from "../model/route.js";
import { statusLook } from "../model/status.js";
import { workflowFeed } from "../net/workflow-feed.js";
import { h, joined } from "./element.js";
import { listPage, listRow } from "./list-page.js";
import { statusBadge } from "./status-badge.js";

export function workflowsView({ text }, page) {
  const known = workflowFeed(page, [], page.refresh);
  return listPage({
    name: "Workflow", columns: ["Stages"],
    onText(to) {
      text = to;
      history.replaceState(null, "", addressOf("workflows", { text }));
      page.refresh();
    },
    content(now) {
      const all = known.document?.items ?? [];
      const items = all.filter((item) =>
        hasWords(text, [item.namespace, item.name, item.run, statusLook(item).label]));
      return {
        text, total: all.length, matching: items.length,
        rows: items.map((item) => workflowRow(item, now)),
        problem: known.error?.message ?? (!known.document && "Workflows: loading"),
      };
    },
  });
}

function workflowRow(item, now) {
  const { uid, namespace, name, run, stages } = item;
  return listRow(item, { key: uid },
    [h("a.job-name", { href: addressOf("workflow", { namespace, workflow: name }) }, name),
      h("span.place", joined([namespace, run], " / "))],
    [h("td.stages", ...stages.map((stage) => statusBadge(stage,
      { role: "img", title: joined([stage.name, statusLook(stage).label], ": ") },
      stage.name || "jobs")))], now);
}
