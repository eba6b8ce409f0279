import { jobKey } from "../model/job-list.js";
import { countText } from "../model/quantity.js";
import { addressOf, jobLogAddress } from "../model/route.js";
import { endingWords, statuses } from "../model/status.js";
import { button, h, joined } from "./element.js";
import { listPage, listRow } from "./list-page.js";

const rowStep = 200;
const outputCharacters = 200;

export function jobsView(route, { feed, refresh }) {
  const { list } = feed;
  const filter = {};
  let limit;

  function change(words) {
    Object.assign(filter, words);
    limit = rowStep;
    history.replaceState(null, "", addressOf("jobs", filter));
    // Of these the list may have only the newest.
    if (words.namespace || words.workflow) feed.load(filter);
    refresh();
  }

  function choice(key, all, names, others) {
    const oninput = ({ target }) => change({ ...others, [key]: target.value });
    const values = new Set(["", ...names, filter[key] ?? ""]);
    return h("select", { "aria-label": key, value: filter[key], oninput },
      ...[...values].map((value) => h("option", { key: value, value }, value || all)));
  }

  function showMore() {
    limit += rowStep;
    feed.load();
    refresh();
  }

  change(route);
  return listPage({
    name: "Job", columns: ["Detail", "Outputs"], onText: (text) => change({ text }),
    content(now) {
      const jobs = list.rows(filter);
      const shown = jobs.slice(0, limit);
      feed.poll(shown.filter(({ status }) => status === "scheduling"), now);
      const { namespace } = filter;
      return {
        text: filter.text, total: list.size, matching: jobs.length,
        rows: shown.map((job) => jobRow(job, now)),
        problem: feed.phase !== "live" && `Jobs: ${feed.phase}`,
        choices: [
          choice("namespace", "All namespaces", list.names("namespace"), { workflow: "" }),
          choice("workflow", "All workflows", list.names("workflow", { namespace })),
          choice("status", "All statuses", statuses)],
        more: (jobs.length > limit || feed.rest)
          && button("Show more", showMore, { class: "more" }),
      };
    },
  });
}

function jobRow(job, now) {
  const { namespace, workflow, stage, job: name, outputs = {}, attempt, gaps, rejected } = job;
  const reason = job.status !== "end" ? job.message || job.reason
    : job.outcome !== "success" && endingWords(job);
  const values = Object.entries(outputs).map(([key, value]) => `${key}=${value}`).join("  ")
    .slice(0, outputCharacters);
  return listRow(job, { key: jobKey(job), "data-job": `${namespace}/${workflow}/${name}` },
    [h("a.job-name", { href: jobLogAddress(job) }, name),
      h("a.place", { href: addressOf("workflow", job) },
        joined([namespace, workflow !== name && workflow, stage !== name && stage], " / "))],
    [h("td.detail", { class: (gaps > 0 || rejected > 0) && "gaps", title: job.message },
      joined([attempt > 1 && `try ${attempt}`, reason, gaps > 0 && countText(gaps, "gap"),
        rejected > 0 && countText(rejected, "rejected output")], " · ")),
    h("td.outputs-cell", { title: values }, values)], now);
}
