import { firstInstance } from "../model/log-choice.js";
import { addressOf, jobLogAddress } from "../model/route.js";
import { waitingText } from "../model/status.js";
import { h } from "./element.js";
import { statusBadge } from "./status-badge.js";

export function waitingView(route, { feed }) {
  return {
    title: route.job,
    draw(now) {
      const job = feed.list.find(route);
      feed.poll([job ?? { ...route, uid: route.run }], now);
      if (job && firstInstance(job)) location.replace(jobLogAddress(job));
      return h("section.empty", h("h1", route.job), job && statusBadge(job),
        h("p", { role: "status" }, job ? waitingText(job)
          : "There is no such job, or it is yet to come."),
        h("a", { href: addressOf("workflow", route) }, `Workflow ${route.workflow}`));
    },
  };
}
