import { countText } from "../model/quantity.js";
import { logAddress } from "../model/route.js";
import { h, joined } from "./element.js";

/** Draws a job's outputs, with their lines as far as events are kept. */
export function outputList({ daemon, signal, refresh }) {
  const places = new Map();
  let after = 0;
  let known;

  async function findPlaces({ namespace, workflow, job }) {
    const url = daemon.url(["v1", "events"],
      { after, types: "podwire.job.output", namespace, workflow, job });
    try {
      for await (const { id, data } of daemon.objects(url, { signal })) {
        after = id;
        places.set(data.key, data);
      }
      refresh();
    } catch (error) {
      console.warn("lines of outputs not known", error);
    }
  }

  return (job, instances) => {
    const { outputs = {}, outputsBase64 = {}, rejected = 0, rejectedOutputs = [] } = job;
    const accepted = [...Object.entries(outputs), ...Object.entries(outputsBase64)
      .map(([key, value]) => [key, `base64:${value}`])];
    if (accepted.length + rejected === 0) return undefined;
    if (job !== known && accepted.length > 0) findPlaces(job);
    known = job;
    const row = (key, value, { stream, line } = {}, attributes) => {
      const instance = instances.find(({ name }) => name === stream);
      const href = instance && logAddress({ ...instance, lines: { first: line } });
      return h("div", { key, ...attributes }, h("dt", key), h("dd", { title: value }, value),
        href && h("a", { href }, `line ${line}`));
    };
    return h("details.outputs", { open: innerHeight > 600 && innerWidth > 600 },
      h("summary", joined([countText(accepted.length, "output"),
        rejected > 0 && `${rejected} rejected`])),
      h("dl", ...accepted.map(([key, value]) => row(key, value, places.get(key))),
        ...rejectedOutputs.map((each, index) =>
          row("rejected", each.reason, each, { class: "rejected", key: `${index} rejected` }))));
  };
}
