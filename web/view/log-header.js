import { instancesAt } from "../model/log-choice.js";
import { countText, runTimeText } from "../model/quantity.js";
import { addressOf, logAddress } from "../model/route.js";
import { endingWords } from "../model/status.js";
import { h } from "./element.js";
import { statusBadge } from "./status-badge.js";

export function logHeader(route, job, now, more) {
  const { namespace, workflow, pod } = route;
  return h("header.bar.log-header",
    h("div",
      h("p.place", h("a", { href: addressOf("jobs", { namespace }) }, namespace),
        workflow && " / ", workflow && h("a", { href: addressOf("workflow", route) }, workflow)),
      h("h1", route.job ?? pod)),
    job && h("div.facts",
      h("span.ending", { role: "status" }, statusBadge(job), " ", endingWords(job)),
      runTimeText(job, now), job.gaps > 0 && h("span.gaps", countText(job.gaps, "gap")), more));
}

export function logChooser(route, instances) {
  const [shown = { ...route, label: route.container }] = instancesAt(instances, route);
  const all = { ...shown, container: "*", attempt: undefined, label: "all, in order of time" };
  const current = route.container === "*" ? all : shown;
  const choices = new Set([...instances, instances.length > 1 ? all : current, current]);
  return [
    h("select", { "aria-label": "Container", value: logAddress(current),
      onchange: ({ target }) => { location.hash = target.value; } },
    ...[...choices].map((choice) =>
      h("option", { key: logAddress(choice), value: logAddress(choice) }, choice.label))),
    current.attempt < current.latest
      && h("a", { href: logAddress({ ...current, attempt: current.latest }) },
        `Attempt ${current.latest} has started`)];
}
